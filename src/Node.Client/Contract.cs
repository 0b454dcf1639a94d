using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Node.Client.Connecting;
using Node.Client.Events;
using Node.Client.Proposing;
using Node.Protocol;
using Node.Protocol.Tracing;
using Wire = Node.Protocol.Wire;

namespace Node.Client;

/// <summary>A contract on a channel, as one client sees it. Immutable, any thread.</summary>
public sealed class Contract
{
    private readonly GatewayConnection _connection;
    private readonly ChannelId _channel;
    private readonly ProposalTemplate _template;

    internal Contract(GatewayConnection connection, ChannelId channel, string name)
    {
        _connection = connection;
        _channel = channel;
        Name = name;
        _template = new ProposalTemplate(connection.Options.Identity, channel, name, connection.Options.Clock);
    }

    public string Name { get; }

    /// <summary>Builds a proposal; nothing is sent or signed yet. The arguments are copied.</summary>
    public Proposal NewProposal(string function, ProposalOptions options)
    {
        (TxId id, ByteString bytes) = _template.Build(function, options);
        var unsigned = new Wire.Peer.SignedProposal { ProposalBytes = bytes };
        return new Proposal(_connection, _channel, id, unsigned, options.EndorsingOrganizations);
    }

    public Proposal NewProposal(string function, params ReadOnlySpan<string> arguments) =>
        NewProposal(function, new ProposalOptions { Arguments = Encode(arguments) });

    /// <inheritdoc cref="Proposal.EvaluateAsync"/>
    public Task<ReadOnlyMemory<byte>> EvaluateAsync(
        string function, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        NewProposal(function, Options(arguments)).EvaluateAsync(cancellation);

    /// <summary>Endorses, orders and waits for the commit.</summary>
    /// <returns>What the contract returned; its writes are durable on the peer that answered.</returns>
    /// <exception cref="EndorseException">Nothing happened; try again.</exception>
    /// <exception cref="SubmitException">No orderer is known to have taken it.</exception>
    /// <exception cref="CommitStatusException">It was ordered; its verdict is not known.</exception>
    /// <exception cref="CommitException">It is on the ledger as invalid.</exception>
    /// <exception cref="PeerUnreachableException">Nobody answers at the endpoint.</exception>
    public async Task<ReadOnlyMemory<byte>> SubmitAsync(
        string function, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        Proposal proposal = NewProposal(function, Options(arguments));
        using Activity? span = TransactionTrace.Start(
            "client.transaction", ActivityKind.Internal, proposal.TransactionId);
        SubmittedTransaction submitted = await StartSubmitAsync(proposal, cancellation).ConfigureAwait(false);
        CommitStatus status = await submitted.Commit.GetStatusAsync(cancellation).ConfigureAwait(false);
        status.RequireValid();
        return submitted.Result;
    }

    /// <summary>Endorses and orders, and leaves the waiting for the commit to the caller.</summary>
    /// <inheritdoc cref="SubmitAsync"/>
    public Task<SubmittedTransaction> StartSubmitAsync(
        string function, ProposalOptions options, CancellationToken cancellation) =>
        StartSubmitAsync(NewProposal(function, options), cancellation);

    private static async Task<SubmittedTransaction> StartSubmitAsync(Proposal proposal, CancellationToken cancellation)
    {
        Transaction transaction = await proposal.EndorseAsync(cancellation).ConfigureAwait(false);
        Commit commit = await transaction.SubmitAsync(cancellation).ConfigureAwait(false);
        return new SubmittedTransaction(transaction.Result, commit);
    }

    /// <summary>The contract's events of valid transactions, in the order of the ledger, until cancelled.</summary>
    public IAsyncEnumerable<ContractEvent> EventsAsync(EventsFrom start, CancellationToken cancellation) =>
        ContractEventStream.ReadAsync(_connection, _channel, Name, start, cancellation);

    private static ProposalOptions Options(IReadOnlyList<string> arguments) =>
        new() { Arguments = Encode(arguments is string[] array ? array : [.. arguments]) };

    private static ReadOnlyMemory<byte>[] Encode(ReadOnlySpan<string> arguments)
    {
        var encoded = new ReadOnlyMemory<byte>[arguments.Length];
        for (int index = 0; index < encoded.Length; index++)
            encoded[index] = Encoding.UTF8.GetBytes(arguments[index]);

        return encoded;
    }
}

/// <summary>A transaction that is ordered, and the door to its verdict.</summary>
/// <param name="Result">What the contract returned to its endorsers.</param>
public sealed record SubmittedTransaction(ReadOnlyMemory<byte> Result, Commit Commit);

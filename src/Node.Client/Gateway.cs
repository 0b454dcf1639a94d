using Google.Protobuf;
using Node.Client.Connecting;
using Node.Client.Proposing;
using Node.Membership;
using Node.Protocol;
using Wire = Node.Protocol.Wire;

namespace Node.Client;

/// <summary>
/// One client's connection to a network, through one peer. Any thread; dispose it to close the connection.
/// </summary>
public sealed class Gateway : IDisposable
{
    private readonly GatewayConnection _connection;
    private readonly IDisposable? _ownedSigner;

    private Gateway(GatewayOptions options, IDisposable? ownedSigner)
    {
        _connection = new GatewayConnection(options);
        _ownedSigner = ownedSigner;
    }

    public ClientIdentity Identity => _connection.Options.Identity;

    public string Endpoint => _connection.Options.Endpoint;

    /// <summary>Local: the connection is made with the first call.</summary>
    public static Gateway Connect(GatewayOptions options) => new(options, ownedSigner: null);

    /// <summary>Connects as a user of a network that <c>hyperprov network up</c> made in a folder.</summary>
    /// <param name="organization">Name, MSP id or domain, in any case: org1, Org1MSP, org1.example.com.</param>
    /// <param name="user">Short name: User1, Admin.</param>
    /// <exception cref="NetworkFolderException">Something is missing or wrong in the folder.</exception>
    public static Gateway FromNetworkFolder(string folder, string organization, string user)
    {
        (GatewayOptions options, SigningIdentity signer) = NetworkFolder.Read(folder, organization, user);
        return new Gateway(options, signer);
    }

    /// <summary>Signs anything at all with the identity's key: an attestation, say, that is no transaction.</summary>
    /// <inheritdoc cref="Signer"/>
    /// <exception cref="InvalidOperationException">This gateway has no signer.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message) => _connection.Sign(message);

    public Network GetNetwork(ChannelId channel) => new(_connection, channel);

    /// <summary>Takes a proposal back that was signed elsewhere.</summary>
    /// <param name="bytes">What <see cref="Proposal.ToBytes"/> gave.</param>
    /// <exception cref="ArgumentException">The bytes are no proposal.</exception>
    public Proposal NewSignedProposal(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> signature)
    {
        var container = Parse(Wire.Gateway.ProposedTransaction.Parser, bytes, "a proposal");
        ByteString proposalBytes = container.Proposal?.ProposalBytes ?? ByteString.Empty;
        var proposal = Parse(Wire.Peer.Proposal.Parser, proposalBytes.Memory, "a proposal");
        var signed = new Wire.Peer.SignedProposal
        {
            ProposalBytes = proposalBytes,
            Signature = ByteString.CopyFrom(signature.Span),
        };
        var header = Parse(Wire.Common.Header.Parser, proposal.Header.Memory, "a proposal");
        return new Proposal(
            _connection, ChannelOf(header), IdOf(container.TransactionId), signed,
            [.. container.EndorsingOrganizations]);
    }

    /// <summary>Takes a transaction back that was signed elsewhere.</summary>
    /// <param name="bytes">What <see cref="Transaction.ToBytes"/> gave.</param>
    /// <exception cref="ArgumentException">The bytes are no transaction.</exception>
    public Transaction NewSignedTransaction(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> signature)
    {
        var container = Parse(Wire.Gateway.PreparedTransaction.Parser, bytes, "a transaction");
        var envelope = new Wire.Common.Envelope
        {
            Payload = container.Envelope?.Payload ?? ByteString.Empty,
            Signature = ByteString.CopyFrom(signature.Span),
        };
        var payload = Parse(Wire.Common.Payload.Parser, envelope.Payload.Memory, "a transaction");
        return new Transaction(
            _connection, ChannelOf(payload.Header), IdOf(container.TransactionId), envelope, ResultOf(envelope));
    }

    /// <summary>Takes the request for a commit's status back that was signed elsewhere.</summary>
    /// <param name="bytes">What <see cref="Commit.ToBytes"/> gave.</param>
    /// <exception cref="ArgumentException">The bytes are no such request.</exception>
    public Commit NewSignedCommit(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> signature)
    {
        var container = Parse(Wire.Gateway.SignedCommitStatusRequest.Parser, bytes, "a commit status request");
        var request = Parse(
            Wire.Gateway.CommitStatusRequest.Parser, container.Request.Memory, "a commit status request");
        return new Commit(
            _connection, IdOf(request.TransactionId), container.Request, ByteString.CopyFrom(signature.Span));
    }

    public void Dispose()
    {
        _connection.Dispose();
        _ownedSigner?.Dispose();
    }

    private static ReadOnlyMemory<byte> ResultOf(Wire.Common.Envelope envelope)
    {
        try
        {
            return PreparedEnvelope.ResultOf(envelope);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ArgumentException($"These bytes are not a transaction: {e.Message}", e);
        }
    }

    private static ChannelId ChannelOf(Wire.Common.Header? header)
    {
        ReadOnlyMemory<byte> bytes = header?.ChannelHeader.Memory ?? default;
        var channelHeader = Parse(Wire.Common.ChannelHeader.Parser, bytes, "a channel header");
        if (!ChannelId.TryParse(channelHeader.ChannelId, out ChannelId channel, out string? fault))
            throw new ArgumentException($"The channel header is wrong: {fault}.");

        return channel;
    }

    private static TxId IdOf(string text) =>
        TxId.TryParse(text, out TxId id, out string? fault) ? id : throw new ArgumentException(
            $"Wrong transaction id: {fault}.");

    private static T Parse<T>(MessageParser<T> parser, ReadOnlyMemory<byte> bytes, string what)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ArgumentException($"These bytes are not {what}: {e.Message}", nameof(bytes), e);
        }
    }
}

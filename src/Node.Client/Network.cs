using Node.Client.Channels;
using Node.Client.Connecting;
using Node.Client.Events;
using Node.Client.Following;
using Node.Client.Receipts;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Client;

/// <summary>A channel, as one client sees it. Immutable, any thread.</summary>
public sealed class Network
{
    private readonly GatewayConnection _connection;

    internal Network(GatewayConnection connection, ChannelId channel)
    {
        _connection = connection;
        Channel = channel;
    }

    public ChannelId Channel { get; }

    /// <summary>For light clients: what this peer says about the channel's blocks.</summary>
    internal ICommitmentSource Commitments => new PeerCommitments(new ProvingQuestions(_connection, Channel));

    /// <summary>Local: whether the contract exists shows with the first call.</summary>
    public Contract GetContract(string name) => new(_connection, Channel, name);

    /// <summary>The channel's configuration, for administrators.</summary>
    public ChannelAdministration Administration => new(_connection, Channel);

    /// <summary>Asks for the verdict on a transaction that was sent to order by anybody, at any time.</summary>
    public Commit GetCommit(TxId id) => new(_connection, Channel, id);

    /// <summary>Whole blocks, valid and invalid transactions alike, in order, until cancelled.</summary>
    public IAsyncEnumerable<Block> BlocksAsync(EventsFrom start, CancellationToken cancellation) =>
        BlockStream.ReadAsync(_connection, Channel, start, cancellation);

    /// <summary>Blocks reduced to transaction ids, validation codes and the names of events.</summary>
    public IAsyncEnumerable<FilteredBlock> FilteredBlocksAsync(EventsFrom start, CancellationToken cancellation) =>
        BlockStream.ReadFilteredAsync(_connection, Channel, start, cancellation);

    /// <summary>
    /// A receipt of a committed transaction, verified before it is returned, against the genesis hash it claims:
    /// whoever gets it must hold it against the one they know.
    /// </summary>
    /// <exception cref="ReceiptRefusedException">What the peer gave does not verify.</exception>
    /// <exception cref="GatewayException">
    /// No such transaction, or not enough organisations' peers attest it.
    /// </exception>
    /// <exception cref="PeerUnreachableException">Nobody answers at the endpoint.</exception>
    public async Task<Receipt> GetReceiptAsync(TxId id, CancellationToken cancellation)
    {
        var questions = new ProvingQuestions(_connection, Channel);
        Receipt receipt = Receipt.Of(await questions.ProveAsync(id, cancellation).ConfigureAwait(false));
        return Require(receipt, id, ReceiptVerification.ClaimedGenesisHash(receipt));
    }

    /// <summary>As above, verified against the genesis hash of the channel that one knows.</summary>
    /// <inheritdoc cref="GetReceiptAsync(TxId, CancellationToken)"/>
    public async Task<Receipt> GetReceiptAsync(TxId id, Hash32 genesisHash, CancellationToken cancellation)
    {
        var questions = new ProvingQuestions(_connection, Channel);
        Receipt receipt = Receipt.Of(await questions.ProveAsync(id, cancellation).ConfigureAwait(false));
        return Require(receipt, id, genesisHash);
    }

    private Receipt Require(Receipt receipt, TxId id, Hash32 genesisHash)
    {
        ReceiptReport report = ReceiptVerification.Verify(receipt, genesisHash);
        VerificationStep? culprit = report.Proven is { } proven && proven.TransactionId != id
            ? new VerificationStep("transaction", StepOutcome.Failed, $"it is of transaction {proven.TransactionId}")
            : report.Culprit;
        return culprit is null
            ? receipt
            : throw new ReceiptRefusedException(id, _connection.Options.Endpoint, culprit, report);
    }
}

using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Node.Ledger;
using Node.Membership;
using Node.Peer.Delivering;
using Node.Peer.Hosting;
using Node.Peer.Validating;
using Node.Protocol;
using Node.Protocol.Tracing;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Committing;

/// <summary>
/// The last stage of the pipeline: judges a verified block on the state it meets, makes it durable, and tells.
/// </summary>
/// <remarks>Owned by the commit loop of one channel; nothing else writes the channel's ledger.</remarks>
internal sealed class BlockCommitter
{
    private readonly PeerChannel _channel;
    private readonly PolicyValidator _policies;
    private readonly StorageWatch _storage;
    private readonly PeerMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly List<Unsettled> _unsettled = [];   // Oldest first; committed, and not announced.

    public BlockCommitter(
        PeerChannel channel, StorageWatch storage, PeerMetrics metrics, TimeProvider clock, ILogger log)
    {
        _channel = channel;
        _policies = new PolicyValidator(channel.Definitions);
        _storage = storage;
        _metrics = metrics;
        _clock = clock;
        _log = log;
    }

    /// <summary>Blocks that were committed together with others, at most.</summary>
    public const int GroupBlocksMax = 16;

    /// <summary>Whether blocks lie on the ledger that are not durable yet, nor announced.</summary>
    public bool HasUnsettled => _unsettled.Count > 0;

    /// <summary>Commits the next block.</summary>
    /// <returns>
    /// Null when the block is durable and announced; otherwise why everything in flight must be let go.
    /// </returns>
    public ValueTask<BlockRejection?> CommitAsync(BlockInFlight block, CancellationToken cancellationToken) =>
        CommitAsync(block, isFollowed: false, cancellationToken);

    /// <param name="isFollowed">
    /// The next block is ready to be committed. Then this one becomes durable and is announced with it, or by
    /// <see cref="SettleAsync"/>: one sync for several blocks while this peer catches up.
    /// </param>
    /// <inheritdoc cref="CommitAsync(BlockInFlight, CancellationToken)"/>
    public async ValueTask<BlockRejection?> CommitAsync(
        BlockInFlight block, bool isFollowed, CancellationToken cancellationToken)
    {
        try
        {
            ValueTask space = _storage.WaitForSpaceAsync(block.Block.Bytes.Length, cancellationToken);
            if (!space.IsCompleted)
                Settle();

            await space;
            return Commit(block, isFollowed && _unsettled.Count + 1 < GroupBlocksMax);
        }
        catch (NodeException e) when (e is StorageFailedException or LedgerCorruptException)
        {
            return await AnswerAsync(block.Block.Number, e, cancellationToken);
        }
    }

    /// <summary>Makes durable and announces what waits for a block that is not coming now.</summary>
    /// <inheritdoc cref="CommitAsync(BlockInFlight, CancellationToken)" path="/returns"/>
    public async ValueTask<BlockRejection?> SettleAsync(CancellationToken cancellationToken)
    {
        try
        {
            Settle();
            return null;
        }
        catch (NodeException e) when (e is StorageFailedException or LedgerCorruptException)
        {
            return await AnswerAsync(_channel.Commits.Height, e, cancellationToken);
        }
    }

    private void Settle()
    {
        if (_unsettled.Count == 0)
            return;

        _channel.Ledger.MakeDurable();
        Announce();
    }

    private async ValueTask<BlockRejection?> AnswerAsync(
        ulong number, NodeException failure, CancellationToken cancellationToken)
    {
        if (failure is StorageFailedException failed)
        {
            await _storage.WaitUntilMendedAsync(failed, cancellationToken);
            CatchUp();
            return new BlockRejection(number, "the storage failed and was mended", SenderAtFault: false);
        }

        // Nothing here can mend it, and committing on would make it worse. Other channels go on.
        _channel.Fault = failure.Message;
        PeerLog.LedgerCorrupt(_log, _channel.Id, failure.Message);
        await Task.Delay(Timeout.InfiniteTimeSpan, _clock, cancellationToken);
        return new BlockRejection(number, failure.Message, SenderAtFault: false);
    }

    private BlockRejection? Commit(BlockInFlight block, bool isFollowed)
    {
        long started = _clock.GetTimestamp();
        ulong number = block.Block.Number;
        var verdicts = new TransactionVerdict[block.Transactions.Length];
        ChannelConfig? newConfig = null;
        string? refusal = IsConfig(block)
            ? JudgeConfig(block, verdicts, out newConfig)
            : JudgeTransactions(block, verdicts);
        if (refusal is not null)
            return Refuse(block, refusal);

        long judged = _clock.GetTimestamp();
        bool isLast = !isFollowed || newConfig is not null;
        CommitResult result = _channel.Ledger.Commit(
            new BlockToCommit(block.Block, verdicts, commitmentRequired: true) { IsFollowed = !isLast });
        if (result.Refusal is { } unfit)
            return Refuse(block, unfit.Reason);

        long committed = _clock.GetTimestamp();
        Adopt(number, newConfig, result);
        _unsettled.Add(new Unsettled(Describe(block, result), () => Report(block, result, started, judged, committed)));
        if (isLast)
            Announce();

        return null;
    }

    // What stands here is durable.
    private void Announce()
    {
        foreach (Unsettled unsettled in _unsettled)
        {
            _channel.Commits.Announce(unsettled.Block);
            unsettled.Report();
        }

        _unsettled.Clear();
    }

    // A write that was reported as failed may be durable all the same: then the ledger is ahead of what was announced.
    private void CatchUp()
    {
        ChannelLedger ledger = _channel.Ledger;
        ChannelConfig config = ChannelFolder.ReadConfig(ledger);
        if (config.Sequence != _channel.Config.Sequence)
            _channel.Adopt(config);

        _unsettled.Clear();
        while (_channel.Commits.Height < ledger.Height)
            _channel.Commits.Announce(CommittedBlocks.Read(_channel, _channel.Commits.Height));
    }

    private static bool IsConfig(BlockInFlight block) =>
        block.Transactions.Length == 1 && block.Transactions[0].Envelope?.Type == HeaderType.Config;

    private BlockRejection Refuse(BlockInFlight block, string reason)
    {
        _metrics.CountRefusal(_channel.Id);
        PeerLog.CommitRefused(_log, _channel.Id, block.Block.Number, reason);
        return new BlockRejection(block.Block.Number, reason, SenderAtFault: true) { Sender = block.Sender };
    }

    // A configuration that does not apply is the orderers' fault, not a client's: they agreed to leave such entries
    // out.
    private string? JudgeConfig(BlockInFlight block, TransactionVerdict[] verdicts, out ChannelConfig? next)
    {
        ref readonly VerifiedTransaction verified = ref block.Transactions[0];
        next = null;
        if (verified.Code != TxValidationCode.Valid || verified.Envelope is null)
            return $"its configuration transaction is invalid: {verified.Code}";

        ConfigEnvelope envelope;
        try
        {
            envelope = ConfigEnvelope.Parser.ParseFrom(verified.Envelope.Data.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return "its configuration cannot be read";
        }

        if (!ConfigUpdates.TryCheckConfigTransaction(_channel.Config, envelope, out next, out string? fault))
            return fault;

        verdicts[0] = VerdictOf(verified, TxValidationCode.Valid);
        return null;
    }

    private string? JudgeTransactions(BlockInFlight block, TransactionVerdict[] verdicts)
    {
        using var keyPolicies = new KeyPolicies(_channel.Ledger);
        _policies.Begin(keyPolicies);
        for (int index = 0; index < verdicts.Length; index++)
        {
            ref readonly VerifiedTransaction verified = ref block.Transactions[index];
            if (verified.Envelope?.Type == HeaderType.Config)
                return $"transaction {index} is a configuration, which travels alone";

            bool validSoFar = verified.Code == TxValidationCode.Valid;
            TxValidationCode code = validSoFar ? _policies.Validate(verified) : verified.Code;
            verdicts[index] = VerdictOf(verified, code);
        }

        return null;
    }

    private static TransactionVerdict VerdictOf(in VerifiedTransaction verified, TxValidationCode code) =>
        new(code, verified.ReachedDuplicateCheck, verified.Envelope, verified.Transaction);

    private void Adopt(ulong number, ChannelConfig? newConfig, CommitResult result)
    {
        if (newConfig is not null)
        {
            _channel.Adopt(newConfig);
            PeerLog.ConfigAdopted(_log, _channel.Id, newConfig.Sequence, number);
        }
        else if (result.HasWrittenTo(ContractDefinitions.LifecycleNamespace))
        {
            _channel.Definitions.Forget();
        }
    }

    private static CommittedBlock Describe(BlockInFlight block, CommitResult result)
    {
        var transactions = new CommittedTransaction[block.Transactions.Length];
        for (int index = 0; index < transactions.Length; index++)
        {
            ref readonly VerifiedTransaction verified = ref block.Transactions[index];
            transactions[index] = CommittedTransaction.From(
                verified.Envelope, verified.Transaction, result.Codes[index]);
        }

        return new CommittedBlock(block.Block.Number, result.Block, transactions);
    }

    private void Trace(BlockInFlight block, CommitResult result)
    {
        DateTimeOffset accepted = _clock.GetUtcNow() - _clock.GetElapsedTime(block.AcceptedAt);
        for (int index = 0; index < block.Transactions.Length; index++)
        {
            if (block.Transactions[index].Envelope is { } envelope && envelope.TryGetTxId(out TxId id, out _))
                TransactionTrace.EndCommitted(
                    TransactionTrace.StartApart("peer.commit", id, accepted), _channel.Id, block.Block.Number,
                    result.Codes[index].ToString());
        }
    }

    private void Report(BlockInFlight block, CommitResult result, long started, long judged, long committed)
    {
        TimeSpan verify = _clock.GetElapsedTime(block.AcceptedAt, block.VerifiedAt);
        TimeSpan wait = _clock.GetElapsedTime(block.VerifiedAt, started);
        TimeSpan judge = _clock.GetElapsedTime(started, judged);
        TimeSpan commit = _clock.GetElapsedTime(judged, committed);
        int valid = 0;
        foreach (TxValidationCode code in result.Codes)
        {
            if (code == TxValidationCode.Valid)
                valid++;
            else
                _metrics.CountTransactions(_channel.Id, code, 1);
        }

        if (TransactionTrace.IsOn)
            Trace(block, result);

        _metrics.CountBlock(_channel.Id, block.Transactions.Length, block.Block.Bytes.Length);
        _metrics.CountTransactions(_channel.Id, TxValidationCode.Valid, valid);
        _metrics.AddStage(_channel.Id, "verify", verify);
        _metrics.AddStage(_channel.Id, "wait", wait);
        _metrics.AddStage(_channel.Id, "judge", judge);
        _metrics.AddStage(_channel.Id, "commit", commit);
        PeerLog.BlockCommitted(
            _log, _channel.Id, block.Block, result, new BlockTimes(verify, wait, judge, commit));
    }

    private readonly record struct Unsettled(CommittedBlock Block, Action Report);
}

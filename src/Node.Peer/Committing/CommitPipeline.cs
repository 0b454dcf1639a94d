using System.Threading.Channels;
using Node.Ledger;
using Node.Membership.Blocks;
using Node.Peer.Hosting;
using Node.Peer.Pulling;
using Node.Peer.Validating;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;

namespace Node.Peer.Committing;

/// <summary>Takes a channel's blocks from raw bytes to durable and announced.</summary>
/// <remarks>
/// <para>
/// Three stages that overlap for neighbouring blocks: acceptance (order, hashes, the orderer's signature) on the block
/// source's loop; verification of all signatures on all cores; judgement and commit, in order, on the commit loop.
/// Whatever depends on the state (definitions, key policies, versions) is judged on the commit loop, where the state is
/// exactly that of the block before. Signatures depend on the configuration alone, so only a configuration block makes
/// its successor wait.
/// </para>
/// <para>
/// One producer, the block source, calls <see cref="NextNumberAsync"/> and <see cref="AcceptAsync"/>. At most
/// <see cref="Limits.PipelineBlocksMax"/> blocks wait between the stages, of <see cref="BytesMax"/> bytes; then
/// acceptance waits.
/// </para>
/// </remarks>
internal sealed class CommitPipeline : IDisposable
{
    /// <summary>Bytes of blocks in flight above which no further one is accepted.</summary>
    public const long BytesMax = 2L * Limits.BlockBytesMax;

    private readonly PeerChannel _channel;
    private readonly BlockCommitter _committer;
    private readonly TransactionVerifier _verifier;
    private readonly TimeProvider _clock;
    private readonly WitnessBoard? _witnesses;
    private readonly Channel<BlockInFlight> _inOrder = Channel.CreateBounded<BlockInFlight>(
        new BoundedChannelOptions(Limits.PipelineBlocksMax) { SingleReader = true, SingleWriter = true });

    // Owned by the producer.
    private ExpectedBlock _expected;
    private MerkleFrontier _chain;   // Over all blocks before the expected one.
    private ulong _lastConfig;       // The newest of them with a configuration.
    private bool _afterConfig;   // The block before the expected one brings a configuration.

    // Shared between producer and commit loop.
    // Set by the commit loop: all in flight is let go. Cleared by the producer, then empty.
    private volatile BlockRejection? _restart;
    private CancellationTokenSource _restarting = new();   // Cancelled with _restart, replaced by the producer.
    private int _blocks;
    private long _bytes;
    private TaskCompletionSource _moved = NewSignal();

    public CommitPipeline(
        PeerChannel channel, BlockCommitter committer, TransactionVerifier verifier, TimeProvider clock)
        : this(channel, committer, verifier, clock, witnesses: null)
    {
    }

    /// <param name="witnesses">Asked about every block before it is committed; null believes the sender.</param>
    public CommitPipeline(
        PeerChannel channel,
        BlockCommitter committer,
        TransactionVerifier verifier,
        TimeProvider clock,
        WitnessBoard? witnesses)
    {
        _witnesses = witnesses;
        _channel = channel;
        _committer = committer;
        _verifier = verifier;
        _clock = clock;
        (_expected, _chain, _lastConfig) = After(channel.Ledger.Tip);
    }

    /// <summary>Who sends the blocks that are accepted from now on. Owned by the producer.</summary>
    public string Sender { get; set; } = "";

    /// <summary>Why everything in flight is let go; null while nothing is.</summary>
    public BlockRejection? RestartCause => _restart;

    /// <summary>Blocks accepted and not yet committed.</summary>
    public int BlocksInFlight => Volatile.Read(ref _blocks);

    /// <summary>Bytes of the blocks accepted and not yet committed.</summary>
    public long BytesInFlight => Interlocked.Read(ref _bytes);

    /// <summary>
    /// Cancelled when what was accepted after the last commit is let go: blocks must be asked for anew. Taken after
    /// <see cref="NextNumberAsync"/>, by the producer.
    /// </summary>
    public CancellationToken Restarting => _restarting.Token;

    /// <summary>The block to ask an orderer for. Waits while the channel is stopped.</summary>
    public async ValueTask<ulong> NextNumberAsync(CancellationToken cancellationToken)
    {
        if (_restart is not null)
            await StartOverAsync(cancellationToken);

        return _expected.Number;
    }

    /// <summary>
    /// Takes the next block, from outside. Waits while the pipeline is full, and after a configuration block until that
    /// is in force.
    /// </summary>
    /// <param name="bytes">
    /// An encoded common.Block. The pipeline keeps them and slices them; they are not changed again.
    /// </param>
    /// <param name="owner">
    /// Of the bytes: disposed when the block is durable and nothing slices it any more. Null for bytes that are left to
    /// the collector.
    /// </param>
    /// <returns>Null when the block was taken, otherwise why not.</returns>
    public async ValueTask<BlockRejection?> AcceptAsync(
        ReadOnlyMemory<byte> bytes, IDisposable? owner, CancellationToken cancellationToken)
    {
        await WaitForRoomAsync(bytes.Length, cancellationToken);
        if (_restart is { } cause)
        {
            await StartOverAsync(cancellationToken);
            return cause;
        }

        if (!BlockBytes.TryDecode(bytes, out BlockBytes? block, out string? fault)
            || !BlockVerifier.TryVerify(block, _expected, _channel.Config, out ExpectedBlock next, out fault)
            || !BlockVerifier.TryFollow(block, _chain, _lastConfig, out MerkleFrontier? chain, out fault))
            return Reject(block, fault);

        var inFlight = new BlockInFlight(block, owner, _verifier, _channel.Config, _clock) { Sender = Sender };
        Interlocked.Increment(ref _blocks);
        Interlocked.Add(ref _bytes, bytes.Length);
        inFlight.Start();

        // Handed over: from here on only the commit loop touches it. Nothing between counting it and this may wait or
        // be cancelled, or the count would never return to zero.
        bool written = _inOrder.Writer.TryWrite(inFlight);
        Invariant.Require(written, "acceptance waits for room before it counts a block");
        _afterConfig = BlockVerifier.IsConfigBlock(block);
        _lastConfig = _afterConfig ? block.Number : _lastConfig;
        _chain = chain;
        _expected = next;
        return null;
    }

    /// <summary>Completes when nothing that was accepted waits any more. Called by the producer.</summary>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved = Volatile.Read(ref _moved).Task;
            if (BlocksInFlight == 0)
                return;

            await moved.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The commit loop. Runs until cancelled; a block whose commit has begun is finished first.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await _inOrder.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_inOrder.Reader.TryRead(out BlockInFlight? block))
            {
                await block.Verified;
                int bytes = block.Block.Bytes.Length;
                if (_restart is null)
                    await CommitAsync(block, cancellationToken);

                Interlocked.Add(ref _bytes, -bytes);
                Interlocked.Decrement(ref _blocks);
                Interlocked.Exchange(ref _moved, NewSignal()).SetResult();
            }
        }
    }

    /// <summary>To be called when both loops have ended.</summary>
    public void Dispose() => _restarting.Dispose();

    private async ValueTask CommitAsync(BlockInFlight block, CancellationToken cancellationToken)
    {
        BlockRejection? rejection = await ConfirmAsync(block, cancellationToken);
        rejection ??= await _committer.CommitAsync(block, IsNextReady(), cancellationToken);
        if (rejection is null)
        {
            _witnesses?.Committed(block);
            block.Owner?.Dispose();
            return;
        }

        if (_committer.HasUnsettled)
            await _committer.SettleAsync(cancellationToken);

        _restart = rejection;
        await _restarting.CancelAsync();
    }

    // What is committed waits for its sync only while nothing else is waited for.
    private async ValueTask<BlockRejection?> ConfirmAsync(BlockInFlight block, CancellationToken cancellationToken)
    {
        if (_witnesses is null)
            return null;

        ValueTask<BlockRejection?> confirming = _witnesses.ConfirmAsync(block, cancellationToken);
        BlockRejection? failed = confirming.IsCompleted || !_committer.HasUnsettled
            ? null
            : await _committer.SettleAsync(cancellationToken);
        return await confirming ?? failed;
    }

    private bool IsNextReady() =>
        _inOrder.Reader.TryPeek(out BlockInFlight? next) && next.Verified.IsCompleted;

    private BlockRejection Reject(BlockBytes? block, string fault)
    {
        bool isFork = block is not null
            && block.Number == _expected.Number
            && !(block.PreviousHash.Span.SequenceEqual(_expected.PreviousHash.AsSpan()) && HasOurRoot(block));
        return new BlockRejection(_expected.Number, fault, SenderAtFault: true) { Sender = Sender, IsFork = isFork };
    }

    private bool HasOurRoot(BlockBytes block) =>
        DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? signatures, out _)
        && signatures.TryGetRoots(out BlockRoots roots, out _)
        && roots.Chain == _chain.Root;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async ValueTask WaitForRoomAsync(int bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The signal before what it tells of, so that no movement is missed.
            Task moved = Volatile.Read(ref _moved).Task;
            int blocks = BlocksInFlight;
            bool hasRoom = blocks == 0
                || (!_afterConfig && blocks < Limits.PipelineBlocksMax && BytesInFlight + bytes <= BytesMax);
            if (hasRoom || _restart is not null)
                return;

            await moved.WaitAsync(cancellationToken);
        }
    }

    private async ValueTask StartOverAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        (_expected, _chain, _lastConfig) = After(_channel.Ledger.Tip);
        _afterConfig = false;
        _restarting.Dispose();
        _restarting = new CancellationTokenSource();
        _restart = null;
    }

    private static (ExpectedBlock Expected, MerkleFrontier Chain, ulong LastConfig) After(LedgerTip tip) =>
        (new ExpectedBlock(tip.Height, tip.LastBlockHash), tip.Chain, tip.LastConfigBlock);
}

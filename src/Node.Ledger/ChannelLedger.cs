using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Node.Ledger.Blocks;
using Node.Ledger.Committing;
using Node.Ledger.Pruning;
using Node.Ledger.State;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger;

/// <summary>One channel on a peer: its blocks, world state, history and indexes, in one database.</summary>
/// <remarks>
/// One writer, the channel's commit loop, calls <see cref="Commit"/>; any number of threads read. A block, its verdicts
/// and
/// everything they cause are one atomic synced write, so block and state never disagree, and recovery is
/// <see cref="Open"/>. After a failed write the ledger refuses further commits: dispose it and open it anew.
/// </remarks>
public sealed class ChannelLedger : IDisposable
{
    private readonly LedgerDatabase _database;
    private readonly NamespaceTraits _traits;
    private readonly Committer _committer;
    private readonly LedgerOptions _options;
    private readonly bool _storesBlocks;
    private readonly Lock _writeLock = new();      // Protects the order of a write and the publishing of its snapshot.
    private readonly Lock _pruneLock = new();      // One prune at a time.
    private readonly Lock _snapshotLock = new();   // Protects _snapshot and the last reference to what it replaces.
    private SnapshotCore? _snapshot;
    private volatile LedgerTip _tip;
    private StorageFailedException? _failure;
    private ulong _firstHeld;   // Invariant: no block from here on lacks its body. Only ever raised.

    private ChannelLedger(
        ChannelId channel, LedgerDatabase database, LedgerTip tip, LedgerOptions options, bool storesBlocks)
    {
        _options = options;
        Channel = channel;
        _database = database;
        _tip = tip;
        _storesBlocks = storesBlocks;
        _firstHeld = HeldBlocks.ReadFirst(database);
        _traits = NamespaceTraits.Load(database);
        _committer = new Committer(database, _traits, checksVersions: storesBlocks || tip.Height == 0);
        _snapshot = new SnapshotCore(database, database.CreateSnapshot(), tip.Height);
    }

    public ChannelId Channel { get; }

    public string Folder => _database.Folder;

    /// <summary>The state of the chain after the last durable block.</summary>
    public LedgerTip Tip => _tip;

    /// <summary>Count of durable blocks.</summary>
    public ulong Height => _tip.Height;

    /// <summary>
    /// The first block from which on all are whole. Of those below it there are outlines, and configurations.
    /// </summary>
    public ulong FirstBlockHeld => Volatile.Read(ref _firstHeld);

    internal LedgerDatabase Database => _database;

    /// <summary>Opens the ledger in a folder, or creates an empty one. This is also how it recovers.</summary>
    /// <exception cref="StorageFailedException">The folder cannot be read or written, or another process has
    /// it.</exception>
    /// <exception cref="LedgerCorruptException">It holds another channel or format, or its last block and its savepoint
    /// do not belong together.</exception>
    public static ChannelLedger Open(string folder, ChannelId channel, LedgerOptions options)
    {
        LedgerDatabase database = LedgerDatabase.Open(folder, channel, options);
        try
        {
            LedgerTip tip = TipCheck.Load(database);
            return new ChannelLedger(channel, database, tip, options, storesBlocks: true);
        }
        catch (NodeException)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>A ledger that computes everything and keeps no blocks, to compare another one with.</summary>
    /// <param name="database">A scratch one, which is the ledger's from now on.</param>
    /// <param name="tip">What lies in it. Not from block 0 on, versions read before it are not known there.</param>
    internal static ChannelLedger CreateScratch(ChannelId channel, LedgerDatabase database, LedgerTip tip) =>
        new(channel, database, tip, LedgerOptions.Default, storesBlocks: false);

    /// <summary>Opens once more what was disposed, in the same folder and with the same options.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public ChannelLedger OpenAnew() => Open(Folder, Channel, _options);

    /// <summary>
    /// Decides duplicates, read conflicts and phantoms, and makes the block durable with its verdicts, state, history,
    /// indexes and savepoint. Returns after the sync; of a block that is followed, when it can be read: after a power
    /// cut it may be gone, with all behind it.
    /// </summary>
    /// <returns>The final codes; or a refusal, and nothing written, when this is not the next block of the
    /// chain.</returns>
    /// <exception cref="StorageFailedException">What is on disk is unknown: dispose this ledger and open it
    /// anew.</exception>
    public CommitResult Commit(BlockToCommit block)
    {
        if (_failure is { } failure)
            throw new StorageFailedException(failure.Operation, failure.Where, failure.Reason, failure);

        long started = Stopwatch.GetTimestamp();
        LedgerTip tip = _tip;
        if (!ChainCheck.Follows(
                block.Block, tip, block.CommitmentRequired, out Hash32 transactionsRoot, out string? reason))
            return new CommitResult(new BlockRefusal(block.Block.Number, reason));

        TxValidationCode[] codes = _committer.Judge(block);
        HashSet<string> namespaces = _committer.NamespacesWritten();
        bool wroteKeyPolicies = _committer.WritesMetadata(block);
        long judged = Stopwatch.GetTimestamp();
        LedgerTip next;
        byte[] stored;
        lock (_writeLock)
        {
            (next, stored) = Write(block, tip, transactionsRoot);
            Publish(next);
        }

        return new CommitResult(next, codes, stored, namespaces, wroteKeyPolicies)
        {
            Checking = Stopwatch.GetElapsedTime(started, judged),
            Writing = Stopwatch.GetElapsedTime(judged),
        };
    }

    /// <summary>Makes durable what was committed as followed, when nothing follows after all.</summary>
    /// <exception cref="StorageFailedException">What is on disk is unknown: dispose this ledger and open it
    /// anew.</exception>
    public void MakeDurable()
    {
        if (_failure is { } failure)
            throw new StorageFailedException(failure.Operation, failure.Where, failure.Reason, failure);

        try
        {
            _committer.Sync(_tip);
        }
        catch (StorageFailedException error)
        {
            _failure = error;
            throw;
        }
    }

    /// <summary>The state after the last durable block, unmoved by later ones. Dispose it soon.</summary>
    /// <exception cref="StorageFailedException">The ledger is closed.</exception>
    public StateSnapshot Snapshot()
    {
        lock (_snapshotLock)
        {
            if (_snapshot is not { } current)
                throw new StorageFailedException("read the world state", Folder, "the ledger is closed", inner: null);

            current.AddReference();
            return new StateSnapshot(current);
        }
    }

    /// <summary>Finds the first occurrence of a transaction, valid or not.</summary>
    public bool TryFindTransaction(TxId id, out TransactionPosition position)
    {
        position = default;
        return !id.IsNone && TransactionIndex.TryFind(_database, id.ToHash(), out position, out _);
    }

    /// <summary>
    /// Whether a transaction that proved this id to be its creator's is on the ledger, valid or not: then another one
    /// with it is a duplicate. An envelope that merely named the id does not count.
    /// </summary>
    public bool IsTaken(TxId id) =>
        !id.IsNone && TransactionIndex.TryFind(_database, id.ToHash(), out _, out bool isProven) && isProven;

    /// <summary>The serialized common.Block with its validation codes and commit hash.</summary>
    /// <returns>False where there is none, or its body was removed (<see cref="IsPruned"/>).</returns>
    public bool TryReadBlock(ulong number, [NotNullWhen(true)] out byte[]? block)
    {
        // Asked after the block is read: a prune raises the number first, and only then writes.
        if (TryReadOutline(number, out block) && number < FirstBlockHeld && IsOutline(block, number))
            block = null;

        return block is not null;
    }

    /// <summary>As above; of a pruned block its header and metadata, in a common.Block without data.</summary>
    public bool TryReadOutline(ulong number, [NotNullWhen(true)] out byte[]? block)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, number);
        block = number < Height ? _database.Get(key, _database.Blocks, $"read block {number}") : null;
        return block is not null;
    }

    /// <summary>Whether the block is part of this chain and only its outline is here.</summary>
    public bool IsPruned(ulong number) =>
        number < FirstBlockHeld && TryReadOutline(number, out byte[]? block) && IsOutline(block, number);

    /// <summary>The encoded envelope of a transaction, and where it lies.</summary>
    /// <returns>False where there is none; or with its position, when its block is pruned.</returns>
    /// <exception cref="LedgerCorruptException">The index points to what is not there.</exception>
    public bool TryReadTransaction(
        TxId id, [NotNullWhen(true)] out byte[]? envelope, out TransactionPosition position)
    {
        envelope = null;
        if (!TryFindTransaction(id, out position) || IsPruned(position.Block))
            return false;
        if (!TryReadBlock(position.Block, out byte[]? bytes)
            || !BlockBytes.TryDecode(bytes, out BlockBytes? block, out _)
            || position.Index >= block.Envelopes.Length)
        {
            throw new LedgerCorruptException(
                $"transaction {id} is said to be number {position.Index}", Folder, position.Block);
        }

        envelope = block.Envelopes[(int)position.Index].ToArray();
        return true;
    }

    /// <param name="hash">Of the block's header.</param>
    public bool TryFindBlockByHash(Hash32 hash, out ulong number)
    {
        byte[]? value = _database.Get(hash.AsSpan(), _database.Hashes, "find a block by its hash");
        number = value is { Length: sizeof(ulong) } ? BinaryPrimitives.ReadUInt64BigEndian(value) : 0;
        return value is not null;
    }

    /// <summary>False when no key of the namespace ever had metadata, and with it a policy of its own.</summary>
    public bool HasKeyPolicies(string ns) => _traits.HasMetadata(ns);

    /// <summary>
    /// The path from a block to the chain root that block number <paramref name="height"/> commits to.
    /// </summary>
    /// <param name="block">Below <paramref name="height"/>.</param>
    /// <param name="height">At most <see cref="Height"/>.</param>
    public Hash32[] ProveInclusion(ulong block, ulong height)
    {
        RequireHeight(height);
        return MerkleProofs.Inclusion(block, height, (level, index) => TreeStore.Read(_database, level, index));
    }

    /// <summary>Shows that the chain of one height is the beginning of that of another.</summary>
    /// <param name="first">At most <paramref name="second"/>, which is at most <see cref="Height"/>.</param>
    public Hash32[] ProveConsistency(ulong first, ulong second)
    {
        RequireHeight(second);
        return MerkleProofs.Consistency(first, second, (level, index) => TreeStore.Read(_database, level, index));
    }

    /// <summary>
    /// Removes bodies of old blocks, and gives their space back. State, history, indexes, headers, commitments,
    /// validation codes, commit hashes and configurations stay.
    /// </summary>
    /// <remarks>
    /// Any thread, beside commits and readers; cut off anywhere, the next one goes on. Durable when it returns.
    /// </remarks>
    /// <exception cref="StorageFailedException">The disk failed. What is removed is removed.</exception>
    /// <exception cref="LedgerCorruptException">A block cannot be read.</exception>
    public PruneReport Prune(PruneRule rule, IProgress<PruneProgress> progress, CancellationToken cancellationToken)
    {
        lock (_pruneLock)
        {
            ulong before = FirstBlockHeld;
            long bytesBefore = LedgerPrune.DiskBytes(Folder);
            var pruner = new Pruner(_database, rule, Height);
            using StorageBatch batch = _database.NewBatch();
            while (!cancellationToken.IsCancellationRequested && pruner.Next(batch))
            {
                WriteStep(batch, pruner.FirstHeld);
                progress.Report(new PruneProgress(pruner.BlocksPruned, rule.EndOfNumbers(Height)));
            }

            ulong end = FirstBlockHeld;
            if (pruner.BlocksPruned > 0)
            {
                end = pruner.AddBorder(batch);
                WriteStep(batch, FirstBlockHeld);
            }

            Reclaim(end);
            return new PruneReport(
                Height,
                before,
                FirstBlockHeld,
                pruner.BlocksPruned,
                pruner.BodyBytes,
                bytesBefore,
                LedgerPrune.DiskBytes(Folder));
        }
    }

    /// <summary>Lets go of memory that is kept for speed, since nothing is asked of this ledger. Any thread.</summary>
    /// <exception cref="StorageFailedException">The disk failed, or the ledger is closed. Nothing is lost.</exception>
    public void Rest() => _database.Rest();

    /// <summary>
    /// Closes the database once the last snapshot is disposed. Call it when the commit loop has ended.
    /// </summary>
    public void Dispose()
    {
        lock (_snapshotLock)
        {
            _snapshot?.Release();
            _snapshot = null;
        }

        _committer.Dispose();
        _database.Dispose();
    }

    private (LedgerTip Tip, byte[] Stored) Write(BlockToCommit block, LedgerTip tip, Hash32 transactionsRoot)
    {
        try
        {
            return _committer.Write(block, tip, transactionsRoot, _storesBlocks);
        }
        catch (StorageFailedException error)
        {
            _failure = error;
            throw;
        }
    }

    private void WriteStep(StorageBatch batch, ulong firstHeld)
    {
        lock (_writeLock)
        {
            Volatile.Write(ref _firstHeld, firstHeld);
            _database.Write(batch, "prune blocks");
        }

        batch.Clear();
    }

    // Our own snapshot is older than the removal, and the engine keeps what a snapshot may read.
    private void Reclaim(ulong end)
    {
        lock (_writeLock)
            Publish(_tip);

        _database.Reclaim(_database.Blocks, HeldBlocks.BlockKey(end));
    }

    private bool IsOutline(byte[] bytes, ulong number) =>
        BlockBytes.TryDecode(bytes, out BlockBytes? block, out string? fault)
            ? BlockOutline.Is(block)
            : throw new LedgerCorruptException(fault, Folder, number);

    // No commit comes between a commit and this, so the snapshot is exactly the new height.
    private void Publish(LedgerTip tip)
    {
        var core = new SnapshotCore(_database, _database.CreateSnapshot(), tip.Height);
        lock (_snapshotLock)
        {
            _snapshot?.Release();
            _snapshot = core;
        }

        _tip = tip;
    }

    private void RequireHeight(ulong height) =>
        Invariant.Require(height <= Height, "callers ask for proofs of blocks that are there");
}

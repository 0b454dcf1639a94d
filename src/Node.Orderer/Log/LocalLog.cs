using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Node.Ledger.Ordering;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Orderer.Log;

/// <summary>The ordered log of a channel with a single orderer: its own disk.</summary>
/// <remarks>
/// One thread writes, and takes along in one synced write whatever waits when it begins. The sync is what an append
/// waits for, so a thread of its own keeps it out of the thread pool. Positions are dense from 1. The store belongs to
/// the caller, who closes it after this.
/// </remarks>
internal sealed class LocalLog : IOrderedLog
{
    /// <summary>Ids by which a repeated append is recognised after its entry was truncated.</summary>
    public const int BatchIdsRemembered = 1024;

    /// <summary>Appends that may wait for the writer; one more is told to retry.</summary>
    private const int AppendsWaitingMax = 64;

    // Entries handed from the writer to readers without the disk between them. Indexed by position.
    private const int TailEntries = 8;

    private readonly OrdererStore _store;
    private readonly BlockingCollection<PendingAppend> _appends = new(AppendsWaitingMax);
    private readonly Thread _writer;
    private readonly Pulse _grown = new();
    private readonly LogEntry?[] _tail = new LogEntry?[TailEntries];
    private readonly Dictionary<BatchId, LogPosition> _positions = [];   // Owned by the writer, after construction.
    private readonly Queue<BatchId> _idsByAge = [];
    private NodeException? _failure;
    private ulong _durable;
    private int _disposed;

    private LocalLog(OrdererStore store)
    {
        _store = store;
        _durable = store.LastEntry;
        _writer = new Thread(WriteUntilClosed) { Name = "ordered log", IsBackground = true };
    }

    /// <summary>Opens the log kept in this store and reads back what it still holds.</summary>
    /// <exception cref="LedgerCorruptException">An entry is missing or is not what was appended.</exception>
    /// <exception cref="StorageFailedException">The disk failed.</exception>
    public static LocalLog Open(OrdererStore store)
    {
        var log = new LocalLog(store);
        for (ulong position = store.EntriesRemoved + 1; position <= store.LastEntry; position++)
            log.Remember(log.Load(position).Batch.Id, new LogPosition(position));

        log._writer.Start();
        return log;
    }

    public async ValueTask<LogPosition> AppendAsync(Batch batch, CancellationToken cancellationToken)
    {
        var pending = new PendingAppend(batch);
        bool taken;
        try
        {
            taken = _appends.TryAdd(pending, millisecondsTimeout: 0, cancellationToken);
        }
        catch (InvalidOperationException)
        {
            // Completed, or disposed already.
            throw Closed();
        }

        if (!taken)
            throw new OverloadedException("appends to the ordered log", AppendsWaitingMax, Limits.OverloadRetryAfter);

        return await pending.Landed.Task.WaitAsync(cancellationToken);
    }

    public async IAsyncEnumerable<LogEntry> ReadAsync(
        LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ulong next = after.Value + 1;
        while (true)
        {
            Task grown = _grown.Next;
            if (Volatile.Read(ref _failure) is { } failure)
                throw Repeat(failure);

            while (next <= Volatile.Read(ref _durable))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Find(next++);
            }

            await grown.WaitAsync(cancellationToken);
        }
    }

    public ValueTask TruncateAsync(LogPosition upToIncluding, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (ref LogEntry? slot in _tail.AsSpan())
        {
            if (Volatile.Read(ref slot) is { } entry && entry.Position <= upToIncluding)
                Volatile.Write(ref slot, null);
        }

        // Not synced, and ordered behind whatever was written before: see OrdererStore.
        _store.RemoveEntries(Math.Min(upToIncluding.Value, _store.LastEntry));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _appends.CompleteAdding();
            _writer.Join();
            _appends.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private void WriteUntilClosed()
    {
        var group = new List<PendingAppend>();
        foreach (PendingAppend first in _appends.GetConsumingEnumerable())
        {
            group.Clear();
            group.Add(first);
            while (group.Count < AppendsWaitingMax && _appends.TryTake(out PendingAppend? further))
                group.Add(further);

            WriteGroup(group);
        }

        Volatile.Write(ref _failure, _failure ?? Closed());
        _grown.Beat();
    }

    private void WriteGroup(List<PendingAppend> group)
    {
        try
        {
            if (_failure is not null)
                throw Repeat(_failure);

            WriteNewOnes(group);
        }
        catch (NodeException failure) when (failure is StorageFailedException or LedgerCorruptException)
        {
            // Memory and disk may disagree from here on, so nothing is written any more: the owner reopens.
            Volatile.Write(ref _failure, failure);
            foreach (PendingAppend append in group)
                append.Landed.TrySetException(failure);
        }

        _grown.Beat();
    }

    private void WriteNewOnes(List<PendingAppend> group)
    {
        ulong position = _store.LastEntry;
        var fresh = new List<ReadOnlyMemory<byte>>(group.Count);
        foreach (PendingAppend append in group)
        {
            if (_positions.TryGetValue(append.Batch.Id, out append.Position))
                continue;

            append.Position = new LogPosition(++position);
            Remember(append.Batch.Id, append.Position);
            fresh.Add(append.Batch.Encoded);
            Volatile.Write(ref _tail[position % TailEntries], new LogEntry(append.Position, append.Batch));
        }

        if (fresh.Count > 0)
            _store.AppendEntries(fresh);

        // Readers may see an entry only when it is on disk: what they make of it must not be lost with it.
        Volatile.Write(ref _durable, position);
        foreach (PendingAppend append in group)
            append.Landed.TrySetResult(append.Position);
    }

    private void Remember(BatchId id, LogPosition position)
    {
        _positions[id] = position;
        _idsByAge.Enqueue(id);
        while (_idsByAge.Count > BatchIdsRemembered
            && _positions[_idsByAge.Peek()].Value <= _store.EntriesRemoved)
            _positions.Remove(_idsByAge.Dequeue());
    }

    private LogEntry Find(ulong position)
    {
        LogEntry? near = Volatile.Read(ref _tail[position % TailEntries]);
        return near is not null && near.Position.Value == position ? near : Load(position);
    }

    private LogEntry Load(ulong position)
    {
        if (!_store.TryReadEntry(position, out byte[]? bytes))
            throw new LedgerCorruptException($"entry {position} is not there", "the ordered log", blockNumber: null);
        if (!Batch.TryDecode(bytes, out Batch? batch, out string? fault))
            throw new LedgerCorruptException($"entry {position}: {fault}", "the ordered log", blockNumber: null);

        return new LogEntry(new LogPosition(position), batch);
    }

    // A thrown exception belongs to whoever caught it; the next one gets its own, with the first inside.
    private static NodeException Repeat(NodeException failure) => failure switch
    {
        StorageFailedException storage =>
            new StorageFailedException(storage.Operation, storage.Where, storage.Reason, storage),
        LedgerCorruptException corrupt =>
            new LedgerCorruptException(corrupt.What, corrupt.Where, corrupt.BlockNumber),
        _ => failure,
    };

    private static StorageFailedException Closed() =>
        new("append", "the ordered log", "the log is closed", inner: null);

    private sealed class PendingAppend(Batch batch)
    {
        public LogPosition Position;

        public Batch Batch { get; } = batch;

        public TaskCompletionSource<LogPosition> Landed { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Node.Ledger;
using Node.Protocol;

namespace Node.Peer.Committing;

/// <summary>
/// Tells waiters that their transaction or block is durable, and keeps the latest blocks for those who follow.
/// </summary>
/// <remarks>
/// One writer, the channel's commit loop; any number of waiters. Nobody is told before the write is on disk. At most
/// <see cref="Limits.CommitWaitersMax"/> wait for transactions at once.
/// </remarks>
internal sealed class CommitFeed
{
    private readonly Func<ChannelLedger> _ledger;
    private readonly BlockTail _tail = new();
    private readonly Lock _lock = new();   // Protects _first, the chains that hang from it, and _waiting.
    private readonly Dictionary<TxId, TransactionWaiter> _first = [];
    private int _waiting;
    private TaskCompletionSource _nextBlock = NewSignal();
    private ulong _height;

    public CommitFeed(Func<ChannelLedger> ledger)
    {
        _ledger = ledger;
        _height = ledger().Height;
    }

    /// <summary>Count of blocks that are durable and announced.</summary>
    public ulong Height => Volatile.Read(ref _height);

    /// <summary>Waiters for transactions right now.</summary>
    public int WaitingCount => Volatile.Read(ref _waiting);

    /// <summary>
    /// Completes when the transaction is in a durable block, valid or not; at once when it is there already.
    /// </summary>
    /// <exception cref="OverloadedException">All places are taken; ask again later or elsewhere.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; nothing else changed.</exception>
    public ValueTask<TransactionPosition> WaitForTransactionAsync(TxId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // Join first and look second: a block that commits in between finds the waiter, so nothing falls through.
        TransactionWaiter waiter = Join(id);
        bool staysWaiting = false;
        try
        {
            // On the ledger and durable are two things while blocks are committed in groups.
            staysWaiting = !_ledger().TryFindTransaction(id, out TransactionPosition position)
                || !CommittedTransaction.IsProofOfId(position.Code)
                || position.Block >= Height;
            return staysWaiting ? AwaitAsync(waiter, cancellationToken) : ValueTask.FromResult(position);
        }
        finally
        {
            if (!staysWaiting)
                Leave(waiter);
        }
    }

    /// <summary>Completes with the height once it is at least <paramref name="height"/>.</summary>
    public ValueTask<ulong> WaitForHeightAsync(ulong height, CancellationToken cancellationToken)
    {
        ulong now = Height;
        return now >= height ? ValueTask.FromResult(now) : AwaitHeightAsync(height, cancellationToken);
    }

    /// <summary>A block that committed lately, decoded. False means: read it from the ledger.</summary>
    public bool TryFindRecent(ulong number, [NotNullWhen(true)] out CommittedBlock? block) =>
        _tail.TryFind(number, out block);

    /// <summary>Announces a block. Called by the commit loop, in order, after the block is durable.</summary>
    public void Announce(CommittedBlock block)
    {
        Invariant.Require(block.Number == _height, "blocks are announced in order, none twice");
        _tail.Add(block);
        Volatile.Write(ref _height, block.Number + 1);

        TransactionWaiter? waiter = Detach(block);
        while (waiter is not null)
        {
            waiter.TrySetResult(waiter.Position);
            waiter = waiter.NextTold;
        }

        // After the height: whoever wakes finds the new one.
        Interlocked.Exchange(ref _nextBlock, NewSignal()).SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async ValueTask<TransactionPosition> AwaitAsync(
        TransactionWaiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            return await waiter.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(waiter);
        }
    }

    private async ValueTask<ulong> AwaitHeightAsync(ulong height, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The signal before the height: a block that commits in between completes the signal already held.
            Task next = Volatile.Read(ref _nextBlock).Task;
            ulong now = Height;
            if (now >= height)
                return now;

            await next.WaitAsync(cancellationToken);
        }
    }

    private TransactionWaiter Join(TxId id)
    {
        var waiter = new TransactionWaiter(id);
        lock (_lock)
        {
            if (_waiting >= Limits.CommitWaitersMax)
                throw new OverloadedException(
                    "commit status calls", Limits.CommitWaitersMax, Limits.OverloadRetryAfter);

            ref TransactionWaiter? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, id, out _);
            waiter.Next = first;
            if (first is not null)
                first.Previous = waiter;

            first = waiter;
            waiter.Joined = true;
            _waiting++;
        }

        return waiter;
    }

    private void Leave(TransactionWaiter waiter)
    {
        lock (_lock)
        {
            if (!waiter.Joined)
                return;

            waiter.Joined = false;
            _waiting--;
            if (waiter.Next is { } next)
                next.Previous = waiter.Previous;

            if (waiter.Previous is { } previous)
                previous.Next = waiter.Next;
            else if (waiter.Next is { } newFirst)
                _first[waiter.Id] = newFirst;
            else
                _first.Remove(waiter.Id);
        }
    }

    // Takes everybody whom this block answers out of the table, and chains them through NextTold.
    private TransactionWaiter? Detach(CommittedBlock block)
    {
        TransactionWaiter? told = null;
        lock (_lock)
        {
            if (_waiting == 0)
                return null;

            CommittedTransaction[] transactions = block.Transactions;
            for (int index = 0; index < transactions.Length; index++)
            {
                ref readonly CommittedTransaction transaction = ref transactions[index];
                if (transaction.Id.IsNone || !_first.Remove(transaction.Id, out TransactionWaiter? waiter))
                    continue;

                var position = new TransactionPosition(block.Number, (uint)index, transaction.Code);
                for (; waiter is not null; waiter = waiter.Next)
                {
                    waiter.Joined = false;
                    waiter.Position = position;
                    waiter.NextTold = told;
                    told = waiter;
                    _waiting--;
                }
            }
        }

        return told;
    }

    private sealed class TransactionWaiter(TxId id)
        : TaskCompletionSource<TransactionPosition>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TxId Id => id;

        // Neighbours among the waiters for the same transaction; the newest is first.
        public TransactionWaiter? Next { get; set; }

        public TransactionWaiter? Previous { get; set; }

        /// <summary>True while it hangs in the table and counts.</summary>
        public bool Joined { get; set; }

        public TransactionPosition Position { get; set; }

        public TransactionWaiter? NextTold { get; set; }
    }
}

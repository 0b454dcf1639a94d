using Node.Ledger.Ordering;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Orderer.Log;

/// <summary>Keeps the log of a channel in the store of its blocks. One channel.</summary>
internal sealed class LocalLogEngine(string folder) : ILogEngine
{
    private OrdererStore? _store;
    private ulong _entriesReached;   // That this process knows to be durable.

    public TimeSpan ReopenDelayMax => OrdererLimits.ReopenDelayMax;

    public Task<OpenedLog> OpenAsync(
        OrdererStore store, ChainTip tip, ChannelSigns signs, CancellationToken cancellationToken)
    {
        _entriesReached = Math.Max(_entriesReached, _store?.LastEntry ?? 0);
        RequireEntries(store);
        _store = store;
        ulong incarnation = store.NextIncarnation();
        var opened = new OpenedLog(LocalLog.Open(store), incarnation, store.LastEntry - tip.Position.Value);
        return Task.FromResult(opened);
    }

    // A disk that is not mounted looks like an empty folder. A chain begun there would be a second one.
    private void RequireEntries(OrdererStore store)
    {
        if (store.LastEntry < _entriesReached)
        {
            string reason =
                $"its log ends at entry {store.LastEntry}, and {_entriesReached} is durable: is the disk mounted";
            throw new StorageFailedException("open", folder, reason, inner: null);
        }
    }
}

using Node.Protocol;

namespace Node.Rest.Records;

/// <summary>Transactions that were sent to order and whose commit nobody waited for. Any thread.</summary>
/// <remarks>So that asking for one before its block says "pending" rather than "unknown". The oldest leave first.
/// </remarks>
internal sealed class PendingTransactions
{
    private readonly Lock _changing = new();   // Protects both.
    private readonly HashSet<TxId> _known = [];
    private readonly Queue<TxId> _byAge = new();

    public void Add(TxId id)
    {
        lock (_changing)
        {
            if (!_known.Add(id))
                return;

            _byAge.Enqueue(id);
            if (_byAge.Count > RestLimits.PendingTransactionsMax)
                _known.Remove(_byAge.Dequeue());
        }
    }

    public bool Contains(TxId id)
    {
        lock (_changing)
            return _known.Contains(id);
    }
}

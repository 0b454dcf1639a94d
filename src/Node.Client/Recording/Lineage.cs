using Node.Protocol;

namespace Node.Client.Recording;

public enum LineageDirection
{
    /// <summary>To what a record was derived from.</summary>
    Up,

    /// <summary>To what was derived from it.</summary>
    Down,
}

/// <summary>A part of the graph of records: each record once, with the edges between them.</summary>
public sealed class Lineage
{
    private readonly Dictionary<TxId, ProvenanceRecord> _records;
    private readonly Lazy<ILookup<TxId, TxId>> _next;

    internal Lineage(
        LineageDirection direction,
        IReadOnlyList<TxId> roots,
        IReadOnlyList<ProvenanceRecord> records,
        IReadOnlyList<(TxId Child, TxId Parent)> edges)
    {
        Direction = direction;
        Roots = roots;
        Records = records;
        Edges = edges;
        _records = records.ToDictionary(record => record.TransactionId);
        _next = new Lazy<ILookup<TxId, TxId>>(() => direction == LineageDirection.Up
            ? edges.ToLookup(edge => edge.Child, edge => edge.Parent)
            : edges.ToLookup(edge => edge.Parent, edge => edge.Child));
    }

    /// <summary>The first of <see cref="Roots"/>; none where there are none.</summary>
    public TxId Root => Roots.Count > 0 ? Roots[0] : default;

    /// <summary>One, but for an impact: that has as many as were asked about.</summary>
    public IReadOnlyList<TxId> Roots { get; }

    public LineageDirection Direction { get; }

    /// <summary>The roots first, then nearest first.</summary>
    public IReadOnlyList<ProvenanceRecord> Records { get; }

    public IReadOnlyList<(TxId Child, TxId Parent)> Edges { get; }

    /// <summary>Parents that a record names and that nobody recorded.</summary>
    public required IReadOnlySet<TxId> Missing { get; init; }

    /// <summary>A limit of depth, records or bytes left something out.</summary>
    public required bool IsTruncated { get; init; }

    /// <summary>Null for a parent that is missing, or that a limit left out.</summary>
    public ProvenanceRecord? Find(TxId id) => _records.GetValueOrDefault(id);

    /// <summary>One step away from the root's side: parents going up, children going down.</summary>
    public IEnumerable<TxId> Next(TxId id) => _next.Value[id];

    /// <summary>The shortest way from the root to a record, both ends included. Empty when there is none.</summary>
    public IReadOnlyList<ProvenanceRecord> PathTo(TxId id)
    {
        if (!_records.ContainsKey(id))
            return [];

        var cameFrom = new Dictionary<TxId, TxId>();
        var waiting = new Queue<TxId>(Roots);
        foreach (TxId root in Roots)
            cameFrom[root] = default;
        while (waiting.TryDequeue(out TxId at) && at != id)
        {
            foreach (TxId next in Next(at))
            {
                if (_records.ContainsKey(next) && cameFrom.TryAdd(next, at))
                    waiting.Enqueue(next);
            }
        }

        List<ProvenanceRecord> path = [];
        for (TxId at = id; !at.IsNone && cameFrom.ContainsKey(at); at = cameFrom[at])
            path.Add(_records[at]);
        path.Reverse();
        return path;
    }
}

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
    private readonly ILookup<TxId, TxId> _next;

    internal Lineage(LineageJson answer, LineageDirection direction)
    {
        Records = [.. answer.Nodes.Select(node => node.ToRecord())];
        Edges = [.. answer.Edges.Select(edge => (RecordJson.IdOf(edge[0]), RecordJson.IdOf(edge[1])))];
        Missing = answer.Missing.Select(RecordJson.IdOf).ToHashSet();
        IsTruncated = answer.Truncated;
        Direction = direction;
        Root = RecordJson.IdOf(answer.Root);
        _records = Records.ToDictionary(record => record.TransactionId);
        _next = direction == LineageDirection.Up
            ? Edges.ToLookup(edge => edge.Child, edge => edge.Parent)
            : Edges.ToLookup(edge => edge.Parent, edge => edge.Child);
    }

    public TxId Root { get; }

    public LineageDirection Direction { get; }

    /// <summary>The root first, then nearest first.</summary>
    public IReadOnlyList<ProvenanceRecord> Records { get; }

    public IReadOnlyList<(TxId Child, TxId Parent)> Edges { get; }

    /// <summary>Parents that a record names and that nobody recorded.</summary>
    public IReadOnlySet<TxId> Missing { get; }

    /// <summary>A limit of depth, records or bytes left something out.</summary>
    public bool IsTruncated { get; }

    /// <summary>Null for a parent that is missing, or that a limit left out.</summary>
    public ProvenanceRecord? Find(TxId id) => _records.GetValueOrDefault(id);

    /// <summary>One step away from the root's side: parents going up, children going down.</summary>
    public IEnumerable<TxId> Next(TxId id) => _next[id];
}

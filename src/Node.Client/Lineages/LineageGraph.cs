using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Lineages;

/// <summary>What is known of a record in a graph, beside the record itself.</summary>
[Flags]
public enum LineageMarks
{
    None = 0,

    /// <summary>What was asked about.</summary>
    Root = 1,

    /// <summary>Its key has a newer record.</summary>
    Outdated = 2,

    /// <summary>A record names it as a parent, and nobody recorded it.</summary>
    Missing = 4,

    /// <summary>It exists, and a limit of depth or size left it out.</summary>
    LeftOut = 8,

    /// <summary>It is a bad source, or was derived from one.</summary>
    Tainted = 16,
}

/// <summary>One record of a graph.</summary>
/// <param name="Record">Null when it is missing or left out.</param>
public sealed record LineageNode(TxId Id, ProvenanceRecord? Record, LineageMarks Marks)
{
    public bool Is(LineageMarks mark) => (Marks & mark) != 0;
}

/// <summary>Says that one record was derived from another.</summary>
/// <param name="Child">Index into <see cref="LineageGraph.Nodes"/>, like the parent's.</param>
public readonly record struct LineageEdge(int Child, int Parent);

/// <summary>A part of the graph of records, ready to be drawn or exported. Immutable, any thread.</summary>
/// <remarks>
/// Roots first, then as the ledger answered (nearest first), then what is missing or left out by id. The same records
/// give the same order, so everything made from a graph is the same bytes each time.
/// </remarks>
public sealed class LineageGraph
{
    private LineageGraph(
        IReadOnlyList<LineageNode> nodes, IReadOnlyList<LineageEdge> edges, LineageDirection direction,
        bool isTruncated)
    {
        Nodes = nodes;
        Edges = edges;
        Direction = direction;
        IsTruncated = isTruncated;
    }

    public IReadOnlyList<LineageNode> Nodes { get; }

    /// <summary>Each once, in the order of the children.</summary>
    public IReadOnlyList<LineageEdge> Edges { get; }

    /// <summary>Where the graph leads from its roots: to their origins, or to what came of them.</summary>
    public LineageDirection Direction { get; }

    /// <summary>A limit of depth, records or bytes left something out.</summary>
    public bool IsTruncated { get; }

    public IEnumerable<LineageNode> Roots => Nodes.Where(node => node.Is(LineageMarks.Root));

    /// <summary>The nodes that the ledger has.</summary>
    public IEnumerable<ProvenanceRecord> Records => Nodes.Where(node => node.Record is not null).Select(n => n.Record!);

    public static LineageGraph Of(Lineage lineage) => Build(
        lineage.Records, lineage.Edges, [lineage.Root], lineage.Missing,
        new Facts(lineage.Direction, lineage.IsTruncated, LineageMarks.None));

    /// <summary>What was derived from bad or revoked sources: all of it is tainted, the sources included.</summary>
    public static LineageGraph OfImpact(Lineage impact) =>
        OfImpact(impact.Records, impact.Edges, impact.Roots, impact.IsTruncated);

    /// <inheritdoc cref="OfImpact(Lineage)"/>
    internal static LineageGraph OfImpact(
        IReadOnlyList<ProvenanceRecord> records, IReadOnlyList<(TxId Child, TxId Parent)> edges,
        IReadOnlyCollection<TxId> sources, bool isTruncated) => Build(
            records, edges, sources, new HashSet<TxId>(),
            new Facts(LineageDirection.Down, isTruncated, LineageMarks.Tainted));

    /// <summary>Some records, with the edges that their parents give.</summary>
    /// <param name="roots">Those in question; none: no record stands out.</param>
    /// <param name="known">Parents that exist though they are not among the records; the others count as
    /// missing.</param>
    public static LineageGraph Of(
        IReadOnlyList<ProvenanceRecord> records, IReadOnlyCollection<TxId> roots, IReadOnlySet<TxId> known)
    {
        List<(TxId Child, TxId Parent)> edges =
            [.. records.SelectMany(record => record.Parents.Select(parent => (record.TransactionId, parent)))];
        var here = records.Select(record => record.TransactionId).ToHashSet();
        var missing = edges.Select(edge => edge.Parent)
            .Where(id => !here.Contains(id) && !known.Contains(id))
            .ToHashSet();
        return Build(
            records, edges, roots, missing, new Facts(LineageDirection.Up, IsTruncated: false, LineageMarks.None));
    }

    /// <summary>Only some of the nodes, and the edges between them.</summary>
    public LineageGraph Restrict(IReadOnlySet<TxId> kept)
    {
        var indexes = new Dictionary<int, int>();
        var nodes = new List<LineageNode>();
        for (int index = 0; index < Nodes.Count; index++)
        {
            if (!kept.Contains(Nodes[index].Id))
                continue;

            indexes.Add(index, nodes.Count);
            nodes.Add(Nodes[index]);
        }

        List<LineageEdge> edges =
        [
            .. Edges.Where(edge => indexes.ContainsKey(edge.Child) && indexes.ContainsKey(edge.Parent))
                .Select(edge => new LineageEdge(indexes[edge.Child], indexes[edge.Parent])),
        ];
        return new LineageGraph(nodes, edges, Direction, IsTruncated);
    }

    /// <summary>The same graph with other records for the nodes of their ids: fuller ones, say.</summary>
    public LineageGraph With(IReadOnlyDictionary<TxId, ProvenanceRecord> records) => new(
        [.. Nodes.Select(node => records.TryGetValue(node.Id, out ProvenanceRecord? record)
            ? node with { Record = record }
            : node)],
        Edges, Direction, IsTruncated);

    /// <summary>The parents of each node, by index.</summary>
    public int[][] ParentsByNode() => Gather(edge => (edge.Child, edge.Parent));

    /// <summary>The children of each node, by index.</summary>
    public int[][] ChildrenByNode() => Gather(edge => (edge.Parent, edge.Child));

    private int[][] Gather(Func<LineageEdge, (int From, int To)> along)
    {
        var found = new List<int>[Nodes.Count];
        for (int index = 0; index < found.Length; index++)
            found[index] = [];

        foreach (LineageEdge edge in Edges)
        {
            (int from, int to) = along(edge);
            found[from].Add(to);
        }

        return Array.ConvertAll(found, list => list.ToArray());
    }

    private static LineageGraph Build(
        IReadOnlyList<ProvenanceRecord> records, IReadOnlyList<(TxId Child, TxId Parent)> edges,
        IReadOnlyCollection<TxId> roots, IReadOnlySet<TxId> missing, Facts facts)
    {
        var nodes = new List<LineageNode>();
        var indexes = new Dictionary<TxId, int>();
        void Add(TxId id, ProvenanceRecord? record, LineageMarks marks)
        {
            if (indexes.TryAdd(id, nodes.Count))
                nodes.Add(new LineageNode(id, record, marks));
        }

        foreach (ProvenanceRecord record in records.OrderBy(record => roots.Contains(record.TransactionId) ? 0 : 1))
        {
            LineageMarks outdated = record.IsOutdated ? LineageMarks.Outdated : LineageMarks.None;
            LineageMarks root = roots.Contains(record.TransactionId) ? LineageMarks.Root : LineageMarks.None;
            Add(record.TransactionId, record, outdated | root | facts.Everywhere);
        }

        foreach (TxId id in edges.SelectMany(edge => new[] { edge.Child, edge.Parent }).Concat(roots).Order())
            Add(id, record: null, missing.Contains(id) ? LineageMarks.Missing : LineageMarks.LeftOut);

        List<LineageEdge> kept =
        [
            .. edges.Select(edge => new LineageEdge(indexes[edge.Child], indexes[edge.Parent]))
                .Distinct()
                .OrderBy(edge => edge.Child)
                .ThenBy(edge => edge.Parent),
        ];
        return new LineageGraph(nodes, kept, facts.Direction, facts.IsTruncated);
    }

    /// <param name="Everywhere">Marks of every record.</param>
    private readonly record struct Facts(LineageDirection Direction, bool IsTruncated, LineageMarks Everywhere);
}

using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Rest.Lineages;

/// <summary>A part of the graph of records.</summary>
/// <param name="Roots">Where it begins: one record, or the sources of an impact.</param>
/// <param name="Records">The roots first, then nearest first.</param>
/// <param name="Missing">Parents that a record names and that nobody recorded.</param>
/// <param name="LeftOut">Records that a limit left out.</param>
/// <param name="Truncated">A limit of depth, records or bytes left something out.</param>
internal sealed record LineageView(
    IReadOnlyList<string> Roots,
    string Direction,
    IReadOnlyList<LineageRecordView> Records,
    IReadOnlyList<EdgeView> Edges,
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> LeftOut,
    bool Truncated)
{
    public static LineageView Of(LineageGraph graph) => new(
        [.. graph.Roots.Select(node => node.Id.Value)],
        graph.Direction == LineageDirection.Up ? "up" : "down",
        [.. graph.Nodes.Where(node => node.Record is not null).Select(LineageRecordView.Of)],
        [
            .. graph.Edges.Select(edge =>
                new EdgeView(graph.Nodes[edge.Child].Id.Value, graph.Nodes[edge.Parent].Id.Value)),
        ],
        Marked(graph, LineageMarks.Missing),
        Marked(graph, LineageMarks.LeftOut),
        graph.IsTruncated);

    private static string[] Marked(LineageGraph graph, LineageMarks mark) =>
        [.. graph.Nodes.Where(node => node.Is(mark)).Select(node => node.Id.Value)];
}

/// <summary>A record in a lineage; GET /api/v1/versions/ID has the rest of it.</summary>
/// <param name="Tainted">It is, or was derived from, a source in question.</param>
internal sealed record LineageRecordView(
    string Key,
    string Id,
    string TransactionId,
    string Hash,
    string ChecksumAlgorithm,
    string Location,
    string Pointer,
    string Type,
    string EnrollmentId,
    string MspId,
    string Timestamp,
    ulong Block,
    uint Transaction,
    bool? Outdated,
    string? NewestId,
    bool? Tainted)
{
    /// <param name="node">With a record.</param>
    public static LineageRecordView Of(LineageNode node)
    {
        ProvenanceRecord? record = node.Record;
        Invariant.Require(record is not null, "missing nodes are listed apart");
        return new LineageRecordView(
            record.Key,
            record.TransactionId.Value,
            record.CommittedBy.Value,
            record.Hash,
            record.ChecksumAlgorithm,
            record.Location,
            record.Pointer,
            record.Type,
            record.EnrollmentId,
            record.MspId,
            record.Timestamp,
            record.Block,
            record.Transaction,
            record.IsOutdated ? true : null,
            record.NewestTransactionId.IsNone ? null : record.NewestTransactionId.Value,
            node.Is(LineageMarks.Tainted) ? true : null);
    }
}

/// <summary>The child was derived from the parent.</summary>
internal sealed record EdgeView(string Child, string Parent);

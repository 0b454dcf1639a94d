using Node.Client.Recording;
using Node.Rest.Records;

namespace Node.Rest.Lineages;

/// <summary>A part of the graph of records.</summary>
/// <param name="Records">The root first, then nearest first.</param>
/// <param name="Missing">Parents that a record names and that nobody recorded.</param>
/// <param name="Truncated">A limit of depth, records or bytes left something out.</param>
internal sealed record LineageView(
    string Root,
    string Direction,
    IReadOnlyList<RecordView> Records,
    IReadOnlyList<EdgeView> Edges,
    IReadOnlyList<string> Missing,
    bool Truncated)
{
    public static LineageView Of(Lineage lineage) => new(
        lineage.Root.Value,
        lineage.Direction == LineageDirection.Up ? "up" : "down",
        [.. lineage.Records.Select(RecordView.Of)],
        [.. lineage.Edges.Select(edge => new EdgeView(edge.Child.Value, edge.Parent.Value))],
        [.. lineage.Missing.Select(id => id.Value).Order(StringComparer.Ordinal)],
        lineage.IsTruncated);
}

/// <summary>The child was derived from the parent.</summary>
internal sealed record EdgeView(string Child, string Parent);

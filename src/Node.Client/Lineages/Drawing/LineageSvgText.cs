using System.Globalization;
using System.Text;

namespace Node.Client.Lineages.Drawing;

/// <summary>What the picture writes, and in which size.</summary>
internal static class LineageSvgText
{
    public const int TitleSize = 13;
    public const int FactsSize = 11;

    private const int TooltipTextMax = 400;

    public static string TitleOf(LineageNode node) =>
        node.Record is { } record ? DisplayText.Visible(record.Key) : LineageText.Short(node.Id.Value);

    public static string FactsOf(LineageNode node)
    {
        if (node.Record is not { } record)
            return node.Is(LineageMarks.Missing) ? "not on the ledger" : "left out by a limit";

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{DisplayText.Visible(ShortName(record.EnrollmentId))} · {DisplayText.Visible(record.MspId)} · " +
            $"block {record.Block}");
    }

    public static string GroupTitle(string prefix) => prefix.Length == 0 ? "" : prefix + "…";

    /// <summary>Everything about a record, for who points at it.</summary>
    public static string TooltipOf(LineageNode node)
    {
        if (node.Record is not { } record)
            return node.Is(LineageMarks.Missing)
                ? $"{node.Id} is named as a parent and is not on the ledger"
                : $"{node.Id} is on the ledger; a limit of depth or size left it out";

        var text = new StringBuilder();
        Append(text, "key", record.Key);
        Append(text, "record", record.TransactionId.Value);
        Append(text, record.ChecksumAlgorithm, record.Hash);
        Append(text, "location", record.Location);
        Append(text, "pointer", record.Pointer);
        Append(text, "type", record.Type);
        Append(text, "by", $"{record.EnrollmentId} of {record.MspId}");
        Append(text, "time", record.Timestamp);
        Append(text, "block", string.Create(CultureInfo.InvariantCulture, $"{record.Block}, {record.Transaction}"));
        Append(text, "description", record.Description);
        if (record.IsOutdated)
            Append(text, "outdated", $"replaced by {record.NewestTransactionId.Value}");
        if (node.Is(LineageMarks.Tainted))
            Append(text, "tainted", node.Is(LineageMarks.Root) ? "a bad source" : "derived from a bad source");

        return text.ToString().TrimEnd('\n');
    }

    /// <summary>How much there is, in one line.</summary>
    public static string Summary(LineageGraph graph, int layers)
    {
        int records = graph.Records.Count();
        var text = new StringBuilder(Count(records, "record"));
        text.Append(" on ").Append(Count(layers, "level"));
        AppendCount(text, graph.Nodes.Count(node => node.Is(LineageMarks.Outdated)), "outdated");
        AppendCount(text, graph.Nodes.Count(node => node.Is(LineageMarks.Missing)), "not on the ledger");
        AppendCount(text, graph.Nodes.Count(node => node.Is(LineageMarks.LeftOut)), "left out");
        return graph.IsTruncated ? text.Append(" · a limit was met: not all of it").ToString() : text.ToString();
    }

    public static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static void AppendCount(StringBuilder text, int count, string what)
    {
        if (count > 0)
            text.Append(CultureInfo.InvariantCulture, $" · {count} {what}");
    }

    private static void Append(StringBuilder text, string name, string value)
    {
        if (value.Length > 0)
            text.Append(DisplayText.Visible(name)).Append(": ")
                .Append(DisplayText.Shorten(DisplayText.Visible(value), TooltipTextMax)).Append('\n');
    }

    // "User1@org1.example.com" stands beside its organisation anyway.
    private static string ShortName(string enrollment) =>
        enrollment.IndexOf('@', StringComparison.Ordinal) is int at and > 0 ? enrollment[..at] : enrollment;
}

using System.Globalization;
using System.Text;
using Node.Client.Recording;

namespace Node.Client.Lineages;

/// <summary>A graph as a tree of plain text.</summary>
public static class LineageText
{
    /// <param name="width">As of <see cref="LineageTree.Unfold"/>.</param>
    public static string Write(LineageGraph graph, int width)
    {
        var text = new StringBuilder();
        foreach (LineageTreeLine line in LineageTree.Unfold(graph, width))
            text.Append(line.Guide).Append(Describe(line)).Append('\n');

        if (graph.IsTruncated)
            text.Append("Not all of it: a limit of depth or size was met.\n");

        return text.ToString();
    }

    private static string Describe(LineageTreeLine line)
    {
        if (line.Node is not { } node)
            return string.Create(CultureInfo.InvariantCulture, $"and {line.More} more");

        string id = Short(node.Id.Value);
        if (node.Record is not { } record)
            return node.Is(LineageMarks.Missing) ? $"{id} is not on the ledger" : $"{id} (left out)";

        string outdated = record.IsOutdated ? $"  OUTDATED: replaced by {Short(record.NewestTransactionId.Value)}" : "";
        string tainted = node.Is(LineageMarks.Tainted) ? node.Is(LineageMarks.Root) ? "  SOURCE" : "  TAINTED" : "";
        string repeated = line.IsRepeated ? "  (see above)" : "";
        return $"{DisplayText.Visible(record.Key)}  {Facts(record)}{tainted}{outdated}{repeated}";
    }

    /// <summary>Transaction, block and writer in few words.</summary>
    public static string Facts(ProvenanceRecord record) => string.Create(
        CultureInfo.InvariantCulture,
        $"tx {Short(record.TransactionId.Value)}  block {record.Block}  " +
        $"{DisplayText.Visible(record.EnrollmentId)}@{DisplayText.Visible(record.MspId)}");

    /// <summary>Enough of an id to tell it from others by eye.</summary>
    public static string Short(string id) => id.Length <= 12 ? id : id[..12];
}

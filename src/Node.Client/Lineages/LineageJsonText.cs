using System.Text.Encodings.Web;
using System.Text.Json;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Lineages;

/// <summary>A graph as one JSON object. Members are listed in docs/cli.md.</summary>
public static class LineageJsonText
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // It is no part of a web page; names stay readable.
    };

    /// <summary>UTF-8; the same graph gives the same bytes.</summary>
    public static byte[] Write(LineageGraph graph)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, s_options))
        {
            json.WriteStartObject();
            if (graph.Roots.FirstOrDefault() is { } root)
                json.WriteString("root", root.Id.Value);

            WriteIds(json, "roots", graph.Roots.Select(node => node.Id));
            json.WriteString("direction", graph.Direction == LineageDirection.Up ? "up" : "down");
            json.WriteStartArray("records");
            foreach (LineageNode node in graph.Nodes)
            {
                if (node.Record is { } record)
                    WriteRecord(json, node, record);
            }

            json.WriteEndArray();
            WriteEdges(json, graph);
            WriteIds(json, "missing", Marked(graph, LineageMarks.Missing));
            WriteIds(json, "leftOut", Marked(graph, LineageMarks.LeftOut));
            json.WriteBoolean("truncated", graph.IsTruncated);
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    private static IEnumerable<TxId> Marked(LineageGraph graph, LineageMarks mark) =>
        graph.Nodes.Where(node => node.Is(mark)).Select(node => node.Id);

    private static void WriteRecord(Utf8JsonWriter json, LineageNode node, ProvenanceRecord record)
    {
        json.WriteStartObject();
        json.WriteString("key", record.Key);
        json.WriteString("transactionId", record.TransactionId.Value);
        if (record.BatchId is { } batch)
            json.WriteString("batchId", batch.Value);

        json.WriteString("hash", record.Hash);
        json.WriteString("checksumAlgorithm", record.ChecksumAlgorithm);
        json.WriteString("location", record.Location);
        json.WriteString("pointer", record.Pointer);
        json.WriteString("type", record.Type);
        json.WriteString("description", record.Description);
        WriteIds(json, "parents", record.Parents);
        json.WriteString("enrollmentId", record.EnrollmentId);
        json.WriteString("mspId", record.MspId);
        json.WriteString("fingerprint", record.Fingerprint);
        json.WriteString("timestamp", record.Timestamp);
        json.WriteNumber("block", record.Block);
        json.WriteNumber("transaction", record.Transaction);
        json.WriteBoolean("outdated", record.IsOutdated);
        if (!record.NewestTransactionId.IsNone)
            json.WriteString("newestTransactionId", record.NewestTransactionId.Value);
        if (node.Is(LineageMarks.Tainted))
            json.WriteBoolean("tainted", value: true);

        json.WriteEndObject();
    }

    private static void WriteEdges(Utf8JsonWriter json, LineageGraph graph)
    {
        json.WriteStartArray("edges");
        foreach (LineageEdge edge in graph.Edges)
        {
            json.WriteStartObject();
            json.WriteString("child", graph.Nodes[edge.Child].Id.Value);
            json.WriteString("parent", graph.Nodes[edge.Parent].Id.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteIds(Utf8JsonWriter json, string member, IEnumerable<TxId> ids)
    {
        json.WriteStartArray(member);
        foreach (TxId id in ids)
            json.WriteStringValue(id.Value);

        json.WriteEndArray();
    }
}

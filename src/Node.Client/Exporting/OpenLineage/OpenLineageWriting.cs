using System.Text.Encodings.Web;
using System.Text.Json;
using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Exporting.OpenLineage;

internal static class OpenLineageWriting
{
    private const string Producer = "urn:hyperprov";
    private const string Schema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
    private const string Facets = "https://openlineage.io/spec/facets/";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.Default };

    public static byte[] Write(LineageGraph graph, string channel)
    {
        Dictionary<TxId, ProvenanceRecord> records = graph.Records.ToDictionary(record => record.TransactionId);
        ILookup<TxId, ProvenanceRecord> parents = graph.Edges
            .Where(edge => graph.Nodes[edge.Child].Record is not null && graph.Nodes[edge.Parent].Record is not null)
            .ToLookup(edge => graph.Nodes[edge.Child].Id, edge => graph.Nodes[edge.Parent].Record!);
        using var bytes = new MemoryStream();
        foreach (IGrouping<TxId, ProvenanceRecord> transaction in records.Values
            .OrderBy(record => record.Block)
            .ThenBy(record => record.Transaction)
            .ThenBy(record => record.TransactionId)
            .GroupBy(record => record.CommittedBy))
        {
            ProvenanceRecord[] outputs = [.. transaction];
            ProvenanceRecord[] inputs =
            [
                .. outputs.SelectMany(output => parents[output.TransactionId])
                    .DistinctBy(input => input.TransactionId)
                    .Where(input => input.CommittedBy != transaction.Key),
            ];
            WriteEvent(bytes, "START", channel, inputs, outputs);
            WriteEvent(bytes, "COMPLETE", channel, inputs, outputs);
        }

        return bytes.ToArray();
    }

    private static void WriteEvent(
        MemoryStream bytes, string type, string channel, ProvenanceRecord[] inputs, ProvenanceRecord[] outputs)
    {
        ProvenanceRecord first = outputs[0];
        using (var json = new Utf8JsonWriter(bytes, s_options))
        {
            json.WriteStartObject();
            json.WriteString("eventType", type);
            json.WriteString("eventTime", first.Timestamp);
            WriteRun(json, first);
            json.WriteStartObject("job");
            json.WriteString("namespace", OpenLineageNames.NamespaceOf(channel));
            json.WriteString("name", first.Key);
            json.WriteEndObject();
            WriteDatasets(json, "inputs", channel, inputs);
            WriteDatasets(json, "outputs", channel, type == "START" ? [] : outputs);
            json.WriteString("producer", Producer);
            json.WriteString("schemaURL", Schema);
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
    }

    private static void WriteRun(Utf8JsonWriter json, ProvenanceRecord record)
    {
        json.WriteStartObject("run");
        json.WriteString("runId", OpenLineageNames.RunIdOf(record.CommittedBy));
        json.WriteStartObject("facets");
        WriteFacet(json, "nominalTime", Facets + "1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet");
        json.WriteString("nominalStartTime", record.Timestamp);
        json.WriteEndObject();
        WriteFacet(json, "hyperprov_transaction", "urn:hyperprov:facets:transaction");
        json.WriteString("transactionId", record.CommittedBy.Value);
        json.WriteNumber("block", record.Block);
        json.WriteString("mspId", record.MspId);
        json.WriteString("enrollmentId", record.EnrollmentId);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteDatasets(
        Utf8JsonWriter json, string member, string channel, IReadOnlyList<ProvenanceRecord> records)
    {
        json.WriteStartArray(member);
        foreach (ProvenanceRecord record in records)
        {
            json.WriteStartObject();
            json.WriteString("namespace", OpenLineageNames.NamespaceOf(channel));
            json.WriteString("name", record.Key);
            json.WriteStartObject("facets");
            WriteFacet(
                json, "version", Facets + "1-0-0/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet");
            json.WriteString("datasetVersion", record.TransactionId.Value);
            json.WriteEndObject();
            if (record.Description.Length > 0)
            {
                WriteFacet(
                    json, "documentation",
                    Facets + "1-0-1/DocumentationDatasetFacet.json#/$defs/DocumentationDatasetFacet");
                json.WriteString("description", record.Description);
                json.WriteEndObject();
            }

            WriteSource(json, record);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSource(Utf8JsonWriter json, ProvenanceRecord record)
    {
        if (Uri.IsWellFormedUriString(record.Location, UriKind.Absolute))
        {
            WriteFacet(
                json, "dataSource", Facets + "1-0-1/DatasourceDatasetFacet.json#/$defs/DatasourceDatasetFacet");
            json.WriteString("name", record.Location);
            json.WriteString("uri", record.Location);
            json.WriteEndObject();
        }

        WriteFacet(json, "hyperprov_record", "urn:hyperprov:facets:record");
        json.WriteString("hash", record.Hash);
        json.WriteString("checksumAlgorithm", record.ChecksumAlgorithm);
        json.WriteString("location", record.Location);
        json.WriteString("pointer", record.Pointer);
        json.WriteString("type", record.Type);
        json.WriteEndObject();
    }

    /// <summary>Opens a facet; the caller ends it.</summary>
    private static void WriteFacet(Utf8JsonWriter json, string name, string schema)
    {
        json.WriteStartObject(name);
        json.WriteString("_producer", Producer);
        json.WriteString("_schemaURL", schema);
    }
}

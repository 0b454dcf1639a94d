using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using Node.Client.Exporting.Prov;
using Node.Client.Lineages;
using Node.Client.Recording;

namespace Node.Client.Exporting.Attesting;

/// <summary>
/// A record as an in-toto statement: its content by digest, with a SLSA provenance that names its parents by theirs.
/// </summary>
/// <remarks>
/// Sources: in-toto Attestation Framework, Statement v1 and ResourceDescriptor v1; SLSA Provenance v1.
/// </remarks>
public static class InTotoStatement
{
    /// <summary>The payload type of the envelope around a statement.</summary>
    public const string PayloadType = "application/vnd.in-toto+json";

    private const string StatementType = "https://in-toto.io/Statement/v1";
    private const string PredicateType = "https://slsa.dev/provenance/v1";
    private const string BuildType = "urn:hyperprov:derivation:v1";

    private static readonly JsonWriterOptions s_options =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.Default };

    /// <param name="graph">The record's lineage upwards; its first root is the subject.</param>
    /// <param name="statement">UTF-8; the same graph gives the same bytes.</param>
    /// <param name="fault">The record cannot be a subject: a statement names content by a digest of a known
    /// kind.</param>
    public static bool TryWrite(
        LineageGraph graph, string channel, [NotNullWhen(true)] out byte[]? statement,
        [NotNullWhen(false)] out string? fault)
    {
        statement = null;
        LineageNode? root = graph.Roots.FirstOrDefault();
        if (root?.Record is not { } record)
        {
            fault = "there is no record to make a statement about";
            return false;
        }

        if (DigestNameOf(record) is null)
        {
            fault = $"the record of key \"{Quoted.Short(record.Key)}\" has a checksum of the kind " +
                $"\"{Quoted.Short(record.ChecksumAlgorithm)}\", which an in-toto statement cannot carry " +
                "(it can: SHA-256, SHA-384, SHA-512, SHA3-256, SHA-1, MD5)";
            return false;
        }

        int index = graph.Nodes.ToList().IndexOf(root);
        LineageNode[] parents =
            [.. graph.Edges.Where(edge => edge.Child == index).Select(edge => graph.Nodes[edge.Parent])];
        statement = Write(record, parents, channel);
        fault = null;
        return true;
    }

    private static byte[] Write(ProvenanceRecord record, LineageNode[] parents, string channel)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, s_options))
        {
            json.WriteStartObject();
            json.WriteString("_type", StatementType);
            json.WriteStartArray("subject");
            WriteDescriptor(json, record);
            json.WriteEndArray();
            json.WriteString("predicateType", PredicateType);
            json.WriteStartObject("predicate");
            WriteDefinition(json, record, parents, channel);
            WriteRun(json, record);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    private static void WriteDefinition(
        Utf8JsonWriter json, ProvenanceRecord record, LineageNode[] parents, string channel)
    {
        json.WriteStartObject("buildDefinition");
        json.WriteString("buildType", BuildType);
        json.WriteStartObject("externalParameters");
        json.WriteString("channel", channel);
        json.WriteString("key", record.Key);
        json.WriteString("type", record.Type);
        json.WriteString("description", record.Description);
        json.WriteEndObject();
        json.WriteStartArray("resolvedDependencies");
        foreach (LineageNode parent in parents)
        {
            if (parent.Record is { } known)
                WriteDescriptor(json, known);
            else
                WriteUnknown(json, parent);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, ProvenanceRecord record)
    {
        json.WriteStartObject("runDetails");
        json.WriteStartObject("builder");
        string identity = ProvWords.Local($"{record.MspId}/{record.EnrollmentId}");
        json.WriteString("id", ProvWords.AgentNamespace + identity);
        json.WriteEndObject();
        json.WriteStartObject("metadata");
        json.WriteString("invocationId", ProvWords.TransactionNamespace + record.CommittedBy.Value);
        if (ProvTime.OfRecord(record.Timestamp) is { } time)
        {
            json.WriteString("startedOn", time);
            json.WriteString("finishedOn", time);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteDescriptor(Utf8JsonWriter json, ProvenanceRecord record)
    {
        json.WriteStartObject();
        json.WriteString("name", record.Key);
        json.WriteString("uri", ProvWords.RecordNamespace + record.TransactionId.Value);
        if (DigestNameOf(record) is { } algorithm)
        {
            json.WriteStartObject("digest");
            json.WriteString(algorithm, record.Hash);
            json.WriteEndObject();
        }

        json.WriteStartObject("annotations");
        json.WriteString("location", record.Location);
        json.WriteString("pointer", record.Pointer);
        json.WriteNumber("block", record.Block);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteUnknown(Utf8JsonWriter json, LineageNode parent)
    {
        json.WriteStartObject();
        json.WriteString("uri", ProvWords.RecordNamespace + parent.Id.Value);
        json.WriteStartObject("annotations");
        json.WriteBoolean(parent.Is(LineageMarks.Missing) ? "missing" : "leftOut", value: true);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string? DigestNameOf(ProvenanceRecord record) => record.ChecksumAlgorithm switch
    {
        "SHA-256" => "sha256",
        "SHA-384" => "sha384",
        "SHA-512" => "sha512",
        "SHA3-256" => "sha3_256",
        "SHA-1" => "sha1",
        "MD5" => "md5",
        _ => null,
    };
}

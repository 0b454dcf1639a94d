using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Node.Cli.Running;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Cli.Rendering;

/// <summary>
/// Results for other programs: one JSON value on standard output. Member names are documented in docs/cli.md.
/// </summary>
internal static class JsonView
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // It is no part of a web page; names stay readable.
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new TxIdJson(), new Hash32Json() },
    };

    private static readonly JsonSerializerOptions s_oneLine = new(s_options) { WriteIndented = false };

    public static void Write(CliConsole console, object value) =>
        console.Output.WriteLine(JsonSerializer.Serialize(value, s_options));

    /// <summary>For commands that answer line by line.</summary>
    public static string OneLine(object value) => JsonSerializer.Serialize(value, s_oneLine);

    /// <summary>A record as every command shows it.</summary>
    public static object Of(ProvenanceRecord record) => new
    {
        record.Key,
        record.TransactionId,
        Batch = record.BatchId,
        record.Hash,
        record.ChecksumAlgorithm,
        record.Location,
        record.Pointer,
        record.Type,
        record.Description,
        record.Parents,
        record.EnrollmentId,
        record.MspId,
        record.Fingerprint,
        record.Timestamp,
        OriginalTime = record.OriginalTime.Length == 0 ? null : record.OriginalTime,
        record.Journal,
        record.JournalSequence,
        record.Block,
        record.Transaction,
        Outdated = record.IsOutdated,
    };

    public static object Of(Finding finding) => new
    {
        finding.Kind,
        Failure = finding.IsFailure,
        finding.Record.Key,
        finding.Record.TransactionId,
        Parent = finding.Parent.IsNone ? null : finding.Parent.Value,
        ParentKey = finding.ParentRecord?.Key,
        finding.Check?.Path,
        Algorithm = finding.Check?.Expected.Algorithm,
        Expected = finding.Check?.Expected.Hex,
        Found = finding.Check?.Found?.Hex,
    };

    private sealed class TxIdJson : JsonConverter<TxId>
    {
        public override TxId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Results are only written.");

        public override void Write(Utf8JsonWriter writer, TxId value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Value);
    }

    private sealed class Hash32Json : JsonConverter<Hash32>
    {
        public override Hash32 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Results are only written.");

        public override void Write(Utf8JsonWriter writer, Hash32 value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}

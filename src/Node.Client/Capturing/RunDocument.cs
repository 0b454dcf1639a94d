using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Node.Client.Capturing;

/// <summary>Everything that is known of a run, as the JSON document that becomes the content of its record.</summary>
internal sealed class RunDocument
{
    public required IReadOnlyList<string> Command { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required TimeSpan Duration { get; init; }

    public required int ExitCode { get; init; }

    public required SourceState? Source { get; init; }

    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required IReadOnlyDictionary<string, string> Metrics { get; init; }

    public required IReadOnlyList<CapturedFile> Inputs { get; init; }

    public required IReadOnlyList<(CapturedFile Before, CapturedFile After)> Outputs { get; init; }

    /// <summary>What could not be captured, in words.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>One line for the record's description.</summary>
    public string Summary()
    {
        string metrics = string.Concat(Metrics.Take(8).Select(metric => $", {metric.Key}={metric.Value}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(' ', Command)}: exit {ExitCode}, {Duration.TotalSeconds:F1} s{metrics}");
    }

    public byte[] ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(
            bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("format", "hyperprov-run 1");
            WriteTexts(json, "command", Command);
            json.WriteString("started", Text(Started));
            json.WriteString("ended", Text(Started + Duration));
            json.WriteNumber("seconds", Math.Round(Duration.TotalSeconds, 3));
            json.WriteNumber("exitCode", ExitCode);
            WriteSource(json);
            WriteMap(json, "parameters", Parameters);
            WriteMap(json, "metrics", Metrics);
            WriteMap(json, "environment", Environment);
            WriteMachine(json);
            WriteInputs(json);
            WriteOutputs(json);
            WriteTexts(json, "notes", Notes);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private void WriteSource(Utf8JsonWriter json)
    {
        if (Source is null)
        {
            json.WriteNull("git");
            return;
        }

        json.WriteStartObject("git");
        json.WriteString("commit", Source.Commit);
        json.WriteBoolean("dirty", Source.IsDirty);
        json.WriteEndObject();
    }

    private static void WriteMachine(Utf8JsonWriter json)
    {
        json.WriteStartObject("machine");
        json.WriteString("system", RuntimeInformation.OSDescription);
        json.WriteString("architecture", RuntimeInformation.OSArchitecture.ToString());
        json.WriteNumber("processors", System.Environment.ProcessorCount);
        json.WriteEndObject();
    }

    private void WriteInputs(Utf8JsonWriter json)
    {
        json.WriteStartArray("inputs");
        foreach (CapturedFile file in Inputs)
        {
            json.WriteStartObject();
            json.WriteString("path", file.Path);
            json.WriteString("sha256", file.Checksum?.ToString());
            json.WriteNumber("bytes", file.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteOutputs(Utf8JsonWriter json)
    {
        json.WriteStartArray("outputs");
        foreach ((CapturedFile before, CapturedFile after) in Outputs)
        {
            json.WriteStartObject();
            json.WriteString("path", after.Path);
            json.WriteString("before", before.Checksum?.ToString());
            json.WriteString("sha256", after.Checksum?.ToString());
            json.WriteNumber("bytes", after.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static string Text(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Node.Client.Exporting.OpenLineage;

/// <summary>What a record keeps of an event: one JSON object, {"openLineage":{…}}.</summary>
internal static class OpenLineageDescription
{
    /// <summary>
    /// Facets beyond this are named and left out. Plenty for schemas; dumps of tables belong elsewhere.
    /// </summary>
    private const int FacetBytesMax = 128 << 10;

    private static readonly JsonWriterOptions s_options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string OfRun(OpenLineageEvent happened, OpenLineageRunState state) => Write(json =>
    {
        WriteText(json, "event", happened.Type);
        json.WriteString("time", happened.EventTime);
        json.WriteString("producer", happened.Producer);
        WriteText(json, "run", happened.RunId);
        json.WriteString("jobNamespace", happened.JobNamespace);
        json.WriteString("job", happened.JobName);
        WriteText(json, "nominalStart", happened.NominalStart);
        WriteText(json, "nominalEnd", happened.NominalEnd);
        if (state.Outputs.Count > 0)
        {
            json.WriteStartArray("outputs");
            foreach ((string key, string space, string name) in state.Outputs)
            {
                json.WriteStartObject();
                json.WriteString("key", key);
                json.WriteString("namespace", space);
                json.WriteString("name", name);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        WriteFacets(json, happened.Facets);
    });

    public static string OfDataset(OpenLineageEvent happened, OpenLineageDataset dataset) => Write(json =>
    {
        json.WriteString("time", happened.EventTime);
        json.WriteString("producer", happened.Producer);
        json.WriteString("namespace", dataset.Namespace);
        json.WriteString("name", dataset.Name);
        if (dataset.Documentation is { Length: > 0 and < FacetBytesMax } documentation)
            json.WriteString("documentation", documentation);

        WriteFacets(json, dataset.Facets);
    });

    private static string Write(Action<Utf8JsonWriter> content)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, s_options))
        {
            json.WriteStartObject();
            json.WriteStartObject("openLineage");
            content(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void WriteFacets(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, string>> facets)
    {
        int left = FacetBytesMax;
        var leftOut = new List<string>();
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in facets)
        {
            int bytes = Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);
            if (bytes > left || !kept.TryAdd(name, value))
                leftOut.Add(Quoted.Short(name));
            else
                left -= bytes;
        }

        if (kept.Count > 0)
        {
            json.WriteStartObject("facets");
            foreach ((string name, string value) in kept)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value, skipInputValidation: true);   // It was parsed before.
            }

            json.WriteEndObject();
        }

        if (leftOut.Count > 0)
            json.WriteString("facetsLeftOut", string.Join(", ", leftOut.Take(20)));
    }

    private static void WriteText(Utf8JsonWriter json, string member, string text)
    {
        if (text.Length > 0)
            json.WriteString(member, text);
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Node.Client.Exporting.OpenLineage;

/// <summary>Turns JSON into events. Reads one document; the first fault ends it.</summary>
internal sealed class OpenLineageReading(ReadOnlyMemory<byte> document)
{
    private static readonly string[] s_types = ["", "START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"];

    private readonly List<OpenLineageEvent> _events = [];
    private string? _fault;

    /// <summary>One event, an array of events, or one event in each line.</summary>
    public bool TryRead(
        [NotNullWhen(true)] out IReadOnlyList<OpenLineageEvent>? events, [NotNullWhen(false)] out string? fault)
    {
        if (LocatedJson.TryParse(document, out LocatedJson? root, out string? wrong))
        {
            foreach (LocatedJson one in root.Kind == JsonValueKind.Array ? root.Items : [root])
                Read(one, start: 0);
        }
        else if (IsByLine())
            ReadLines();
        else
            _fault = wrong;

        if (_fault is null && _events.Count == 0)
            _fault = "line 1: there is no event";

        fault = _fault;
        events = fault is null ? _events : null;
        return events is not null;
    }

    // The first line is a whole object, and more follows.
    private bool IsByLine()
    {
        int end = document.Span.IndexOf((byte)'\n');
        return end > 0 && LocatedJson.TryParse(document[..end], out LocatedJson? first, out _)
            && first.Kind == JsonValueKind.Object;
    }

    private void ReadLines()
    {
        int start = 0;
        for (int line = 1; start < document.Length && _fault is null; line++)
        {
            int length = document.Span[start..].IndexOf((byte)'\n');
            int end = length < 0 ? document.Length : start + length;
            ReadOnlyMemory<byte> text = document[start..end];
            if (!text.Span.Trim(" \t\r"u8).IsEmpty)
            {
                if (LocatedJson.TryParse(text, line, out LocatedJson? root, out string? wrong))
                    Read(root, start);
                else
                    _fault ??= wrong;
            }

            start = end + 1;
        }
    }

    /// <param name="start">Where the text that was parsed begins in the document.</param>
    private void Read(LocatedJson json, int start)
    {
        if (_fault is not null || !Require(json, json.Kind == JsonValueKind.Object, "an event is an object"))
            return;
        bool hasRoom = _events.Count < ImportLimits.StatementsMax;
        if (!Require(json, hasRoom, $"more than {ImportLimits.StatementsMax} events, the limit"))
            return;

        LocatedJson? run = json["run"];
        LocatedJson? dataset = json["dataset"];
        OpenLineageKind kind = run is not null ? OpenLineageKind.Run
            : dataset is not null ? OpenLineageKind.Dataset
            : OpenLineageKind.Job;
        string type = TextOf(json, "eventType", isRequired: false);
        Require(json, s_types.Contains(type), $"\"{Quoted.Short(type)}\" is no eventType");
        string time = TimeOf(json, "eventTime", isRequired: true);
        string producer = TextOf(json, "producer", isRequired: true);
        string runId = run is null ? "" : RunIdOf(run);
        LocatedJson? job = kind == OpenLineageKind.Dataset ? null : ObjectOf(json, "job", isRequired: true);
        LocatedJson? nominal = run?["facets"]?["nominalTime"];
        var read = new OpenLineageEvent(
            kind, type, time, producer, runId,
            job is null ? "" : TextOf(job, "namespace", isRequired: true),
            job is null ? "" : TextOf(job, "name", isRequired: true),
            DatasetsOf(json, "inputs", "inputFacets", start),
            dataset is null
                ? DatasetsOf(json, "outputs", "outputFacets", start)
                : [DatasetOf(dataset, moreFacets: null, start)],
            [.. FacetsOf(run, "facets", start), .. FacetsOf(job, "facets", start)],
            Convert.ToHexStringLower(SHA256.HashData(Slice(json, start).Span)),
            json.Line)
        {
            NominalStart = nominal is null ? "" : TimeOf(nominal, "nominalStartTime", isRequired: false),
            NominalEnd = nominal is null ? "" : TimeOf(nominal, "nominalEndTime", isRequired: false),
        };
        if (_fault is null)
            _events.Add(read);
    }

    private string RunIdOf(LocatedJson run)
    {
        if (!Require(run, run.Kind == JsonValueKind.Object, "\"run\" is not an object"))
            return "";

        string id = TextOf(run, "runId", isRequired: true);
        bool isUuid = Guid.TryParseExact(id, "D", out Guid parsed);
        Require(run, isUuid, $"the runId \"{Quoted.Short(id)}\" is not a UUID");
        return parsed.ToString("D");
    }

    private List<OpenLineageDataset> DatasetsOf(LocatedJson json, string member, string moreFacets, int start)
    {
        LocatedJson? list = json[member];
        if (list is null or { Kind: JsonValueKind.Null })
            return [];
        if (!Require(list, list.Kind == JsonValueKind.Array, $"\"{member}\" is not an array"))
            return [];
        if (!Require(
            list, list.Items.Count <= ImportLimits.ParentsMax,
            $"{list.Items.Count} {member}, a record has at most {ImportLimits.ParentsMax} parents"))
            return [];

        return [.. list.Items.Select(item => DatasetOf(item, moreFacets, start))];
    }

    private OpenLineageDataset DatasetOf(LocatedJson json, string? moreFacets, int start)
    {
        if (!Require(json, json.Kind == JsonValueKind.Object, "a dataset is an object"))
            return new OpenLineageDataset("", "", [], json.Line);

        LocatedJson? facets = json["facets"];
        LocatedJson? own = facets?["hyperprov_record"];
        return new OpenLineageDataset(
            TextOf(json, "namespace", isRequired: true),
            TextOf(json, "name", isRequired: true),
            [.. FacetsOf(json, "facets", start), .. moreFacets is null ? [] : FacetsOf(json, moreFacets, start)],
            json.Line)
        {
            Version = facets?["version"]?.TextOf("datasetVersion"),
            Documentation = facets?["documentation"]?.TextOf("description"),
            Record = own?.TextOf("hash") is { Length: > 0 } hash
                ? new OwnRecord(
                    hash, own.TextOf("checksumAlgorithm") ?? "", own.TextOf("location") ?? "",
                    own.TextOf("pointer") ?? "")
                : null,
        };
    }

    private IEnumerable<KeyValuePair<string, string>> FacetsOf(LocatedJson? json, string member, int start)
    {
        LocatedJson? facets = json?[member];
        if (facets is null or { Kind: JsonValueKind.Null })
            yield break;
        if (!Require(facets, facets.Kind == JsonValueKind.Object, $"\"{member}\" is not an object"))
            yield break;

        foreach ((string name, LocatedJson facet) in facets.Ordered)
            yield return new KeyValuePair<string, string>(name, Encoding.UTF8.GetString(Slice(facet, start).Span));
    }

    private LocatedJson? ObjectOf(LocatedJson json, string member, bool isRequired)
    {
        LocatedJson? value = json[member];
        if (value is null)
            Require(json, !isRequired, $"the event has no \"{member}\"");
        else if (Require(value, value.Kind == JsonValueKind.Object, $"\"{member}\" is not an object"))
            return value;

        return null;
    }

    private string TimeOf(LocatedJson json, string member, bool isRequired)
    {
        string text = TextOf(json, member, isRequired);
        bool isTime = text.Length == 0 || (text.Contains('T', StringComparison.OrdinalIgnoreCase)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _));
        Require(json, isTime, $"the {member} \"{Quoted.Short(text)}\" is not a time (RFC 3339)");
        return text;
    }

    private string TextOf(LocatedJson json, string member, bool isRequired)
    {
        LocatedJson? value = json[member];
        if (value is null or { Kind: JsonValueKind.Null })
        {
            Require(json, !isRequired, $"there is no \"{member}\"");
            return "";
        }

        Require(value, value.Kind == JsonValueKind.String, $"\"{member}\" is not a string");
        Require(value, !isRequired || value.Text.Length > 0, $"\"{member}\" is empty");
        return value.Text;
    }

    private ReadOnlyMemory<byte> Slice(LocatedJson json, int start) =>
        document[(start + json.Start)..(start + json.End)];

    private bool Require(LocatedJson at, bool holds, string fault)
    {
        if (!holds)
            _fault ??= $"line {at.Line}: {fault}";

        return holds;
    }
}

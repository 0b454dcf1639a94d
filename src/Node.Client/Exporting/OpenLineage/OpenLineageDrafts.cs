using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Node.Client.Recording;

namespace Node.Client.Exporting.OpenLineage;

/// <summary>Makes records of events, one call after the other. Owned by one call.</summary>
/// <remarks>
/// A run is a key with a version for each of its events, derived from the version before and from the run's inputs;
/// what
/// it put out is recorded when it completes, derived from the run. Nothing is kept in memory between calls: the state
/// of
/// a run is its newest record.
/// </remarks>
internal sealed class OpenLineageDrafts(
    Func<string, CancellationToken, Task<ProvenanceRecord?>> newest, ImportOptions options)
{
    private readonly List<RecordDraft> _drafts = [];
    private readonly List<string> _leftOut = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);   // By key: its newest draft.
    private readonly Dictionary<string, OpenLineageRunState> _runs = new(StringComparer.Ordinal);

    public ImportedDrafts Result => new(_drafts, _leftOut);

    public async Task AddAsync(OpenLineageEvent happened, CancellationToken cancellation)
    {
        if (happened.Kind == OpenLineageKind.Dataset)
            AddDataset(happened, happened.Outputs[0], parents: []);
        else
            await AddRunAsync(happened, cancellation).ConfigureAwait(false);
    }

    private async Task AddRunAsync(OpenLineageEvent happened, CancellationToken cancellation)
    {
        string key = options.KeyPrefix + (happened.Kind == OpenLineageKind.Run
            ? $"openlineage/run/{happened.JobNamespace}/{happened.JobName}/{happened.RunId}"
            : $"openlineage/job/{happened.JobNamespace}/{happened.JobName}");
        (string? before, OpenLineageRunState state, string digest) =
            await BeforeAsync(key, cancellation).ConfigureAwait(false);
        if (digest == happened.Digest)
        {
            _leftOut.Add($"line {happened.Line}: the event is recorded already, as the newest of its run");
            return;
        }

        var parents = new List<string>();
        if (before is not null)
            parents.Add(before);

        foreach (OpenLineageDataset input in happened.Inputs)
        {
            string name = await InputAsync(happened, input, cancellation).ConfigureAwait(false);
            if (!parents.Contains(name))
                parents.Add(name);
        }

        state = state.After(happened, KeyOf);
        Add(happened.Line, new RecordDraft
        {
            Key = key,
            Hash = happened.Digest,
            ChecksumAlgorithm = "unspecified",
            Type = happened.Kind == OpenLineageKind.Run ? "Run" : "Job",
            Description = OpenLineageDescription.OfRun(happened, state),
            Parents = parents,
        });
        _runs[key] = state;
        if (happened.Type == "COMPLETE")
            AddOutputs(happened, state, [NameOf(key)]);
    }

    // Named by this event, or by an earlier one of the run.
    private void AddOutputs(OpenLineageEvent happened, OpenLineageRunState state, string[] parents)
    {
        foreach (OpenLineageDataset output in happened.Outputs.DistinctBy(KeyOf))
            AddDataset(happened, output, parents);

        HashSet<string> named = [.. happened.Outputs.Select(KeyOf)];
        foreach ((string key, string space, string name) in state.Outputs.Where(output => !named.Contains(output.Key)))
            AddDataset(happened, new OpenLineageDataset(space, name, [], happened.Line), parents);
    }

    /// <summary>The version of a dataset that a run read: the newest, unless the event names another version.</summary>
    private async Task<string> InputAsync(
        OpenLineageEvent happened, OpenLineageDataset input, CancellationToken cancellation)
    {
        string key = KeyOf(input);
        string? wanted = input.Record?.Hash ?? input.Version;
        if (_indexes.TryGetValue(key, out int index))
        {
            if (wanted is null || _drafts[index].Hash == wanted)
                return NameOf(key);
        }
        else if (await newest(key, cancellation).ConfigureAwait(false) is { } known
            && (wanted is null || known.Hash == wanted))
            return known.TransactionId.Value;

        AddDataset(happened, input, parents: []);
        return NameOf(key);
    }

    private void AddDataset(OpenLineageEvent happened, OpenLineageDataset dataset, string[] parents)
    {
        string key = KeyOf(dataset);
        bool hasVersion = dataset.Version is { Length: > 0 } version
            && Encoding.UTF8.GetByteCount(version) <= ImportLimits.HashBytesMax;
        string hash = dataset.Record?.Hash ?? (hasVersion ? dataset.Version! : DigestOf(happened, key));
        bool fits = Encoding.UTF8.GetByteCount(dataset.Namespace) <= ImportLimits.LocationBytesMax
            && Encoding.UTF8.GetByteCount(dataset.Name) <= ImportLimits.LocationBytesMax;
        Add(dataset.Line, new RecordDraft
        {
            Key = key,
            Hash = hash,
            ChecksumAlgorithm = dataset.Record?.ChecksumAlgorithm is { Length: > 0 } algorithm
                ? algorithm
                : "unspecified",
            Location = dataset.Record?.Location ?? (fits ? dataset.Namespace : ""),
            Pointer = dataset.Record?.Pointer ?? (fits ? dataset.Name : ""),
            Type = "Dataset",
            Description = OpenLineageDescription.OfDataset(happened, dataset),
            Parents = parents,
        });
    }

    private void Add(int line, RecordDraft draft)
    {
        RequireBytes(line, "the key", draft.Key, ImportLimits.KeyBytesMax);
        RequireBytes(line, "the checksum", draft.Hash, ImportLimits.HashBytesMax);
        RequireBytes(line, "the location", draft.Location, ImportLimits.LocationBytesMax);
        RequireBytes(line, "the pointer", draft.Pointer, ImportLimits.LocationBytesMax);
        if (draft.Key.Contains('\0', StringComparison.Ordinal)
            || draft.Key.Contains("\U0010FFFF", StringComparison.Ordinal))
            throw new ImportRefusedException($"line {line}: a name with U+0000 or U+10FFFF cannot be a key");
        if (draft.Parents.Count > ImportLimits.ParentsMax)
            throw new ImportRefusedException(
                $"line {line}: {draft.Parents.Count} inputs, a record has at most {ImportLimits.ParentsMax} parents");

        _indexes[draft.Key] = _drafts.Count;
        _drafts.Add(draft);
    }

    private async Task<(string? Name, OpenLineageRunState State, string Digest)> BeforeAsync(
        string key, CancellationToken cancellation)
    {
        if (_indexes.TryGetValue(key, out int index))
            return (NameOf(key), _runs[key], _drafts[index].Hash);

        ProvenanceRecord? known = await newest(key, cancellation).ConfigureAwait(false);
        return known is null
            ? (null, OpenLineageRunState.New, "")
            : (known.TransactionId.Value, OpenLineageRunState.Of(known.Description), known.Hash);
    }

    private string NameOf(string key) => string.Create(CultureInfo.InvariantCulture, $"#{_indexes[key]}");

    // Our own events name a dataset by its key.
    private string KeyOf(OpenLineageDataset dataset) => options.KeyPrefix + OpenLineageNames.KeyOf(dataset);

    private static string DigestOf(OpenLineageEvent happened, string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{happened.Digest} {key}")));

    private static void RequireBytes(int line, string what, string text, int bytesMax)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > bytesMax)
            throw new ImportRefusedException($"line {line}: {what} has {bytes} bytes, the limit is {bytesMax}");
    }
}

/// <summary>What a run's earlier events named.</summary>
/// <param name="Outputs">Key, namespace and name.</param>
internal sealed record OpenLineageRunState(IReadOnlyList<(string Key, string Namespace, string Name)> Outputs)
{
    public static OpenLineageRunState New { get; } = new([]);

    /// <summary>
    /// As <see cref="OpenLineageDescription.OfRun"/> wrote it; whatever else was recorded has no state.
    /// </summary>
    public static OpenLineageRunState Of(string description)
    {
        if (!LocatedJson.TryParse(Encoding.UTF8.GetBytes(description), out LocatedJson? json, out _))
            return New;

        LocatedJson? outputs = json["openLineage"]?["outputs"];
        return new OpenLineageRunState(
        [
            .. (outputs?.Items ?? [])
                .Where(item => item.Kind == JsonValueKind.Object)
                .Select(item => (item.TextOf("key") ?? "", item.TextOf("namespace") ?? "", item.TextOf("name") ?? ""))
                .Where(item => item.Item1.Length > 0 && item.Item3.Length > 0),
        ]);
    }

    public OpenLineageRunState After(OpenLineageEvent happened, Func<OpenLineageDataset, string> keyOf) => new(
    [
        .. Outputs.Concat(happened.Outputs.Select(output => (keyOf(output), output.Namespace, output.Name)))
            .DistinctBy(output => output.Item1)
            .Take(ImportLimits.ParentsMax),
    ]);
}

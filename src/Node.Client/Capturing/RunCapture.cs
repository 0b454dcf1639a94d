using Node.Client.Recording;
using Node.Client.Storing;
using Node.Client.Trees;
using Node.Protocol;

namespace Node.Client.Capturing;

/// <summary>
/// Runs a command and records what went in, what came out, and how: inputs, run and outputs in one go.
/// </summary>
/// <remarks>
/// Inputs are hashed before the command starts, and stored while it runs. The run is one record that depends on its
/// inputs; each output is one that depends on the run. An input that is on the ledger as it is needs no new record. One
/// run per object.
/// </remarks>
public sealed class RunCapture(ProvenanceClient client, TimeProvider clock)
{
    private const int InputsMax = 1_000;
    private const int OutputsMax = 10_000;
    private const string InputType = "Input";
    private const string RunType = "Run";
    private const string OutputType = "Output";

    private readonly List<string> _notes = [];
    private readonly List<RecordDraft> _drafts = [];
    private CaptureOptions _options = null!;   // Set by RunAsync, the only way in.

    /// <exception cref="CaptureRefusedException">Nothing was started.</exception>
    /// <exception cref="RunNotRecordedException">The command ran; the ledger does not know it.</exception>
    public async Task<CapturedRun> RunAsync(CaptureOptions options, CancellationToken cancellation)
    {
        _options = options;
        RequireNoSecrets();
        long began = clock.GetTimestamp();
        List<CapturedFile> inputs = Hash(FilePatterns.Find(options.Folder, options.Inputs, InputsMax));
        List<CapturedFile> before = Hash(FilePatterns.Find(options.Folder, options.Outputs, OutputsMax));
        SourceState? source = await SourceState.ReadAsync(options.Folder, cancellation).ConfigureAwait(false);
        RequireInputs(inputs);
        TimeSpan ahead = clock.GetElapsedTime(began);

        DateTimeOffset started = clock.GetUtcNow();
        long running = clock.GetTimestamp();
        Task<TxId?[]> storing = StoreInputsAsync(inputs, cancellation);
        int exitCode;
        TimeSpan duration;
        long ended;
        try
        {
            exitCode = await ChildProcess.RunAsync(options.Command, options.Folder, clock, cancellation)
                .ConfigureAwait(false);
            duration = clock.GetElapsedTime(running);
            ended = clock.GetTimestamp();
        }
        finally
        {
            // Also when the command could not be started: nothing may go on storing behind the caller's back.
            await Task.WhenAny(storing).ConfigureAwait(false);
        }

        List<(CapturedFile Before, CapturedFile After)> outputs = Changed(before);
        var document = new RunDocument
        {
            Command = SecretNames.WithoutSecrets(options.Command),
            Started = started,
            Duration = duration,
            ExitCode = exitCode,
            Source = source,
            Parameters = options.Parameters,
            Environment = CaptureEnvironment(),
            Metrics = ReadMetrics(),
            Inputs = inputs,
            Outputs = outputs,
            Notes = _notes,
        };
        try
        {
            TxId?[] known = await storing.ConfigureAwait(false);
            return await RecordAsync(document, known, CancellationToken.None).ConfigureAwait(false) with
            {
                Overhead = ahead + clock.GetElapsedTime(ended),
            };
        }
        catch (Exception e) when (e is GatewayException or CommitException or NodeException or PartlyRecordedException)
        {
            string rescue = Path.Combine(options.Folder, "hyperprov-run.json");
            await DurableFile.ReplaceAsync(rescue, document.ToJson(), CancellationToken.None).ConfigureAwait(false);
            throw new RunNotRecordedException(exitCode, rescue, e);
        }
    }

    private async Task<CapturedRun> RecordAsync(
        RunDocument document, TxId?[] known, CancellationToken cancellation)
    {
        // The drafts of inputs are there already, in the order of the inputs that need one.
        int next = 0;
        string[] parents = [.. known.Select(id => id?.Value ?? $"#{next++}")];
        int run = _drafts.Count;
        _drafts.Add(await DraftRunAsync(document, parents, cancellation).ConfigureAwait(false));
        foreach ((_, CapturedFile after) in document.Outputs)
            _drafts.Add(await DraftFileAsync(after, OutputType, [$"#{run}"], cancellation).ConfigureAwait(false));

        IReadOnlyList<Recorded> recorded =
            await client.RecordBatchAsync(_drafts, cancellation).ConfigureAwait(false);
        next = 0;
        return new CapturedRun(
            document.ExitCode,
            document.Duration,
            Overhead: default,
            recorded[run].Id,
            [.. document.Inputs.Select((file, i) => (file, known[i] ?? recorded[next++].Id))],
            [.. document.Outputs.Select((output, i) => (output.After, recorded[run + 1 + i].Id))]);
    }

    private async Task<RecordDraft> DraftRunAsync(
        RunDocument document, string[] parents, CancellationToken cancellation)
    {
        using var content = new MemoryStream(document.ToJson());
        StoredContent stored = await client.Stores.Default.AddAsync(
            content, new AddOptions { Name = _options.Key }, cancellation).ConfigureAwait(false);
        return new RecordDraft
        {
            Key = _options.Key,
            Hash = stored.Checksum.ToString(),
            ChecksumAlgorithm = "SHA-256",
            Location = stored.Location,
            Pointer = stored.Pointer,
            Description = _options.Description.Length > 0 ? _options.Description : document.Summary(),
            Type = RunType,
            Parents = parents,
        };
    }

    /// <summary>For each input its record on the ledger, or null for one whose draft was made.</summary>
    private async Task<TxId?[]> StoreInputsAsync(List<CapturedFile> inputs, CancellationToken cancellation)
    {
        var known = new TxId?[inputs.Count];
        for (int i = 0; i < known.Length; i++)
        {
            known[i] = await FindAsync(inputs[i], cancellation).ConfigureAwait(false);
            if (known[i] is null)
                _drafts.Add(await DraftFileAsync(inputs[i], InputType, [], cancellation).ConfigureAwait(false));
        }

        return known;
    }

    private async Task<TxId?> FindAsync(CapturedFile input, CancellationToken cancellation)
    {
        try
        {
            ProvenanceRecord newest = await client.FindAsync(input.Path, cancellation).ConfigureAwait(false);
            return newest.Hash == input.Checksum?.ToString() ? newest.TransactionId : null;
        }
        catch (RecordNotFoundException)
        {
            return null;
        }
    }

    private async Task<RecordDraft> DraftFileAsync(
        CapturedFile file, string type, string[] parents, CancellationToken cancellation)
    {
        string location = new Uri(_options.Folder + Path.DirectorySeparatorChar).AbsoluteUri;
        string pointer = file.Path;
        if (!_options.InPlace)
            (location, pointer) = await StoreAsync(file, cancellation).ConfigureAwait(false) ?? (location, pointer);
        return new RecordDraft
        {
            Key = file.Path,
            Hash = (file.Checksum ?? Hash32.Zero).ToString(),   // Only files that are there are recorded.
            ChecksumAlgorithm = "SHA-256",
            Location = location,
            Pointer = pointer,
            Type = type,
            Parents = parents,
        };
    }

    /// <summary>
    /// Null when the file is no longer what it was: its record then says what it was, and has no content.
    /// </summary>
    private async Task<(string Location, string Pointer)?> StoreAsync(
        CapturedFile file, CancellationToken cancellation)
    {
        string path = Path.Combine(_options.Folder, file.Path);
        FileStream content = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
        await using (content.ConfigureAwait(false))
        {
            StoredContent stored = await client.Stores.Default.AddAsync(
                content, new AddOptions { Name = file.Path, SourcePath = path }, cancellation).ConfigureAwait(false);
            if (stored.Checksum == file.Checksum)
                return (stored.Location, stored.Pointer);
        }

        _notes.Add($"{file.Path} changed while the command ran: what it was before is not stored");
        return null;
    }

    private List<(CapturedFile Before, CapturedFile After)> Changed(List<CapturedFile> before)
    {
        var known = before.ToDictionary(file => file.Path, StringComparer.Ordinal);
        List<(CapturedFile, CapturedFile)> changed = [];
        foreach (CapturedFile after in Hash(FilePatterns.Find(_options.Folder, _options.Outputs, OutputsMax)))
        {
            CapturedFile was = known.GetValueOrDefault(after.Path, new CapturedFile(after.Path, Checksum: null, 0));
            if (was.Checksum != after.Checksum)
                changed.Add((was, after));
        }

        return changed;
    }

    private List<CapturedFile> Hash(List<string> paths)
    {
        var files = new CapturedFile[paths.Count];
        Parallel.For(0, files.Length, i =>
        {
            string path = Path.Combine(_options.Folder, paths[i]);
            files[i] = new CapturedFile(paths[i], FileHash.Of(path), new FileInfo(path).Length);
        });
        return [.. files];
    }

    private SortedDictionary<string, string> CaptureEnvironment()
    {
        var captured = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in SecretNames.UsualVariables.Concat(_options.Environment))
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                captured[name] = value;
        }

        return captured;
    }

    private SortedDictionary<string, string> ReadMetrics()
    {
        if (_options.Metrics is not { } file)
            return new SortedDictionary<string, string>(StringComparer.Ordinal);

        SortedDictionary<string, string> metrics =
            MetricsFile.Read(Path.Combine(_options.Folder, file), out string? fault);
        if (fault is not null)
            _notes.Add($"no metrics: {fault}");
        return metrics;
    }

    private void RequireNoSecrets()
    {
        foreach (string name in _options.Environment.Concat(_options.Parameters.Keys))
        {
            if (SecretNames.Looks(name))
                throw new CaptureRefusedException(
                    $"The name {name} looks like that of a secret, and the ledger never forgets. Leave it out.");
        }
    }

    private void RequireInputs(List<CapturedFile> inputs)
    {
        foreach (string pattern in _options.Inputs)
        {
            if (inputs.Count == 0 || FilePatterns.Find(_options.Folder, [pattern], InputsMax).Count == 0)
                throw new CaptureRefusedException(
                    $"No file in {_options.Folder} matches the input \"{pattern}\". "
                    + "Quote patterns, or check the name.");
        }
    }
}

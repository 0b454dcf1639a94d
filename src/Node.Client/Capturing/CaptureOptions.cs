namespace Node.Client.Capturing;

/// <summary>What of a command's run is captured.</summary>
public sealed record CaptureOptions
{
    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The key of the run's record. Files are recorded under their own paths.</summary>
    public required string Key { get; init; }

    /// <summary>Absolute. Patterns and recorded paths are relative to it.</summary>
    public required string Folder { get; init; }

    /// <summary>Files that it reads: <c>data/*.csv</c>, <c>src/**</c>, a file or a folder.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>Files that it writes. Those that are new or altered afterwards are recorded.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    public IReadOnlyDictionary<string, string> Parameters { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A file that it writes with what it measured; see <see cref="MetricsFile"/>. Null: none.</summary>
    public string? Metrics { get; init; }

    /// <summary>Environment variables to capture beside the usual ones. Never any that looks like a secret.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Leave content where it lies: only its checksum and path are recorded.</summary>
    public bool InPlace { get; init; }

    public string Description { get; init; } = "";
}

/// <summary>A file before or after a run.</summary>
/// <param name="Path">Relative to the folder, with slashes.</param>
/// <param name="Checksum">SHA-256; null when it was not there.</param>
public sealed record CapturedFile(string Path, Node.Protocol.Hash32? Checksum, long Bytes);

/// <summary>A run that is over and recorded.</summary>
/// <param name="ExitCode">The command's own; 128 + N when signal N ended it.</param>
/// <param name="Overhead">What capturing added to the time that the command took.</param>
/// <param name="Record">The run's record.</param>
/// <param name="Inputs">Each with its record, which may be older than this run.</param>
/// <param name="Outputs">Those that are new or altered.</param>
public sealed record CapturedRun(
    int ExitCode,
    TimeSpan Duration,
    TimeSpan Overhead,
    Node.Protocol.TxId Record,
    IReadOnlyList<(CapturedFile File, Node.Protocol.TxId Record)> Inputs,
    IReadOnlyList<(CapturedFile File, Node.Protocol.TxId Record)> Outputs);

/// <summary>A run cannot be captured: nothing was started.</summary>
public sealed class CaptureRefusedException : Exception
{
    internal CaptureRefusedException(string message)
        : base(message)
    {
    }
}

/// <summary>The command ran, and its record did not reach the ledger.</summary>
public sealed class RunNotRecordedException : Exception
{
    internal RunNotRecordedException(int exitCode, string document, Exception inner)
        : base(
            $"The command ended with {exitCode}, but its run is not on the ledger: {inner.Message} What was captured "
            + $"is in {document}; record it later with: hyperprov put.",
            inner) =>
        ExitCode = exitCode;

    /// <summary>The command's own.</summary>
    public int ExitCode { get; }
}

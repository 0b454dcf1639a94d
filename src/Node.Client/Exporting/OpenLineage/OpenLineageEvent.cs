namespace Node.Client.Exporting.OpenLineage;

public enum OpenLineageKind
{
    /// <summary>Something happened to a run of a job.</summary>
    Run,

    /// <summary>A job is described, without a run.</summary>
    Job,

    /// <summary>A dataset is described, without a run.</summary>
    Dataset,
}

/// <summary>A dataset as an event names it.</summary>
/// <param name="Facets">By name, each as the JSON that was sent.</param>
public sealed record OpenLineageDataset(
    string Namespace, string Name, IReadOnlyList<KeyValuePair<string, string>> Facets, int Line)
{
    /// <summary>The dataset's version where a facet gives one; else null.</summary>
    public string? Version { get; init; }

    public string? Documentation { get; init; }

    /// <summary>What our own events say of the record's content; else null.</summary>
    public OwnRecord? Record { get; init; }
}

/// <summary>The content of a record, in the facet that our own events carry.</summary>
public sealed record OwnRecord(string Hash, string ChecksumAlgorithm, string Location, string Pointer);

/// <summary>One event, read and checked. Source: OpenLineage specification 2-0-2.</summary>
/// <param name="Type">START, RUNNING, COMPLETE, ABORT, FAIL or OTHER; empty when it is not given.</param>
/// <param name="RunId">A UUID; empty unless it is a run's event.</param>
/// <param name="Facets">Of run and job, by name, each as the JSON that was sent.</param>
/// <param name="Digest">SHA-256 of the event's bytes, in hex: the same event sent again has the same.</param>
/// <param name="Line">Where it begins in its document.</param>
public sealed record OpenLineageEvent(
    OpenLineageKind Kind, string Type, string EventTime, string Producer, string RunId, string JobNamespace,
    string JobName, IReadOnlyList<OpenLineageDataset> Inputs, IReadOnlyList<OpenLineageDataset> Outputs,
    IReadOnlyList<KeyValuePair<string, string>> Facets, string Digest, int Line)
{
    /// <summary>What the run was scheduled for; empty when no facet says.</summary>
    public string NominalStart { get; init; } = "";

    public string NominalEnd { get; init; } = "";
}

namespace Node.Client.Exporting.RoCrates;

/// <summary>What a research object crate says of itself.</summary>
public sealed record RoCrateOptions
{
    /// <summary>Empty: made from the root's key.</summary>
    public string Name { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>The URL of a license; empty: the crate says that none was stated.</summary>
    public string License { get; init; } = "";

    /// <summary>Of the specification: 1.1 or 1.2.</summary>
    public string Version { get; init; } = "1.1";

    /// <summary>Describe the records without copying their content.</summary>
    public bool MetadataOnly { get; init; }
}

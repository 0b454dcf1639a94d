namespace Node.Protocol;

/// <summary>A ledger's snapshot is not what it says, or not of this channel. Nothing was imported.</summary>
/// <remarks>A fact about bytes. Take another copy of the snapshot, or another snapshot.</remarks>
public sealed class SnapshotRefusedException : NodeException
{
    /// <param name="file">The file to blame, as a path.</param>
    /// <param name="what">What does not agree: what was expected, what was found.</param>
    /// <param name="next">What to do now, as a sentence.</param>
    public SnapshotRefusedException(string file, string what, string next)
        : base($"The snapshot is refused: {file}: {what}. {next}", inner: null)
    {
        File = file;
        What = what;
    }

    public string File { get; }

    public string What { get; }
}

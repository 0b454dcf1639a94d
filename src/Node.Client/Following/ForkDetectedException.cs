namespace Node.Client.Following;

/// <summary>
/// Orderers of the channel signed two blocks that no single chain can hold. Trust no block from this number on, and show
/// the evidence to the channel's members.
/// </summary>
public sealed class ForkDetectedException : Exception
{
    internal ForkDetectedException(ForkEvidence evidence, string? file, string sources)
        : base($"The channel has forked: its orderers signed two contradicting blocks {evidence.BlockNumber} ({sources})."
            + (file is null ? "" : $" The evidence is in {file}; anybody can check it with: ./hyperprov verify-evidence"))
    {
        Evidence = evidence;
        EvidenceFile = file;
    }

    public ForkEvidence Evidence { get; }

    /// <summary>Where it was written; null when no folder was given for it.</summary>
    public string? EvidenceFile { get; }
}

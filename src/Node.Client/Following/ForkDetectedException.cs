namespace Node.Client.Following;

/// <summary>
/// Orderers of the channel signed two blocks that no single chain can hold. Trust no block from this number on, and
/// show the evidence to the channel's members.
/// </summary>
public sealed class ForkDetectedException : Exception
{
    internal ForkDetectedException(ForkEvidence evidence, string? file, string sources)
        : base(MessageOf(evidence.BlockNumber, file, sources))
    {
        Evidence = evidence;
        EvidenceFile = file;
    }

    public ForkEvidence Evidence { get; }

    /// <summary>Where it was written; null when no folder was given for it.</summary>
    public string? EvidenceFile { get; }

    private static string MessageOf(ulong block, string? file, string sources)
    {
        string forked = $"The channel has forked: its orderers signed two contradicting blocks {block} ({sources}).";
        return file is null
            ? forked
            : $"{forked} The evidence is in {file}; anybody can check it with: ./hyperprov verify-evidence";
    }
}

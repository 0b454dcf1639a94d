namespace Node.Client.Following;

/// <summary>
/// A peer gave blocks or proofs that are not what orderers of the channel signed. The peer is at fault, or whoever
/// stands between: follow others, and ask whoever runs it.
/// </summary>
public sealed class CommitmentRefusedException : Exception
{
    internal CommitmentRefusedException(string source, string why)
        : base($"What {source} says is not what the channel's orderers signed: {why}.") => SourceName = source;

    /// <summary>The endpoint.</summary>
    public string SourceName { get; }
}

namespace Node.Protocol;

/// <summary>The entries of an ordered log that a reader needs next were removed: others had blocks of them.</summary>
/// <remarks>The blocks come from another orderer; the log is read again behind the last one.</remarks>
public sealed class LogRemovedException : NodeException
{
    /// <param name="after">The position of the last entry that the reader has.</param>
    /// <param name="removed">Entries up to and including this position are gone.</param>
    public LogRemovedException(ulong after, ulong removed)
        : base(
            $"The ordered log begins behind position {removed}, and this orderer's blocks end at position {after}. " +
            "The blocks between them must come from another orderer.",
            inner: null)
    {
        After = after;
        Removed = removed;
    }

    public ulong After { get; }

    public ulong Removed { get; }
}

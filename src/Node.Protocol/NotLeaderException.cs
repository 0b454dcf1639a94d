namespace Node.Protocol;

/// <summary>This node may not append now. Try <see cref="Leader"/>, or wait for an election when it is null.</summary>
public sealed class NotLeaderException : NodeException
{
    /// <param name="leader">host:port, or null while nobody leads.</param>
    public NotLeaderException(string? leader)
        : base(
            leader is null ? "Nobody leads now. Retry shortly." : $"The leader is {leader}. Send it there.",
            inner: null) =>
        Leader = leader;

    public string? Leader { get; }
}

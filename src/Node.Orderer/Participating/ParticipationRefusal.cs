namespace Node.Orderer.Participating;

/// <summary>Why a channel is not joined, removed or updated.</summary>
internal enum RefusalKind
{
    /// <summary>What was sent cannot be taken.</summary>
    Bad,

    Exists,

    Unknown,

    /// <summary>A removal of this channel is not finished.</summary>
    Pending,

    /// <summary>This orderer does not order on the channel.</summary>
    Follower,

    /// <summary>The disk failed.</summary>
    Failed,
}

/// <summary>A "no" of the participation API.</summary>
internal sealed record ParticipationRefusal(RefusalKind Kind, string Text);

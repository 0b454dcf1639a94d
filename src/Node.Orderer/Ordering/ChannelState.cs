namespace Node.Orderer.Ordering;

/// <summary>What a channel does right now.</summary>
internal enum ChannelPhase
{
    /// <summary>Not served: being opened, or waiting for what <see cref="ChannelState.Reason"/> names.</summary>
    Inactive,

    /// <summary>Fetching the blocks up to the one it was joined with.</summary>
    Onboarding,

    Active,

    /// <summary>Stopped for good: its store is corrupt.</summary>
    Failed,
}

/// <summary>Whether a channel works right now.</summary>
/// <param name="Run">What serves it; null while it does not.</param>
/// <param name="Reason">Why there is no run, and what to do; empty when there is one.</param>
internal sealed record ChannelState(ChannelRun? Run, string Reason, ChannelPhase Phase);

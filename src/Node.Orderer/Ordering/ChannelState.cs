namespace Node.Orderer.Ordering;

/// <summary>Whether a channel works right now.</summary>
/// <param name="Run">What serves it; null while it does not.</param>
/// <param name="Reason">Why there is no run, and what to do; empty when there is one.</param>
internal sealed record ChannelState(ChannelRun? Run, string Reason);

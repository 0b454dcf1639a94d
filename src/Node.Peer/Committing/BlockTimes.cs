namespace Node.Peer.Committing;

/// <summary>Where a block's time went.</summary>
/// <param name="Verify">From acceptance until the last signature was verified.</param>
/// <param name="Wait">Until the blocks before it were committed.</param>
/// <param name="Judge">Definitions and policies.</param>
/// <param name="Commit">Version checks and the synced write.</param>
internal readonly record struct BlockTimes(TimeSpan Verify, TimeSpan Wait, TimeSpan Judge, TimeSpan Commit);

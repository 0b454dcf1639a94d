using Node.Protocol;

namespace Node.Client.Following;

/// <summary>Where a light client's trust begins, and what it keeps.</summary>
public sealed record LightClientOptions
{
    /// <summary>Of the channel, known from elsewhere: everything else is derived from it.</summary>
    public required Hash32 GenesisHash { get; init; }

    /// <summary>A few kilobytes that are replaced as a whole; null keeps nothing between two runs.</summary>
    public string? StateFile { get; init; }

    /// <summary>Where evidence of a fork is written; null writes none.</summary>
    public string? EvidenceFolder { get; init; }

    /// <summary>
    /// Told in words when a peer cannot be reached or is no longer listened to. Called from any thread.
    /// </summary>
    public Action<string>? Notice { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

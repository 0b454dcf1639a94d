namespace Node.Testing.Proxies;

/// <summary>What is wrong with a link, both ways unless said otherwise. Immutable.</summary>
public sealed record LinkFaults
{
    public static LinkFaults None { get; } = new();

    /// <summary>Of every byte, each way: a round trip takes twice that.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Up to this much more, drawn anew for every piece; the order of bytes stays.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Each way, of each connection; 0 is without bound.</summary>
    public int BytesPerSecond { get; init; }

    /// <summary>Largest piece that is sent at once: a few bytes trickle. 0 sends what is there.</summary>
    public int PieceBytes { get; init; }

    /// <summary>Nothing reaches the server; bytes wait, as TCP keeps them, until the link is good again.</summary>
    public bool CutTowardsServer { get; init; }

    /// <summary>As above, the other way.</summary>
    public bool CutTowardsClient { get; init; }

    /// <summary>A black hole: connections are accepted, and nothing ever comes.</summary>
    public static LinkFaults Silent { get; } = new() { CutTowardsServer = true, CutTowardsClient = true };
}

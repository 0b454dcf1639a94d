namespace Node.Peer.Committing;

/// <summary>A block that is not committed, and why. Whoever sent it is not asked again for now.</summary>
/// <param name="SenderAtFault">
/// False when the pipeline merely started over and the blocks in flight were let go.
/// </param>
internal sealed record BlockRejection(ulong Number, string Reason, bool SenderAtFault)
{
    /// <summary>The orderer that sent it; empty where nobody is at fault.</summary>
    public string Sender { get; init; } = "";

    /// <summary>True when it is a block of another chain than ours: either its orderer or ours has lied.</summary>
    public bool IsFork { get; init; }
}

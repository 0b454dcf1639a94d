using Node.Hosting.Operating;

namespace Node.Peer.Hosting;

/// <summary>What keeps a peer from its work, as /healthz tells it.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class PeerHealth(PeerNode node)
{
    public IEnumerable<FailedCheck> Find()
    {
        foreach (PeerChannel channel in node.Channels)
        {
            if (channel.Fault is { } reason)
                yield return new FailedCheck($"channel {channel.Id}", reason);
            if (channel.SourceFault is { } away)
                yield return new FailedCheck($"orderers of {channel.Id}", away);
        }

        foreach (FailedCheck check in node.Certificates?.FindFaults() ?? [])
            yield return check;
    }
}

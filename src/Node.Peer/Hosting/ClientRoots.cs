using Node.Membership;

namespace Node.Peer.Hosting;

/// <summary>
/// What client certificates must chain to where one is required: the configured roots and those of all channels.
/// </summary>
internal sealed class ClientRoots(TlsFiles files, PeerNode node)
{
    private readonly ReadOnlyMemory<byte>[] _configured =
        [.. files.RootFiles.Select(file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file))];

    /// <summary>PEM certificates, as the channels stand now.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Read()
    {
        var roots = new List<ReadOnlyMemory<byte>>(_configured);
        foreach (PeerChannel channel in node.Channels)
        {
            foreach (ApplicationOrganization organization in channel.Config.ApplicationOrganizations)
                roots.AddRange(organization.TlsRootPems);
        }

        return roots;
    }
}

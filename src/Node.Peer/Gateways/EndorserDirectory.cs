using System.Runtime.CompilerServices;
using Node.Membership;
using Node.Peer.Hosting;

namespace Node.Peer.Gateways;

/// <summary>
/// Which peers endorse for which organisation: this one, and those that the channel configuration names.
/// </summary>
/// <remarks>
/// Organisations publish their peers as anchor peers in the channel configuration, which is read once per
/// configuration, and again when this peer's TLS certificate was renewed. Any thread.
/// </remarks>
internal sealed class EndorserDirectory(IEndorsingPeer self, PeerNode node)
{
    private readonly ConditionalWeakTable<ChannelConfig, Directory> _directories = [];

    /// <summary>Organisations that have a peer to ask, our own first, the others by name.</summary>
    public IReadOnlyList<string> Organizations(PeerChannel channel) => Of(channel).Organizations;

    /// <summary>True for the organisation that this peer belongs to.</summary>
    public bool IsOwn(string mspId) => mspId == self.MspId;

    /// <summary>Peers of one organisation, the one to ask first in front; empty when the channel names none.</summary>
    public IReadOnlyList<IEndorsingPeer> EndorsersOf(PeerChannel channel, string mspId) =>
        Of(channel).Endorsers.TryGetValue(mspId, out IReadOnlyList<IEndorsingPeer>? peers) ? peers : [];

    private Directory Of(PeerChannel channel)
    {
        ChannelConfig config = channel.Config;
        Directory known = _directories.GetValue(config, Read);
        if (known.Generation == node.EndorserDialer.Generation)
            return known;

        Directory renewed = Read(config);
        _directories.AddOrUpdate(config, renewed);
        return renewed;
    }

    private Directory Read(ChannelConfig config)
    {
        // Before anything is dialled: what is renewed meanwhile is read again.
        int generation = node.EndorserDialer.Generation;
        var endorsers = new Dictionary<string, IReadOnlyList<IEndorsingPeer>>(StringComparer.Ordinal);
        foreach (ApplicationOrganization organization in config.ApplicationOrganizations)
        {
            IEndorsingPeer[] peers = [.. Peers(organization)];
            if (peers.Length > 0)
                endorsers[organization.MspId.Value] = peers;
        }

        string[] names =
        [
            .. endorsers.Keys.OrderBy(mspId => mspId == self.MspId ? 0 : 1)
                .ThenBy(mspId => mspId, StringComparer.Ordinal),
        ];
        return new Directory(generation, names, endorsers);
    }

    private IEnumerable<IEndorsingPeer> Peers(ApplicationOrganization organization)
    {
        if (organization.MspId.Value == self.MspId)
            yield return self;

        foreach (Endpoint peer in organization.AnchorPeers)
        {
            string address = $"{peer.Host}:{peer.Port}";
            if (address != self.Address)
                yield return new RemoteEndorser(
                    address, organization.MspId.Value,
                    node.EndorserDialer.Dial(peer.Host, peer.Port, organization.TlsRootPems));
        }
    }

    /// <param name="Generation">Of the dialer whose connections these are.</param>
    private sealed record Directory(
        int Generation, IReadOnlyList<string> Organizations,
        IReadOnlyDictionary<string, IReadOnlyList<IEndorsingPeer>> Endorsers);
}

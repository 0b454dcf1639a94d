using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Node.Membership;
using Node.Peer.Validating;
using Node.Protocol;

namespace Node.Peer.Hosting;

/// <summary>
/// What every room of one peer shares: who it is, where it is reached, what time it is, which channels it has.
/// </summary>
/// <remarks>Owned by <see cref="PeerHost"/>; any thread may read it.</remarks>
internal sealed class PeerNode(
    SigningIdentity signer, Msp localMsp, string address, NodeDialer dialer, TimeProvider clock)
{
    private readonly ConcurrentDictionary<ChannelId, PeerChannel> _channels = new();

    public SigningIdentity Signer => signer;

    /// <summary>The organisation's own membership, for what happens outside of any channel.</summary>
    public Msp LocalMsp => localMsp;

    public MspId MspId => signer.MspId;

    /// <summary>host:port under which others reach this peer.</summary>
    public string Address => address;

    /// <summary>Connections to orderers and other peers.</summary>
    public NodeDialer Dialer => dialer;

    public TimeProvider Clock => clock;

    /// <summary>The endorsement signatures this peer made lately, which its validator need not check again.</summary>
    public OwnSignatures OwnSignatures { get; } = new();

    /// <summary>Cancelled when the peer begins to stop: calls that would wait for long end then.</summary>
    public CancellationToken Stopping { get; init; }

    public IReadOnlyCollection<PeerChannel> Channels => (IReadOnlyCollection<PeerChannel>)_channels.Values;

    public bool TryFindChannel(ChannelId id, [NotNullWhen(true)] out PeerChannel? channel) =>
        _channels.TryGetValue(id, out channel);

    /// <summary>
    /// Signs an endorsement: the proposal response payload followed by the endorser's identity bytes.
    /// </summary>
    public byte[] SignEndorsement(ReadOnlySpan<byte> payloadThenEndorser)
    {
        byte[] signature = signer.Sign(payloadThenEndorser);
        OwnSignatures.Add(payloadThenEndorser, signature);
        return signature;
    }

    /// <summary>False when the channel is there already.</summary>
    internal bool TryAdd(PeerChannel channel) => _channels.TryAdd(channel.Id, channel);
}

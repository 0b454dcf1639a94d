using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Node.Hosting.Renewing;
using Node.Hosting.Tls;
using Node.Membership;
using Node.Peer.Validating;
using Node.Protocol;

namespace Node.Peer.Hosting;

/// <summary>
/// What every room of one peer shares: who it is, where it is reached, what time it is, which channels it has.
/// </summary>
/// <remarks>Owned by <see cref="PeerHost"/>; any thread may read it.</remarks>
internal sealed class PeerNode(
    NodeIdentity identity, Msp localMsp, string address, NodeDialer dialer, TimeProvider clock)
{
    private readonly ConcurrentDictionary<ChannelId, PeerChannel> _channels = new();

    /// <summary>What the peer signs with; renewed while it runs.</summary>
    public NodeIdentity Identity => identity;

    /// <summary>
    /// The identity of this moment. Take it once for each thing that is signed: identity bytes and signature must be of
    /// the same certificate.
    /// </summary>
    public SigningIdentity Signer => identity.Current;

    /// <summary>The organisation's own membership, for what happens outside of any channel.</summary>
    public Msp LocalMsp => localMsp;

    public MspId MspId => identity.MspId;

    /// <summary>host:port under which others reach this peer.</summary>
    public string Address => address;

    /// <summary>Connections to orderers and other peers.</summary>
    public NodeDialer Dialer { get; } = dialer;

    /// <summary>
    /// Connections to those that endorse with this peer, where a client waits for each answer: they are found dead
    /// sooner.
    /// </summary>
    public NodeDialer EndorserDialer { get; init; } = dialer;

    public TimeProvider Clock => clock;

    /// <summary>The endorsement signatures this peer made lately, which its validator need not check again.</summary>
    public OwnSignatures OwnSignatures { get; } = new();

    /// <summary>Looks after the peer's certificates.</summary>
    public CertificateWatch? Certificates { get; init; }

    /// <summary>Cancelled when the peer begins to stop: calls that would wait for long end then.</summary>
    public CancellationToken Stopping { get; init; }

    public IReadOnlyCollection<PeerChannel> Channels => (IReadOnlyCollection<PeerChannel>)_channels.Values;

    public bool TryFindChannel(ChannelId id, [NotNullWhen(true)] out PeerChannel? channel) =>
        _channels.TryGetValue(id, out channel);

    /// <summary>
    /// Signs an endorsement: the proposal response payload followed by the endorser's identity bytes.
    /// </summary>
    /// <param name="signer">Whose identity bytes these are.</param>
    public byte[] SignEndorsement(SigningIdentity signer, ReadOnlySpan<byte> payloadThenEndorser)
    {
        byte[] signature = signer.Sign(payloadThenEndorser);
        OwnSignatures.Add(payloadThenEndorser, signature);
        return signature;
    }

    /// <summary>False when the channel is there already.</summary>
    internal bool TryAdd(PeerChannel channel) => _channels.TryAdd(channel.Id, channel);
}

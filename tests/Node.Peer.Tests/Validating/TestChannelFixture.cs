using Node.Membership;
using Node.Testing.Channels;

namespace Node.Peer.Tests.Validating;

/// <summary>One channel for all tests of a class: issuing certificates is what takes time.</summary>
public sealed class TestChannelFixture : IDisposable
{
    private static readonly TestIssuer s_stranger = new("Stranger", "Org2MSP");

    public TestChannelFixture() => Config = Channel.Config();

    /// <summary>Carries Org2's MSP id, but Org2's CA never saw it.</summary>
    public static SigningIdentity Impostor { get; } = s_stranger.Issue("peer0.org2.example.com", "peer");

    public TestChannel Channel { get; } = new();

    public ChannelConfig Config { get; }

    public void Dispose() => Channel.Dispose();
}

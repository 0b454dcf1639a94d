using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Client.Tests;

/// <summary>Identities and connections for tests that need no network.</summary>
internal static class TestClients
{
    public static readonly ChannelId Channel = ChannelId.Of("mychannel");

    public static readonly ClientIdentity Identity = ClientIdentity.FromPem(MspId.Of("Org1MSP"), "cert");

    /// <summary>A gateway that nobody listens at: whatever is built locally works, whatever is sent fails.</summary>
    public static Gateway Offline(Signer? signer) => Offline(
        signer, new FixedClock(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero)));

    public static Gateway Offline(Signer? signer, TimeProvider clock) => Gateway.Connect(new GatewayOptions
    {
        Endpoint = "localhost:1",
        Identity = Identity,
        Signer = signer,
        Clock = clock,
    });

    /// <summary>A signature that anybody can recompute: the digest itself.</summary>
    public static byte[] DigestSigner(ReadOnlySpan<byte> message) => SHA256.HashData(message);

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

using Node.Testing;

namespace Node.Membership.Tests;

public class TestNetworkTests
{
    [Theory]
    [InlineData(KeyType.P256)]
    [InlineData(KeyType.Ed25519)]
    public void Every_generated_identity_is_a_member_of_the_genesis_channel(KeyType keyType)
    {
        using var network = TestNetwork.Create(keyType);
        byte[] message = [1, 2, 3];

        foreach ((SigningIdentity signer, NodeRole role) in new[]
        {
            (network.Org1.User1, NodeRole.Client), (network.Org1.Admin, NodeRole.Admin),
            (network.Org1.Node, NodeRole.Peer),
            (network.Org2.User1, NodeRole.Client), (network.Orderer.Node, NodeRole.Orderer),
        })
        {
            bool member = network.Config.TryResolve(signer.Serialized.Span, out Identity? identity, out string? fault);

            Assert.True(member, fault);
            Assert.NotNull(identity);
            Assert.Equal(role, identity.Role);
            Assert.Equal(signer.MspId, identity.MspId);
            Assert.True(identity.Verify(message, signer.Sign(message)));
            Assert.False(identity.Verify([1, 2, 4], signer.Sign(message)));
        }
    }
}

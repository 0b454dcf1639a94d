using Node.Peer.Committing;
using Node.Peer.Gateways;
using Node.Peer.Hosting;
using Node.Protocol.Wire.Peer;
using Node.Testing.Channels;
using StaticCollectionConfig = Node.Protocol.Wire.Peer.StaticCollectionConfig;

namespace Node.Peer.Tests.Gateways;

public sealed class CallRequirementsTests(GatewayBench bench) : IClassFixture<GatewayBench>, IAsyncLifetime
{
    // What the call wrote, and who may see transient inputs; null where nothing restricts them.
    [Theory]
    [InlineData("", null)]
    [InlineData("ours", "Org1MSP")]
    [InlineData("shared", "Org1MSP Org2MSP")]
    [InlineData("shared ours", "Org1MSP")]
    [InlineData("_implicit_org_Org2MSP", "Org2MSP")]
    [InlineData("ours _implicit_org_Org2MSP", "")]
    [InlineData("unknown", "")]
    public void Transient_inputs_are_for_members_of_all_collections(string collections, string? expected)
    {
        IReadOnlyList<string>? members = CallRequirements.CollectionMembers(Channel, Answer(collections));

        Assert.Equal(expected, members is null ? null : string.Join(' ', members));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("shared", 0)]                     // Its writes follow the contract's policy.
    [InlineData("ours", 1)]
    [InlineData("ours _implicit_org_Org2MSP", 2)]
    public void Collections_with_a_policy_of_their_own_add_it_to_the_contract_s(string collections, int expected)
    {
        Assert.True(Channel.Definitions.TryFind("hyperprov", out ContractDefinition? definition));

        EndorsementRequirement requirement = CallRequirements.Of(Channel, definition, Answer(collections));

        Assert.Same(definition.EndorsementPolicy, requirement.Contract);
        Assert.Equal(expected, requirement.Further.Count);
    }

    public Task InitializeAsync() => bench.DefineAsync(
        GatewayBench.AnyPeer,
        new StaticCollectionConfig
        {
            Name = "ours",
            MemberOrgsPolicy = Members("OR('Org1MSP.member')"),
            EndorsementPolicy = new ApplicationPolicy { SignaturePolicy = PolicyText.Parse(GatewayBench.BothPeers) },
        },
        new StaticCollectionConfig
        {
            Name = "shared", MemberOrgsPolicy = Members("OR('Org1MSP.member', 'Org2MSP.member')"),
        });

    public Task DisposeAsync() => Task.CompletedTask;

    private PeerChannel Channel => bench.Peer1.Channel;

    private static CollectionPolicyConfig Members(string policy) =>
        new() { SignaturePolicy = PolicyText.Parse(policy) };

    private static EndorserAnswer Answer(string collections)
    {
        var call = new ChaincodeCall { Name = "hyperprov" };
        call.CollectionNames.Add(collections.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var response = new ProposalResponse { Interest = new ChaincodeInterest { Chaincodes = { call } } };
        return new EndorserAnswer(null!, response, Fault: null, Retriable: false);   // Nobody asks who answered.
    }
}

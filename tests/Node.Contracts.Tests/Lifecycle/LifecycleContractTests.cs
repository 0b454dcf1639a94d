using Google.Protobuf;
using Node.Contracts.Lifecycle;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Lifecycle;
using Node.Testing.Contracts;
using ApplicationPolicy = Node.Protocol.Wire.Peer.ApplicationPolicy;

namespace Node.Contracts.Tests.Lifecycle;

public class LifecycleContractTests
{
    private static readonly MspId s_org1 = MspId.Of("Org1MSP");
    private static readonly MspId s_org2 = MspId.Of("Org2MSP");
    private readonly InMemoryNamespace _committed = new();
    private readonly ContractBench _peer1;
    private readonly ContractBench _peer2;

    public LifecycleContractTests()
    {
        // Given in the wrong order: answers sort them.
        IReadOnlyList<MspId> Organizations(ChannelId channel) => [s_org2, s_org1];
        _peer1 = new ContractBench(new LifecycleContract(s_org1, Organizations)) { Committed = _committed };
        _peer2 = new ContractBench(new LifecycleContract(s_org2, Organizations)) { Committed = _committed };
    }

    private static CommitChaincodeDefinitionArgs Definition(long sequence) =>
        new() { Name = "hyperprov", Version = "1.0", Sequence = sequence };

    private static ApproveChaincodeDefinitionForMyOrgArgs Approval(long sequence) =>
        new() { Name = "hyperprov", Version = "1.0", Sequence = sequence };

    private static ContractResponse Call(ContractBench peer, string function, IMessage args) =>
        peer.CallBytes(function, args.ToByteArray());

    private static void Submit(ContractBench peer, string function, IMessage args)
    {
        TxId id = peer.NextId;
        ContractResponse response = Call(peer, function, args);
        Assert.Equal((200, ""), (response.Status, response.Message));
        peer.Committed.Commit((id, ContractCall.Noon, peer.LastState));
    }

    private static void AssertFails(string because, ContractResponse response)
    {
        Assert.Equal(ContractResponse.Failed, response.Status);
        Assert.Contains(because, response.Message, StringComparison.Ordinal);
    }

    private void CommitFirst()
    {
        Submit(_peer1, "ApproveChaincodeDefinitionForMyOrg", Approval(1));
        Submit(_peer2, "ApproveChaincodeDefinitionForMyOrg", Approval(1));
        Submit(_peer1, "CommitChaincodeDefinition", Definition(1));
    }

    [Fact]
    public void A_definition_is_approved_then_committed_then_found()
    {
        CommitFirst();

        ContractResponse response =
            Call(_peer2, "QueryChaincodeDefinition", new QueryChaincodeDefinitionArgs { Name = "hyperprov" });
        var result = QueryChaincodeDefinitionResult.Parser.ParseFrom(response.Payload.Span);
        Assert.Equal((1, "1.0", "escc", "vscc"),
            (result.Sequence, result.Version, result.EndorsementPlugin, result.ValidationPlugin));
        Assert.Equal(
            "/Channel/Application/Endorsement",
            ApplicationPolicy.Parser.ParseFrom(result.ValidationParameter).ChannelConfigPolicyReference);
        Assert.Equal(["Org1MSP", "Org2MSP"], result.Approvals.Keys);
        Assert.All(result.Approvals.Values, Assert.True);
    }

    [Fact]
    public void State_has_the_layout_of_Fabric()
    {
        CommitFirst();

        string[] keys = [.. _committed.Keys];
        string[] expected =
        [
            "namespaces/fields/hyperprov/Collections", "namespaces/fields/hyperprov/EndorsementInfo",
            "namespaces/fields/hyperprov/Sequence", "namespaces/fields/hyperprov/ValidationInfo",
            "namespaces/metadata/hyperprov",
        ];
        Assert.Equal(expected, keys);
        Assert.Equal("1200", _committed.Hex("namespaces/fields/hyperprov/Collections"));   // An empty oneof is written.
        Assert.Equal("0801", _committed.Hex("namespaces/fields/hyperprov/Sequence"));
        Assert.Equal("120b0a03312e301a0465736363", _committed.Hex("namespaces/fields/hyperprov/EndorsementInfo"));
    }

    [Fact]
    public void Approval_writes_only_into_the_own_collection()
    {
        Submit(_peer2, "ApproveChaincodeDefinitionForMyOrg", Approval(1));

        Assert.Empty(_peer2.LastState.Writes);
        Assert.All(
            _peer2.LastState.PrivateWrites.Keys, place => Assert.Equal("_implicit_org_Org2MSP", place.Collection));
        string[] expected =
        [
            "chaincode-sources/fields/hyperprov#1/PackageID", "chaincode-sources/metadata/hyperprov#1",
            "namespaces/fields/hyperprov#1/Collections", "namespaces/fields/hyperprov#1/EndorsementInfo",
            "namespaces/fields/hyperprov#1/ValidationInfo", "namespaces/metadata/hyperprov#1",
        ];
        Assert.Equal(
            expected, _peer2.LastState.PrivateWrites.Keys.Select(place => place.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Readiness_names_who_approved_and_what_differs()
    {
        Submit(_peer1, "ApproveChaincodeDefinitionForMyOrg", Approval(1));
        ApproveChaincodeDefinitionForMyOrgArgs other = Approval(1);
        other.Version = "1.1";
        var policy = new ApplicationPolicy { ChannelConfigPolicyReference = "/Channel/Application/Admins" };
        other.ValidationParameter = policy.ToByteString();

        Assert.Equal("Org1MSP true; Org2MSP false ChaincodeParameters", Readiness());
        Submit(_peer2, "ApproveChaincodeDefinitionForMyOrg", other);
        Assert.Equal("Org1MSP true; Org2MSP false EndorsementInfo,ValidationInfo", Readiness());
        Submit(_peer2, "ApproveChaincodeDefinitionForMyOrg", Approval(1));   // An organisation may change its mind.
        Assert.Equal("Org1MSP true; Org2MSP true", Readiness());
    }

    [Fact]
    public void An_endorser_refuses_to_commit_what_its_organisation_did_not_approve()
    {
        Submit(_peer1, "ApproveChaincodeDefinitionForMyOrg", Approval(1));

        AssertFails("not agreed to by this org (Org2MSP)", Call(_peer2, "CommitChaincodeDefinition", Definition(1)));
        Assert.Equal(200, Call(_peer1, "CommitChaincodeDefinition", Definition(1)).Status);
    }

    [Fact]
    public void All_endorsers_of_a_commit_read_and_write_the_same()
    {
        Submit(_peer1, "ApproveChaincodeDefinitionForMyOrg", Approval(1));
        Submit(_peer2, "ApproveChaincodeDefinitionForMyOrg", Approval(1));

        Call(_peer1, "CommitChaincodeDefinition", Definition(1));
        Call(_peer2, "CommitChaincodeDefinition", Definition(1));

        Assert.Equal(_peer1.LastState.Describe(), _peer2.LastState.Describe());
    }

    [Fact]
    public void A_redefinition_writes_only_what_changes()
    {
        CommitFirst();
        Submit(_peer1, "ApproveChaincodeDefinitionForMyOrg", Approval(2));

        Submit(_peer1, "CommitChaincodeDefinition", Definition(2));

        Assert.Equal(["namespaces/fields/hyperprov/Sequence"], _peer1.LastState.Writes.Keys);
    }

    [Theory]
    [InlineData(0, "first definable sequence number is 1")]
    [InlineData(-1, "first definable sequence number is 1")]
    [InlineData(1, "")]   // The committed one, unchanged: a late member may still agree.
    [InlineData(2, "")]
    [InlineData(3, "larger than the next available sequence number 2")]
    public void An_approval_is_for_the_current_or_the_next_sequence(long sequence, string because)
    {
        CommitFirst();

        ContractResponse response = Call(_peer1, "ApproveChaincodeDefinitionForMyOrg", Approval(sequence));
        if (because.Length == 0)
            Assert.Equal((200, ""), (response.Status, response.Message));
        else
            AssertFails(because, response);
    }

    [Fact]
    public void The_committed_sequence_cannot_be_approved_with_other_parameters()
    {
        CommitFirst();
        ApproveChaincodeDefinitionForMyOrgArgs other = Approval(1);
        other.InitRequired = true;

        AssertFails("approve sequence 2 instead", Call(_peer1, "ApproveChaincodeDefinitionForMyOrg", other));
    }

    [Fact]
    public void A_sequence_of_the_past_cannot_be_approved()
    {
        CommitFirst();
        Submit(_peer1, "ApproveChaincodeDefinitionForMyOrg", Approval(2));
        Submit(_peer1, "CommitChaincodeDefinition", Definition(2));

        AssertFails("currently defined sequence 2", Call(_peer1, "ApproveChaincodeDefinitionForMyOrg", Approval(1)));
    }

    [Fact]
    public void An_identical_approval_is_refused_but_another_package_is_not()
    {
        Submit(_peer1, "ApproveChaincodeDefinitionForMyOrg", Approval(1));
        ApproveChaincodeDefinitionForMyOrgArgs packaged = Approval(1);
        packaged.Source =
            new ChaincodeSource { LocalPackage = new ChaincodeSource.Types.Local { PackageId = "hyperprov:1" } };

        AssertFails("unchanged content", Call(_peer1, "ApproveChaincodeDefinitionForMyOrg", Approval(1)));
        Assert.Equal(200, Call(_peer1, "ApproveChaincodeDefinitionForMyOrg", packaged).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Only_the_next_sequence_can_be_committed(long sequence)
    {
        CommitFirst();

        AssertFails("must be sequence 2", Call(_peer1, "CommitChaincodeDefinition", Definition(sequence)));
        AssertFails("must be sequence 2", Call(_peer1, "CheckCommitReadiness", Definition(sequence)));
    }

    [Theory]
    [InlineData("hyperprov", "1.0+b_2-x", true)]
    [InlineData("a-b_c", "1", true)]
    [InlineData("", "1", false)]
    [InlineData("-a", "1", false)]
    [InlineData("a-", "1", false)]
    [InlineData("a--b", "1", false)]
    [InlineData("a/b", "1", false)]
    [InlineData("a#1", "1", false)]
    [InlineData("é", "1", false)]
    [InlineData("qscc", "1", false)]
    [InlineData("a", "", false)]
    [InlineData("a", "1 0", false)]
    public void Names_and_versions_follow_Fabrics_patterns(string name, string version, bool isAccepted)
    {
        var args = new ApproveChaincodeDefinitionForMyOrgArgs { Name = name, Version = version, Sequence = 1 };

        Assert.Equal(isAccepted, Call(_peer1, "ApproveChaincodeDefinitionForMyOrg", args).IsSuccess);
    }

    [Fact]
    public void A_policy_that_nobody_could_read_is_refused()
    {
        ByteString[] useless =
        [
            ByteString.CopyFrom(0xFF), ByteString.CopyFrom(0x0A, 0x00),
            new ApplicationPolicy { SignaturePolicy = new SignaturePolicyEnvelope() }.ToByteString(),
        ];
        foreach (ByteString policy in useless)
        {
            ApproveChaincodeDefinitionForMyOrgArgs args = Approval(1);
            args.ValidationParameter = policy;
            AssertFails("validation parameter", Call(_peer1, "ApproveChaincodeDefinitionForMyOrg", args));
        }
    }

    [Fact]
    public void All_definitions_are_listed_by_name()
    {
        foreach (string name in (string[])["zeta", "alpha"])
        {
            Submit(_peer1, "ApproveChaincodeDefinitionForMyOrg",
                new ApproveChaincodeDefinitionForMyOrgArgs { Name = name, Version = "1", Sequence = 1 });
            Submit(_peer1, "CommitChaincodeDefinition",
                new CommitChaincodeDefinitionArgs { Name = name, Version = "1", Sequence = 1 });
        }

        ContractResponse response = Call(_peer1, "QueryChaincodeDefinitions", new QueryChaincodeDefinitionsArgs());
        var result = QueryChaincodeDefinitionsResult.Parser.ParseFrom(response.Payload.Span);
        Assert.Equal(["alpha", "zeta"], result.ChaincodeDefinitions.Select(definition => definition.Name));
    }

    [Fact]
    public void What_is_unknown_or_malformed_is_refused()
    {
        Assert.Equal(
            404, Call(_peer1, "QueryChaincodeDefinition", new QueryChaincodeDefinitionArgs { Name = "none" }).Status);
        Assert.Equal(404, Call(_peer1, "Fly", new QueryChaincodeDefinitionArgs()).Status);
        AssertFails("one argument", _peer1.CallBytes("CommitChaincodeDefinition"));
        AssertFails("not the message", _peer1.CallBytes("CommitChaincodeDefinition", [1, 2, 3]));
    }

    private string Readiness()
    {
        ContractResponse response = Call(_peer1, "CheckCommitReadiness", Definition(1));
        var result = CheckCommitReadinessResult.Parser.ParseFrom(response.Payload.Span);
        return string.Join("; ", result.Approvals.Select(approval =>
            $"{approval.Key} {(approval.Value ? "true" : "false")}"
            + (result.Mismatches.TryGetValue(approval.Key, out var found) ? " " + string.Join(',', found.Items) : "")));
    }
}

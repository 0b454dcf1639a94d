using Google.Protobuf;
using Node.Peer.Tests.Validating;
using Node.Protocol.Wire.Peer;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Committing;

/// <summary>The codes that depend on what is on the ledger, through the whole pipeline and a real ledger.</summary>
public sealed class ValidationCodeTests(TestChannelFixture fixture) : IClassFixture<TestChannelFixture>
{
    private const TxValidationCode Valid = TxValidationCode.Valid;
    private const TxValidationCode Refused = TxValidationCode.EndorsementPolicyFailure;
    private readonly TestChannel _channel = fixture.Channel;

    // One block each, on a ledger where contract hyperprov needs a peer of both organisations: what it holds, the
    // codes.
    private static readonly Dictionary<string, (Func<TestChannel, Tx[]> Block, TxValidationCode[] Codes)> s_rows = new()
    {
        ["endorsed by both"] = (c => [Tx.Valid(c).Writing("k", "v")], [Valid]),
        ["endorsed by both, writing nothing"] = (c => [Tx.Valid(c)], [Valid]),
        ["one signature short"] = (c => [Tx.Valid(c).Writing("k", "v").EndorsedBy(c.Peer1)], [Refused]),
        ["one signature short, writing nothing"] = (c => [Tx.Valid(c).EndorsedBy(c.Peer1)], [Refused]),
        ["the same endorser twice"] = (c => [Tx.Valid(c).Writing("k", "v").EndorsedBy(c.Peer1, c.Peer1)], [Refused]),
        ["endorsed by clients"] = (c => [Tx.Valid(c).Writing("k", "v").EndorsedBy(c.Client1, c.Client2)], [Refused]),
        ["endorsed by an impostor"] =
            (c => [Tx.Valid(c).Writing("k", "v").EndorsedBy(c.Peer1, TestChannelFixture.Impostor)], [Refused]),
        ["endorsed by nobody"] = (c => [Tx.Valid(c).Writing("k", "v").EndorsedBy()], [Refused]),
        ["an unknown contract"] = (c => [Tx.Valid(c).Calling("unknown")], [TxValidationCode.InvalidChaincode]),
        ["writing to an unknown contract"] =
            (c => [Tx.Valid(c).WritingTo("unknown", "k", "v")], [TxValidationCode.InvalidChaincode]),
        ["writing to qscc"] = (c => [Tx.Valid(c).Calling("qscc")], [TxValidationCode.InvalidChaincode]),
        ["the same transaction twice"] =
            (c => Twice(Tx.Valid(c).Writing("k", "v")), [Valid, TxValidationCode.DuplicateTxid]),
        ["an invalid one, then a valid one with its id"] = (
            c =>
            {
                Tx first = Tx.Valid(c).EndorsedBy(c.Peer1);
                return [first, Tx.Valid(c).WithNonceOf(first)];
            },
            [Refused, Valid]),
        ["a key that never was"] = (c => [Tx.Valid(c).Reading("none", version: null).Writing("k", "v")], [Valid]),
        ["a stale read"] =
            (c => [Tx.Valid(c).Reading("none", (0, 0)).Writing("k", "v")], [TxValidationCode.MvccReadConflict]),
        ["a read of what was written before in the block"] = (
            c => [Tx.Valid(c).Writing("k", "1"), Tx.Valid(c).Reading("k", version: null).Writing("k", "2")],
            [Valid, TxValidationCode.MvccReadConflict]),
        ["two blind writes of one key"] =
            (c => [Tx.Valid(c).Writing("k", "1"), Tx.Valid(c).Writing("k", "2")], [Valid, Valid]),
        ["a phantom"] = (
            c => [Tx.Valid(c).Writing("kk", "1"), Tx.Valid(c).ReadingRange("k", "l").Writing("z", "2")],
            [Valid, TxValidationCode.PhantomReadConflict]),
        ["a range that lost a key"] = (
            c => [Tx.Valid(c).ReadingRange("k", "l", ("kk", (1, 0)))], [TxValidationCode.PhantomReadConflict]),
        ["a write after the key's policy changed in the block"] = (
            c =>
            [
                Tx.Valid(c).Writing("k", "1").SettingKeyPolicy("k", "OR('Org1MSP.peer')"),
                Tx.Valid(c).Writing("k", "2"),
                Tx.Valid(c).Writing("other", "3"),
            ],
            [Valid, Refused, Valid]),
        ["a write after an invalid change of the key's policy"] = (
            c =>
            [
                Tx.Valid(c).Writing("k", "1").SettingKeyPolicy("k", "OR('Org1MSP.peer')").EndorsedBy(c.Peer1),
                Tx.Valid(c).Writing("k", "2"),
            ],
            [Refused, Valid]),
        ["a definition by one organisation"] =
            (c => [Definitions.Define(c, "new", "OR('Org1MSP.peer')").EndorsedBy(c.Peer1)], [Refused]),
        ["a contract in the block that defines it"] = (
            c => [Definitions.Define(c, "new", "OR('Org1MSP.peer')"), Tx.Valid(c).Calling("new")],
            [Valid, TxValidationCode.InvalidChaincode]),
        ["an approval in the own organisation's collection"] = (
            c => [Approval(c, "_implicit_org_Org1MSP").EndorsedBy(c.Peer1)], [Valid]),
        ["an approval in another organisation's collection"] = (
            c => [Approval(c, "_implicit_org_Org2MSP").EndorsedBy(c.Peer1)], [Refused]),
        ["an approval in nobody's collection"] = (
            c => [Approval(c, "_implicit_org_NobodyMSP")], [Refused]),
    };

    public static TheoryData<string> Rows() => [.. s_rows.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Judges(string what)
    {
        (Func<TestChannel, Tx[]> block, TxValidationCode[] codes) = s_rows[what];
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;

        TxValidationCode[] found = await peer.CommitAsync(chain, [.. block(_channel).Select(tx => tx.ToEnvelope())]);

        Assert.Equal(codes, found);
    }

    [Fact]
    public async Task An_id_on_the_ledger_is_taken_whatever_became_of_it()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        Tx valid = Tx.Valid(_channel).Writing("k", "v");
        Tx invalid = Tx.Valid(_channel).EndorsedBy();
        Assert.Equal([Valid, Refused], await peer.CommitAsync(chain, valid.ToEnvelope(), invalid.ToEnvelope()));

        TxValidationCode[] codes = await peer.CommitAsync(
            chain,
            valid.ToEnvelope(),
            Tx.Valid(_channel).WithNonceOf(invalid).ToEnvelope(),
            Tx.Valid(_channel).WithNonceOf(valid).ChangingAction(a => a.ChaincodeId.Version = "").ToEnvelope());

        Assert.Equal(Enumerable.Repeat(TxValidationCode.DuplicateTxid, 3), codes);
    }

    [Fact]
    public async Task A_key_with_its_own_policy_needs_that_instead_of_the_contracts()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        await peer.CommitAsync(
            chain, Tx.Valid(_channel).Writing("k", "1").SettingKeyPolicy("k", "OR('Org1MSP.peer')").ToEnvelope());

        TxValidationCode[] codes = await peer.CommitAsync(
            chain,
            Tx.Valid(_channel).Writing("k", "2").EndorsedBy(_channel.Peer1).ToEnvelope(),
            Tx.Valid(_channel).Writing("k", "3").EndorsedBy(_channel.Peer2).ToEnvelope(),
            Tx.Valid(_channel).Writing("other", "4").EndorsedBy(_channel.Peer1).ToEnvelope(),
            Tx.Valid(_channel).Writing("k", "5").Writing("other", "6").EndorsedBy(_channel.Peer1).ToEnvelope());

        Assert.Equal([Valid, Refused, Refused, Refused], codes);
    }

    [Fact]
    public async Task A_policy_that_nobody_can_read_is_satisfied_by_nobody()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        await peer.CommitAsync(
            chain, Definitions.Define(Tx.Valid(_channel), "broken", ByteString.CopyFrom(0xff, 0xff)).ToEnvelope());

        Assert.Equal([Refused], await peer.CommitAsync(chain, Tx.Valid(_channel).Calling("broken").ToEnvelope()));
    }

    [Fact]
    public async Task A_definition_may_name_a_policy_of_the_channel()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        var majority = new ApplicationPolicy { ChannelConfigPolicyReference = "/Channel/Application/Endorsement" };
        await peer.CommitAsync(
            chain, Definitions.Define(Tx.Valid(_channel), "majority", majority.ToByteString()).ToEnvelope());

        TxValidationCode[] codes = await peer.CommitAsync(
            chain,
            Tx.Valid(_channel).Calling("majority").ToEnvelope(),
            Tx.Valid(_channel).Calling("majority").EndorsedBy(_channel.Peer2).ToEnvelope());

        Assert.Equal([Valid, Refused], codes);
    }

    [Fact]
    public async Task A_collection_with_its_own_policy_needs_that()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        var own = new StaticCollectionConfig
        {
            Name = "own",
            EndorsementPolicy = new ApplicationPolicy { SignaturePolicy = PolicyText.Parse("OR('Org1MSP.peer')") },
        };
        var plain = new StaticCollectionConfig { Name = "plain" };
        await peer.CommitAsync(
            chain,
            Definitions.Define(_channel, "private", "AND('Org1MSP.peer', 'Org2MSP.peer')", own, plain).ToEnvelope());

        TxValidationCode[] codes = await peer.CommitAsync(
            chain,
            InCollection("own").EndorsedBy(_channel.Peer1).ToEnvelope(),
            InCollection("own").EndorsedBy(_channel.Peer2).ToEnvelope(),
            InCollection("plain").EndorsedBy(_channel.Peer1).ToEnvelope(),
            InCollection("plain").ToEnvelope());

        Assert.Equal([Valid, Refused, Refused, Valid], codes);

        Tx InCollection(string collection) =>
            Tx.Valid(_channel).Calling("private").WritingToCollection("private", collection, "k", "v");
    }

    private static Tx Approval(TestChannel channel, string collection) =>
        Tx.Valid(channel).Calling("_lifecycle").WritingToCollection("_lifecycle", collection, "k", "v");

    private static Tx[] Twice(Tx tx) => [tx, tx];
}

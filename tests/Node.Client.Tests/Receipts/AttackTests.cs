using Google.Protobuf;
using Node.Client.Receipts;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Hyperprov;
using Node.Testing.Channels;
using Node.Testing.Proofs;
using Node.Testing.Transactions;
using ApplicationPolicy = Node.Protocol.Wire.Peer.ApplicationPolicy;
using Receipt = Node.Client.Receipts.Receipt;
using WireReceipt = Node.Protocol.Wire.Hyperprov.Receipt;

namespace Node.Client.Tests.Receipts;

/// <summary>Receipts by somebody who means ill, each with keys that are real and a checksum that is right.</summary>
public sealed class AttackTests : IDisposable
{
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private readonly ProofBench _bench = new();
    private readonly TestIssuer _impostor = new("Org1", "Org1MSP");
    private readonly TestIssuer _impostorOrderer = new("OrdererOrg", "OrdererMSP");

    private static readonly Dictionary<string, Func<AttackTests, WireReceipt>> s_attacks = new(StringComparer.Ordinal)
    {
        ["another genesis hash"] = test => test.WithOtherGenesis(),
        ["no configuration"] = test => test.Changed(receipt => receipt.Configurations.Clear()),
        ["a configuration change left out"] = test => test.WithoutNewestConfiguration(),
        ["a configuration nobody may make"] = test => test.WithUnsignedConfiguration(),
        ["a block signed by a stranger"] = test => test.WithBlockSignedBy(
            test._impostorOrderer.Issue("orderer.example.com", "orderer")),
        ["a block signed by a client"] = test => test.WithBlockSignedBy(test._bench.Channel.Client1),
        ["a block signed by the orderers' administrator"] = test =>
            test.WithBlockSignedBy(test._bench.Channel.OrdererAdmin),
        ["a block signed by nobody"] = test => test.Changed(receipt => receipt.Block.Signatures.Clear()),
        ["a block of another chain"] = test => test.OfAnotherChain(),
        ["another transaction"] = test => test.WithEnvelope(Tx.Valid(test._bench.Channel).ToEnvelope()),
        ["a count that changes nothing"] = test => test.WithCount(),
        ["an attestation for another transaction"] = test => test.WithAttestationOfAnother(),
        ["an attestation by a stranger"] = test =>
            test.AttestedBy(test._impostor.Issue("peer0.org1.example.com", "peer"), test._bench.Channel.Peer2),
        ["an attestation by a client"] = test =>
            test.AttestedBy(test._bench.Channel.Client1, test._bench.Channel.Peer2),
        ["an attestation by an orderer"] = test =>
            test.AttestedBy(test._bench.Channel.Orderer, test._bench.Channel.Peer1),
        ["too few attestations"] = test => test.AttestedBy(test._bench.Channel.Peer1),
        ["one organisation twice"] = test => test.AttestedBy(
            test._bench.Channel.Peer1, test._bench.Channel.Org1.Issue("peer1.org1.example.com", "peer")),
        ["an attestation before its transaction"] = test => test.AttestedTooEarly(),
        ["a verdict turned around"] = test => test.Changed(receipt => receipt.Code = 11),
        ["attested as invalid"] = test => test.AttestedAsInvalid(),
        ["endorsed by one organisation only"] = test =>
            test.Recorded(Tx.Valid(test._bench.Channel).EndorsedBy(test._bench.Channel.Peer1)),
        ["endorsed by a client"] = test => test.Recorded(
            Tx.Valid(test._bench.Channel).EndorsedBy(test._bench.Channel.Peer1, test._bench.Channel.Client2)),
        ["endorsed by a stranger"] = test => test.Recorded(Tx.Valid(test._bench.Channel).EndorsedBy(
            test._impostor.Issue("peer0.org1.example.com", "peer"), test._bench.Channel.Peer2)),
        ["a softer policy"] = test => test.WithSofterPolicy(),
        ["created by a stranger"] = test => test.Recorded(
            Tx.Valid(test._bench.Channel).CreatedBy(test._impostor.Issue("User1@org1.example.com", "client"))),
        ["made for another channel"] = test => test.Recorded(
            Tx.Valid(test._bench.Channel).ChangingChannelHeader(header => header.ChannelId = "otherchannel")),
        ["a record that names another writer"] = test => test.WithRecordOf(test._bench.Channel.Client2),
        ["an expired creator"] = test => test.Recorded(Tx.Valid(test._bench.Channel).CreatedBy(
            test._bench.Channel.Org1.Issue("old", "client", TestIssuer.Epoch.AddYears(-2), TestIssuer.Epoch))),
    };

    private Hash32? _genesis;

    [Theory]
    [InlineData("another genesis hash", "genesis", "of another channel or network")]
    [InlineData("no configuration", "genesis", "no genesis block")]
    [InlineData("a configuration change left out", "block", "carries the configuration in force")]
    [InlineData("a configuration nobody may make", "configuration", "refused")]
    [InlineData("a block signed by a stranger", "block", "no orderer of the channel")]
    [InlineData("a block signed by a client", "block", "in the role client; blocks are signed by orderers")]
    [InlineData("a block signed by the orderers' administrator", "block", "in the role admin; blocks are signed " +
        "by orderers")]
    [InlineData("a block signed by nobody", "block", "0 signatures of orderers")]
    [InlineData("a block of another chain", "chain", "is not in the chain")]
    [InlineData("another transaction", "inclusion", "not number 0 of 1")]
    [InlineData("a count that changes nothing", "attestations", "does not fit this transaction")]
    [InlineData("an attestation for another transaction", "attestations", "does not fit this transaction")]
    [InlineData("an attestation by a stranger", "attestations", "no member of the channel")]
    [InlineData("an attestation by a client", "attestations", "in the role client; only peers validate")]
    [InlineData("an attestation by an orderer", "attestations", "endorses nothing on this channel")]
    [InlineData("too few attestations", "attestations", "1 of 2 organisations attest it, 2 are needed")]
    [InlineData("one organisation twice", "attestations", "one peer of each organisation")]
    [InlineData("an attestation before its transaction", "attestations", "before it was proposed")]
    [InlineData("a verdict turned around", "attestations", "does not fit this transaction")]
    [InlineData("attested as invalid", "validity", "MvccReadConflict")]
    [InlineData("endorsed by one organisation only", "endorsements", "missing")]
    [InlineData("endorsed by a client", "endorsements", "missing")]
    [InlineData("endorsed by a stranger", "endorsements", "no member of the channel")]
    [InlineData("a softer policy", "attestations", "does not fit this transaction")]
    [InlineData("created by a stranger", "creator", "no member of the channel")]
    [InlineData("made for another channel", "transaction", "otherchannel")]
    [InlineData("a record that names another writer", "record", "another certificate|names Org2MSP")]
    [InlineData("an expired creator", "dates", "expired")]
    public void Is_refused_for_its_own_reason(string attack, string step, string reason)
    {
        WireReceipt forged = s_attacks[attack](this);
        Assert.True(Receipt.TryParse(Receipt.Of(forged).Bytes, out Receipt? receipt, out string? fault), fault);

        ReceiptReport report = ReceiptVerification.Verify(receipt, _genesis ?? _bench.GenesisHash);

        Assert.False(report.Passed);
        Assert.True(step == report.Culprit?.Name, $"{report.Culprit}");
        Assert.True(
            reason.Split('|').Any(part => report.Culprit.Why.Contains(part, StringComparison.Ordinal)),
            report.Culprit.Why);
        Assert.All(
            report.Steps.SkipWhile(each => each.Outcome == StepOutcome.Passed).Skip(1),
            each => Assert.Equal(StepOutcome.NotReached, each.Outcome));
    }

    [Fact]
    public void More_organisations_can_be_demanded_than_a_majority()
    {
        WireReceipt honest = Recorded(_bench.Recording("k", Hash));
        var demands = new ReceiptDemands { AttestingOrganizations = 3 };

        ReceiptReport report = ReceiptVerification.Verify(Receipt.Of(honest), _bench.GenesisHash, demands);

        Assert.Equal("attestations", report.Culprit?.Name);
    }

    public void Dispose()
    {
        _impostor.Dispose();
        _impostorOrderer.Dispose();
        _bench.Dispose();
    }

    private WireReceipt Recorded(Tx tx)
    {
        _bench.AddTransactions(tx);
        return _bench.Prove((ulong)_bench.Blocks.Count - 1, index: 0);
    }

    private WireReceipt Changed(Action<WireReceipt> change)
    {
        WireReceipt receipt = Recorded(_bench.Recording("k", Hash));
        change(receipt);
        return receipt;
    }

    private WireReceipt AttestedBy(params SigningIdentity[] peers)
    {
        _bench.AddTransactions(_bench.Recording("k", Hash));
        return _bench.Prove(number: 1, index: 0, peers);
    }

    private WireReceipt WithOtherGenesis()
    {
        using var other = new ProofBench();
        _genesis = other.GenesisHash;
        return Recorded(_bench.Recording("k", Hash));
    }

    private WireReceipt WithoutNewestConfiguration()
    {
        _bench.Add(_bench.Chain.NextMembership(_bench.Channel.Org1, _bench.Channel.Admin1, _bench.Channel.Admin2));
        return Changed(receipt => receipt.Configurations.RemoveAt(1));
    }

    private WireReceipt WithUnsignedConfiguration()
    {
        // The orderers put it into a block though no administrator of the other organisation signed for it.
        _bench.Add(_bench.Chain.NextMembership(_bench.Channel.Org2, _bench.Channel.Client1));
        return Recorded(_bench.Recording("k", Hash));
    }

    private WireReceipt WithBlockSignedBy(SigningIdentity signer)
    {
        byte[] envelope = _bench.Recording("k", Hash).ToEnvelope();
        _bench.Add(_bench.Chain.Fork(change: null, signer, [envelope]));
        return _bench.Prove(number: 1, index: 0);
    }

    // The same orderers run another channel of the same name, whose beginning is another one.
    private WireReceipt OfAnotherChain()
    {
        _bench.Add(_bench.Chain.Next(
            block => Node.Testing.Blocks.TestChain.ChangeCommitment(
                block, commitment => commitment.ChainRoot = ByteString.CopyFrom(Hash32.Of("else"u8).AsSpan())),
            [_bench.Recording("k", Hash).ToEnvelope()]));
        return _bench.Prove(number: 1, index: 0);
    }

    private WireReceipt WithEnvelope(byte[] envelope) =>
        Changed(receipt => receipt.Envelope = ByteString.CopyFrom(envelope));

    // The first of three transactions has the same path as the first of four.
    private WireReceipt WithCount()
    {
        _bench.AddTransactions(_bench.Recording("k", Hash), Tx.Valid(_bench.Channel), Tx.Valid(_bench.Channel));
        WireReceipt receipt = _bench.Prove(number: 1, index: 0);
        receipt.Count = 4;
        return receipt;
    }

    private WireReceipt WithAttestationOfAnother()
    {
        _bench.AddTransactions(_bench.Recording("a", Hash), _bench.Recording("b", Hash));
        WireReceipt receipt = _bench.Prove(number: 1, index: 0);
        receipt.Attestations[1] = _bench.Prove(number: 1, index: 1).Attestations[1];
        return receipt;
    }

    private WireReceipt AttestedTooEarly()
    {
        _bench.AttestedAt = TestIssuer.Epoch.AddHours(1);
        return Recorded(_bench.Recording("k", Hash));
    }

    private WireReceipt AttestedAsInvalid()
    {
        WireReceipt receipt = Recorded(_bench.Recording("k", Hash));
        receipt.Code = 11;
        Attestation[] signed =
            [_bench.Attest(receipt, _bench.Channel.Peer1), _bench.Attest(receipt, _bench.Channel.Peer2)];
        receipt.Attestations.Clear();
        receipt.Attestations.Add(signed);
        return receipt;
    }

    private WireReceipt WithSofterPolicy()
    {
        WireReceipt receipt =
            Recorded(Tx.Valid(_bench.Channel).EndorsedBy(_bench.Channel.Peer1));
        receipt.Policies[0].Policy = new ApplicationPolicy
        {
            SignaturePolicy = PolicyText.Parse("OR('Org1MSP.peer', 'Org2MSP.peer')"),
        }.ToByteString();
        return receipt;
    }

    private WireReceipt WithRecordOf(SigningIdentity writer)
    {
        Tx tx = Tx.Valid(_bench.Channel);
        return Recorded(tx.Writing("k", _bench.RecordJson(tx.Id, Hash, writer)));
    }
}

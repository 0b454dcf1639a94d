using Google.Protobuf;
using Node.Hosting.Renewing;
using Node.Membership;
using Node.Peer.Validating;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Validating;

public sealed class TransactionVerifierTests(TestChannelFixture fixture) : IClassFixture<TestChannelFixture>
{
    private readonly TestChannel _channel = fixture.Channel;

    // What is wrong, how it comes about, and the code that says so, in the order in which things are checked.
    private static readonly Dictionary<string, (Func<TestChannel, byte[]> Envelope, TxValidationCode Code)> s_rows =
        new()
    {
        ["nothing"] = (c => Tx.Valid(c).Writing("k", "v").ToEnvelope(), TxValidationCode.Valid),
        ["no bytes"] = (_ => [], TxValidationCode.NilEnvelope),
        ["no message"] = (_ => [0xff, 0xff, 0xff], TxValidationCode.InvalidOtherReason),
        ["a payload that is no message"] = (
            c => Tx.Valid(c).ChangingEnvelope(e => e.Payload = ByteString.CopyFrom(0x0a, 0x7f)).ToEnvelope(),
            TxValidationCode.BadPayload),
        ["no header"] = (
            c => Tx.Valid(c).ChangingPayload(p => p.Header = null).ToEnvelope(),
            TxValidationCode.BadCommonHeader),
        ["a channel header that is no message"] = (
            c => Tx.Valid(c).ChangingPayload(p => p.Header.ChannelHeader = ByteString.CopyFrom(0xff)).ToEnvelope(),
            TxValidationCode.BadCommonHeader),
        ["a type that has no place in a block"] = (
            c => Tx.Valid(c).ChangingChannelHeader(h => h.Type = (int)HeaderType.DeliverSeekInfo).ToEnvelope(),
            TxValidationCode.BadCommonHeader),
        ["an epoch"] = (
            c => Tx.Valid(c).ChangingChannelHeader(h => h.Epoch = 1).ToEnvelope(),
            TxValidationCode.BadCommonHeader),
        ["no nonce"] = (
            c => Tx.Valid(c).ChangingSignatureHeader(h => h.Nonce = ByteString.Empty).ToEnvelope(),
            TxValidationCode.BadCommonHeader),
        ["no creator"] = (
            c => Tx.Valid(c).ChangingSignatureHeader(h => h.Creator = ByteString.Empty).ToEnvelope(),
            TxValidationCode.BadCommonHeader),
        ["a creator that is nobody"] = (
            c => Tx.Valid(c).ChangingSignatureHeader(h => h.Creator = ByteString.CopyFromUtf8("nobody")).ToEnvelope(),
            TxValidationCode.BadCreatorSignature),
        ["a creator of a foreign CA with a member's MSP id"] = (
            c => Tx.Valid(c).CreatedBy(TestChannelFixture.Impostor).ToEnvelope(), TxValidationCode.BadCreatorSignature),
        ["a signature by somebody else"] = (
            c => Tx.Valid(c).ChangingEnvelope(e =>
                e.Signature = ByteString.CopyFrom(c.Client2.Sign(e.Payload.Span))).ToEnvelope(),
            TxValidationCode.BadCreatorSignature),
        ["no signature"] = (
            c => Tx.Valid(c).ChangingEnvelope(e => e.Signature = ByteString.Empty).ToEnvelope(),
            TxValidationCode.BadCreatorSignature),
        ["another transaction's id"] = (
            c => Tx.Valid(c).ChangingChannelHeader(h => h.TxId = Tx.Valid(c).Id.Value).ToEnvelope(),
            TxValidationCode.BadProposalTxid),
        ["data that are no transaction"] = (
            c => Tx.Valid(c).ChangingPayload(p => p.Data = ByteString.CopyFrom(0x0a, 0x7f)).ToEnvelope(),
            TxValidationCode.InvalidEndorserTransaction),
        ["no action"] = (
            c => Tx.Valid(c).ChangingTransaction(t => t.Actions.Clear()).ToEnvelope(),
            TxValidationCode.InvalidEndorserTransaction),
        ["two actions"] = (
            c => Tx.Valid(c).ChangingTransaction(t => t.Actions.Add(t.Actions[0].Clone())).ToEnvelope(),
            TxValidationCode.InvalidEndorserTransaction),
        ["an action without nonce"] = (
            c => Tx.Valid(c).ChangingActionHeader(h => h.Nonce = ByteString.Empty).ToEnvelope(),
            TxValidationCode.InvalidEndorserTransaction),
        ["an answer to another proposal"] = (
            c => Tx.Valid(c).ChangingResponse(r => r.ProposalHash = ByteString.CopyFrom(new byte[32])).ToEnvelope(),
            TxValidationCode.InvalidEndorserTransaction),
        ["another input than the endorsed one"] = (
            c => Tx.Valid(c).ChangingActionPayload(p => p.ChaincodeProposalPayload = ByteString.Empty).ToEnvelope(),
            TxValidationCode.InvalidEndorserTransaction),
        ["a configuration update"] = (
            c => Tx.Valid(c).ChangingChannelHeader(h => h.Type = (int)HeaderType.ConfigUpdate).ToEnvelope(),
            TxValidationCode.UnsupportedTxPayload),
        ["another channel"] = (
            c => Tx.Valid(c).ChangingChannelHeader(h => h.ChannelId = "otherchannel").ToEnvelope(),
            TxValidationCode.TargetChainNotFound),
        ["another channel, and content that is wrong"] = (
            c => Tx.Valid(c).ChangingChannelHeader(h => h.ChannelId = "otherchannel").ChangingResponse(Spoil)
                .ToEnvelope(),
            TxValidationCode.TargetChainNotFound),
        ["a configuration without data"] = (
            c => Tx.Valid(c).ChangingChannelHeader(h => h.Type = (int)HeaderType.Config)
                .ChangingPayload(p => p.Data = ByteString.Empty).ToEnvelope(),
            TxValidationCode.InvalidConfigTransaction),
        ["an extension that is no message"] = (
            c => Tx.Valid(c).ChangingChannelHeader(h => h.Extension = ByteString.CopyFrom(0xff)).ToEnvelope(),
            TxValidationCode.BadHeaderExtension),
        ["an action that is no message"] = (
            c => Tx.Valid(c).ChangingResponse(Spoil).ToEnvelope(), TxValidationCode.BadResponsePayload),
        ["a read-write set that is no message"] = (
            c => Tx.Valid(c).ChangingAction(a => a.Results = ByteString.CopyFrom(0xff)).ToEnvelope(),
            TxValidationCode.BadRwset),
        ["no contract in the action"] = (
            c => Tx.Valid(c).ChangingAction(a => a.ChaincodeId = null).ToEnvelope(),
            TxValidationCode.InvalidOtherReason),
        ["no contract in the header"] = (
            c => Tx.Valid(c).ChangingChannelHeader(h => h.Extension = ByteString.Empty).ToEnvelope(),
            TxValidationCode.InvalidOtherReason),
        ["two contract names"] = (
            c => Tx.Valid(c).ChangingAction(a => a.ChaincodeId.Name = "other").ToEnvelope(),
            TxValidationCode.InvalidChaincode),
        ["no contract version"] = (
            c => Tx.Valid(c).ChangingAction(a => a.ChaincodeId.Version = "").ToEnvelope(),
            TxValidationCode.InvalidChaincode),
        ["an event of another contract"] = (
            c => Tx.Valid(c).ChangingAction(a =>
                a.Events = new ChaincodeEvent { ChaincodeId = "other" }.ToByteString()).ToEnvelope(),
            TxValidationCode.InvalidOtherReason),
        ["a namespace twice"] = (
            c => Tx.Valid(c).Writing("k", "v").ChangingReadWriteSet(s => s.NsRwset.Add(s.NsRwset[0].Clone()))
                .ToEnvelope(),
            TxValidationCode.IllegalWriteset),
    };

    public static TheoryData<string> Rows() => [.. s_rows.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Has_wrong(string what)
    {
        (Func<TestChannel, byte[]> envelope, TxValidationCode code) = s_rows[what];

        Assert.Equal(code, Verify(envelope(_channel)).Code);
    }

    [Theory]
    [InlineData("nothing", true)]
    [InlineData("no contract version", true)]          // Content is looked at after duplicates...
    [InlineData("a namespace twice", true)]
    [InlineData("two actions", false)]                 // ...shape, channel and signature before.
    [InlineData("another channel", false)]
    [InlineData("another transaction's id", false)]
    [InlineData("a signature by somebody else", false)]
    public void Only_what_is_checked_after_duplicates_reaches_that_check(string what, bool reached) =>
        Assert.Equal(reached, Verify(s_rows[what].Envelope(_channel)).ReachedDuplicateCheck);

    [Fact]
    public void Both_endorsers_count()
    {
        VerifiedTransaction verified = Verify(Tx.Valid(_channel).ToEnvelope());

        Assert.Equal(["Org1MSP", "Org2MSP"], verified.Endorsers.Select(endorser => endorser.MspId.Value));
    }

    [Fact]
    public void An_endorser_counts_once_however_often_it_signs()
    {
        VerifiedTransaction verified = Verify(
            Tx.Valid(_channel).EndorsedBy(_channel.Peer1, _channel.Peer1, _channel.Peer1).ToEnvelope());

        Assert.Single(verified.Endorsers);
    }

    [Fact]
    public void A_wrong_endorsement_does_not_count_and_spoils_nothing_else()
    {
        VerifiedTransaction verified = Verify(Tx.Valid(_channel).ChangingEndorsements(e =>
            e.Endorsements[0].Signature = e.Endorsements[1].Signature).ToEnvelope());

        Assert.Equal(TxValidationCode.Valid, verified.Code);
        Assert.Equal(["Org2MSP"], verified.Endorsers.Select(endorser => endorser.MspId.Value));
    }

    [Fact]
    public void Endorsers_that_disagree_do_not_both_count()
    {
        // Org2's peer endorsed a transaction that writes another value.
        Tx other = Tx.Valid(_channel).Writing("k", "other").EndorsedBy(_channel.Peer2);
        ChaincodeEndorsedAction? theirs = null;
        other.ChangingEndorsements(e => theirs = e.Clone()).ToEnvelope();

        VerifiedTransaction verified = Verify(Tx.Valid(_channel).WithNonceOf(other).Writing("k", "v")
            .EndorsedBy(_channel.Peer1)
            .ChangingEndorsements(e => e.Endorsements.Add(theirs?.Endorsements))
            .ToEnvelope());

        Assert.Equal(["Org1MSP"], verified.Endorsers.Select(endorser => endorser.MspId.Value));
    }

    [Fact]
    public void Strangers_do_not_count()
    {
        VerifiedTransaction verified = Verify(
            Tx.Valid(_channel).EndorsedBy(_channel.Peer1, TestChannelFixture.Impostor).ToEnvelope());

        Assert.Equal(["Org1MSP"], verified.Endorsers.Select(endorser => endorser.MspId.Value));
    }

    [Fact]
    public void Expired_certificates_stay_good_for_blocks_of_the_past()
    {
        SigningIdentity client = _channel.Org1.Issue(
            "old", "client", TestIssuer.Epoch.AddYears(-1), TestIssuer.Epoch.AddDays(-1));
        SigningIdentity peer = _channel.Org2.Issue(
            "old", "peer", TestIssuer.Epoch.AddYears(-1), TestIssuer.Epoch.AddDays(-1));

        VerifiedTransaction verified = Verify(
            Tx.Valid(_channel).CreatedBy(client).EndorsedBy(_channel.Peer1, peer).ToEnvelope());

        Assert.Equal(TxValidationCode.Valid, verified.Code);
        Assert.Equal(2, verified.Endorsers.Length);
    }

    [Fact]
    public void Revoked_members_are_nobody()
    {
        using var channel = new TestChannel();
        byte[] byRevokedClient = Tx.Valid(channel).ToEnvelope();
        byte[] byRevokedPeer = Tx.Valid(channel).CreatedBy(channel.Client2).ToEnvelope();
        channel.Org1.Revoke(channel.Client1);
        channel.Org1.Revoke(channel.Peer1);
        ChannelConfig config = channel.Config();

        Assert.Equal(TxValidationCode.BadCreatorSignature, Verify(byRevokedClient, config).Code);
        Assert.Equal(["Org2MSP"], Verify(byRevokedPeer, config).Endorsers.Select(endorser => endorser.MspId.Value));
    }

    [Fact]
    public void Own_endorsements_need_no_second_check_but_an_exact_match()
    {
        var own = new OwnSignatures();
        var verifier = new TransactionVerifier(_channel.Id, NodeIdentity.Of(_channel.Peer1), own);
        Tx tx = Tx.Valid(_channel).ChangingEndorsements(e =>
        {
            // Not a signature at all: only the record of having made it can let it pass.
            e.Endorsements[0].Signature = ByteString.CopyFromUtf8("made here");
            own.Add([.. e.ProposalResponsePayload.Span, .. e.Endorsements[0].Endorser.Span], "made here"u8);
        });
        byte[] envelope = tx.ToEnvelope();

        Assert.Equal(2, verifier.Verify(envelope, fixture.Config).Endorsers.Length);
        Assert.Single(Verify(envelope).Endorsers);
    }

    private VerifiedTransaction Verify(byte[] envelope) => Verify(envelope, fixture.Config);

    private VerifiedTransaction Verify(byte[] envelope, ChannelConfig config) =>
        new TransactionVerifier(_channel.Id, self: null, new OwnSignatures()).Verify(envelope, config);

    private static void Spoil(ProposalResponsePayload response) => response.Extension = ByteString.CopyFrom(0xff);
}

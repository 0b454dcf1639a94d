using Google.Protobuf;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;

namespace Node.Protocol.Tests.Decoding;

public sealed class DecodedTransactionTests
{
    private static SampleTransaction Sample(ulong seed = 1) => new(new Dice(seed));

    [Fact]
    public void Random_transactions_decode_to_what_the_generated_parsers_find()
    {
        for (ulong seed = 0; seed < 2000; seed++)
        {
            byte[] bytes = Sample(seed).Encode();

            Assert.True(DecodedEnvelope.TryDecodeInBlock(bytes, out DecodedEnvelope? envelope, out _));
            Assert.True(
                DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out DecodeFault fault),
                $"seed {seed}: {fault}");

            Agreement.OfEnvelope(bytes, envelope);
            Agreement.OfTransaction(transaction);
            Assert.Equal(envelope.TxIdText, transaction.TxId.Value);
        }
    }

    [Theory]
    [InlineData(HeaderType.EndorserTransaction, 0UL, 24, 40, true)]
    [InlineData(HeaderType.Config, 0UL, 24, 40, true)]
    [InlineData(HeaderType.ConfigUpdate, 0UL, 24, 40, true)]
    [InlineData(HeaderType.Message, 0UL, 24, 40, false)]
    [InlineData(HeaderType.DeliverSeekInfo, 0UL, 24, 40, false)]
    [InlineData((HeaderType)99, 0UL, 24, 40, false)]
    [InlineData(HeaderType.EndorserTransaction, 1UL, 24, 40, false)]
    [InlineData(HeaderType.EndorserTransaction, 0UL, 0, 40, false)]
    [InlineData(HeaderType.EndorserTransaction, 0UL, 24, 0, false)]
    public void In_a_block_the_common_header_is_checked_and_elsewhere_it_is_not(
        HeaderType type, ulong epoch, int nonceBytes, int creatorBytes, bool valid)
    {
        SampleTransaction sample = Sample();
        sample.ChannelHeader.Type = (int)type;
        sample.ChannelHeader.Epoch = epoch;
        sample.SignatureHeader.Nonce = ByteString.CopyFrom(new byte[nonceBytes]);
        sample.SignatureHeader.Creator = ByteString.CopyFrom(new byte[creatorBytes]);
        byte[] bytes = sample.Encode();

        Assert.True(DecodedEnvelope.TryDecode(bytes, out _, out _));
        Assert.Equal(valid, DecodedEnvelope.TryDecodeInBlock(bytes, out _, out DecodeFault fault));
        Assert.Equal(valid ? default : TxValidationCode.BadCommonHeader, fault.Code);
    }

    [Fact]
    public void Broken_envelopes_are_told_apart()
    {
        SampleTransaction noHeader = Sample();
        noHeader.Payload.Header = null;

        EnvelopeIs(TxValidationCode.NilEnvelope, []);
        EnvelopeIs(TxValidationCode.InvalidOtherReason, [0x0a]);
        EnvelopeIs(TxValidationCode.InvalidOtherReason, [0x08, 0x01]);
        EnvelopeIs(TxValidationCode.BadPayload, Payload([0x0a, 0x05, 0x00]));
        EnvelopeIs(TxValidationCode.BadPayload, Payload([0x0a, 0x00, 0x0a, 0x00]));         // A header twice.
        EnvelopeIs(TxValidationCode.BadCommonHeader, Payload([]));
        EnvelopeIs(TxValidationCode.BadCommonHeader, Payload([0x0a, 0x02, 0x0a, 0x05]));
        EnvelopeIs(TxValidationCode.BadCommonHeader, Payload([0x0a, 0x03, 0x0a, 0x01, 0x0a]));   // Channel header.
        EnvelopeIs(TxValidationCode.BadCommonHeader, Payload([0x0a, 0x03, 0x12, 0x01, 0x0a]));   // Signature header.
        EnvelopeIs(TxValidationCode.BadCommonHeader, noHeader.Encode());

        static byte[] Payload(byte[] payload) =>
            new Envelope { Payload = ByteString.CopyFrom(payload), Signature = ByteString.CopyFrom(1) }.ToByteArray();
    }

    [Fact]
    public void A_transaction_under_a_foreign_id_is_refused_first_of_all()
    {
        SampleTransaction sample = Sample();
        sample.ChannelHeader.TxId = new string('0', 64);
        sample.ResponsePayload.ProposalHash = ByteString.CopyFromUtf8("wrong, too");

        Refused(TxValidationCode.BadProposalTxid, DecodeStage.Transaction, sample.Encode());
    }

    public static TheoryData<string> BrokenShapes =>
    [
        "no action", "two actions", "no data", "action header", "no nonce", "no creator", "payload",
        "no endorsed action", "proposal hash", "no proposal hash", "other proposal payload", "too many endorsements",
    ];

    [Theory]
    [MemberData(nameof(BrokenShapes))]
    public void A_transaction_of_the_wrong_shape_is_an_invalid_endorser_transaction(string what)
    {
        SampleTransaction sample = Sample();
        switch (what)
        {
            case "no action":
                sample.Transaction.Actions.Clear();
                break;
            case "two actions":
                sample.Encode();
                sample.Payload.Data = ByteString.Empty;
                sample.Transaction.Actions.Add(sample.TransactionAction);
                break;
            case "no data":
                sample.Payload.Data = ByteString.CopyFrom(0x0a, 0x01);
                break;
            case "action header":
                sample.TransactionAction.Header = ByteString.CopyFrom(0x0a, 0x01);
                break;
            case "no nonce":
                sample.TransactionAction.Header = ByteString.CopyFrom(0x0a, 0x01, 0x41);
                break;
            case "no creator":
                sample.TransactionAction.Header = ByteString.CopyFrom(0x12, 0x01, 0x41);
                break;
            case "payload":
                sample.TransactionAction.Payload = ByteString.CopyFrom(0x0a, 0x01);
                break;
            case "no endorsed action":
                sample.ActionPayload.Action = null;
                break;
            case "proposal hash":
                sample.ResponsePayload.ProposalHash = ByteString.CopyFrom(new byte[32]);
                break;
            case "no proposal hash":
                sample.ResponsePayload.ProposalHash = ByteString.CopyFrom(new byte[1]);
                break;
            case "other proposal payload":
                sample.Encode();
                sample.ActionPayload.ChaincodeProposalPayload = ByteString.CopyFromUtf8("other");
                sample.TransactionAction.Payload = ByteString.Empty;
                sample.Payload.Data = ByteString.Empty;
                break;
            case "too many endorsements":
                for (int i = sample.ActionPayload.Action.Endorsements.Count; i <= Limits.EndorsementsMax; i++)
                    sample.ActionPayload.Action.Endorsements.Add(new Endorsement());

                break;
        }

        Refused(TxValidationCode.InvalidEndorserTransaction, DecodeStage.Transaction, sample.Encode());
    }

    [Theory]
    [InlineData("extension", TxValidationCode.BadHeaderExtension)]
    [InlineData("action", TxValidationCode.BadResponsePayload)]
    [InlineData("results", TxValidationCode.BadRwset)]
    [InlineData("no contract in the header", TxValidationCode.InvalidOtherReason)]
    [InlineData("no contract in the action", TxValidationCode.InvalidOtherReason)]
    [InlineData("empty name", TxValidationCode.InvalidChaincode)]
    [InlineData("other name", TxValidationCode.InvalidChaincode)]
    [InlineData("empty version", TxValidationCode.InvalidChaincode)]
    [InlineData("event", TxValidationCode.InvalidOtherReason)]
    [InlineData("event of another contract", TxValidationCode.InvalidOtherReason)]
    [InlineData("namespace twice", TxValidationCode.IllegalWriteset)]
    public void Faults_behind_the_duplicate_check_have_their_own_codes(string what, TxValidationCode code)
    {
        SampleTransaction sample = Sample();
        string contract = sample.Action.ChaincodeId.Name;
        switch (what)
        {
            case "extension":
                sample.ChannelHeader.Extension = ByteString.CopyFrom(0x12, 0x09);
                break;
            case "action":
                Refused(code, DecodeStage.Content, sample.EncodeWithAction(ByteString.CopyFrom(0x0a, 0x09)));
                return;
            case "results":
                sample.Action.Results = ByteString.CopyFrom(0x12, 0x09);
                Refused(code, DecodeStage.Content, sample.EncodeWithAction(sample.Action.ToByteString()));
                return;
            case "no contract in the header":
                sample.ChannelHeader.Extension = ByteString.CopyFrom(0x0a, 0x00);
                break;
            case "no contract in the action":
                sample.Action.ChaincodeId = null;
                break;
            case "empty name":
                sample.Extension.ChaincodeId.Name = "";
                sample.Action.ChaincodeId.Name = "";
                sample.Event = null;
                break;
            case "other name":
                sample.Action.ChaincodeId.Name = contract + "x";
                break;
            case "empty version":
                sample.Action.ChaincodeId.Version = "";
                break;
            case "event":
                sample.Event = null;
                sample.Action.Events = ByteString.CopyFrom(0x0a, 0x09);
                break;
            case "event of another contract":
                sample.Event = new ChaincodeEvent { ChaincodeId = contract + "x" };
                break;
            case "namespace twice":
                sample.Results.NsRwset.Add(new NsReadWriteSet { Namespace = "twice" });
                sample.Results.NsRwset.Add(new NsReadWriteSet { Namespace = "once" });
                sample.Results.NsRwset.Add(new NsReadWriteSet { Namespace = "twice" });
                break;
        }

        Refused(code, DecodeStage.Content, sample.Encode());
    }

    [Fact]
    public void No_mutation_makes_it_throw_and_what_it_accepts_the_generated_parsers_read_alike()
    {
        const int Mutants = 150_000;
        var dice = new Dice(seed: 41);
        byte[] bytes = [];
        int envelopes = 0;
        for (int i = 0; i < Mutants; i++)
        {
            if (i % 500 == 0)
                bytes = new SampleTransaction(dice).Encode();

            byte[] mutated = Mutations.Of(bytes, dice);
            if (!DecodedEnvelope.TryDecodeInBlock(mutated, out DecodedEnvelope? envelope, out _))
                continue;

            envelopes++;
            Agreement.OfEnvelope(mutated, envelope);
            if (DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out _))
                Agreement.OfTransaction(transaction);
        }

        Assert.InRange(envelopes, Mutants / 100, Mutants - 1);   // Both outcomes were there.
    }

    [Fact]
    public void Mutations_behind_the_proposal_hash_are_survived_too()
    {
        const int Mutants = 150_000;
        var dice = new Dice(seed: 42);
        int accepted = 0;
        ByteString action = ByteString.Empty;
        for (int i = 0; i < Mutants; i++)
        {
            // The hash does not cover the action, so a damaged one reaches the last checks.
            SampleTransaction sample = Sample((ulong)(i / 500));
            if (i % 500 == 0)
            {
                sample.Encode();
                action = sample.Action.ToByteString();
                sample = Sample((ulong)(i / 500));
            }

            byte[] bytes = sample.EncodeWithAction(ByteString.CopyFrom(Mutations.Of(action.ToByteArray(), dice)));
            Assert.True(DecodedEnvelope.TryDecodeInBlock(bytes, out DecodedEnvelope? envelope, out _));
            if (!DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out DecodeFault fault))
            {
                Assert.Equal(DecodeStage.Content, fault.Stage);
                continue;
            }

            accepted++;
            Agreement.OfTransaction(transaction);
        }

        Assert.InRange(accepted, Mutants / 100, Mutants - 1);
    }

    [Fact]
    public void Decoding_allocates_a_few_objects_and_no_copies()
    {
        SampleTransaction sample = Sample(seed: 3);
        sample.Results.NsRwset.Clear();
        sample.Results.NsRwset.Add(SampleTransaction.OneWrite("ns", "key", new byte[100_000]));
        byte[] bytes = sample.Encode();
        Decode(bytes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Decode(bytes);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, 1, 3000);
    }

    private static void Decode(byte[] bytes) =>
        Assert.True(DecodedEnvelope.TryDecodeInBlock(bytes, out DecodedEnvelope? envelope, out _)
            && DecodedTransaction.TryDecode(envelope, out _, out _));

    private static void EnvelopeIs(TxValidationCode code, byte[] bytes)
    {
        Assert.False(DecodedEnvelope.TryDecodeInBlock(bytes, out _, out DecodeFault fault));
        Assert.Equal((code, DecodeStage.Envelope), (fault.Code, fault.Stage));
        Assert.NotEmpty(fault.Text);
    }

    private static void Refused(TxValidationCode code, DecodeStage stage, byte[] bytes)
    {
        Assert.True(DecodedEnvelope.TryDecodeInBlock(bytes, out DecodedEnvelope? envelope, out _));
        Assert.False(DecodedTransaction.TryDecode(envelope, out _, out DecodeFault fault));
        Assert.Equal((code, stage), (fault.Code, fault.Stage));
        Assert.NotEmpty(fault.Text);
    }
}

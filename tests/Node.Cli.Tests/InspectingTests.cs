using Google.Protobuf;
using Node.Cli.Inspecting;
using Node.Cli.Running;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Cli.Tests;

public sealed class InspectingTests : IDisposable
{
    private readonly TestChannel _channel = new();

    public void Dispose() => _channel.Dispose();

    [Theory]
    [InlineData(TxValidationCode.Valid, true)]
    [InlineData(TxValidationCode.MvccReadConflict, false)]
    [InlineData(TxValidationCode.EndorsementPolicyFailure, false)]
    [InlineData(TxValidationCode.DuplicateTxid, false)]
    public void A_transaction_is_shown_with_its_verdict_in_words(TxValidationCode code, bool isFine)
    {
        Tx tx = Tx.Valid(_channel).Reading("in", (3, 1)).Reading("new", null).Writing("out", "value").Deleting("gone");

        TransactionDescription shown = TransactionDescription.Of(Envelope.Parser.ParseFrom(tx.ToEnvelope()), code);

        Assert.Equal((tx.Id.Value, "mychannel"), (shown.TransactionId, shown.Channel));
        Assert.Equal(code.ToString(), shown.Code);
        Assert.Contains(' ', shown.Verdict!);
        Assert.Equal(isFine, shown.NextStep is null);
        Assert.Contains("Org1MSP", shown.Creator, StringComparison.Ordinal);
        Assert.Equal(2, shown.Endorsers.Count);
        Assert.Equal([("in", "3:1"), ("new", null)], shown.Reads.Select(read => (read.Key, read.Version)));
        Assert.Equal(
            [("gone", true, ""), ("out", false, "value")],
            shown.Writes.Select(write => (write.Key, write.IsDelete, write.Value)).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("ff")]
    [InlineData("0a03ffffff")]
    public void Bytes_that_are_no_transaction_end_in_one_line(string hex)
    {
        var envelope = new Envelope { Payload = ByteString.CopyFrom(Convert.FromHexString(hex)) };

        CommandFault fault = Assert.Throws<CommandFault>(() => TransactionDescription.Of(envelope, code: null));

        Assert.Equal(ExitCode.VerificationFailed, fault.Code);
    }

    [Fact]
    public void A_block_is_shown_with_its_hashes_commitment_signer_and_verdicts()
    {
        var chain = new TestChain(_channel);
        Tx tx = Tx.Valid(_channel).Writing("k", "v");
        byte[] bytes = chain.Next(
            made => made.Metadata.Metadata[(int)BlockMetadataIndex.TransactionsFilter] =
                ByteString.CopyFrom((byte)TxValidationCode.PhantomReadConflict),
            tx.ToEnvelope());
        Block block = Block.Parser.ParseFrom(bytes);

        BlockDescription shown = BlockDescription.Of(block, bytes.Length);

        Assert.Equal((1UL, bytes.Length), (shown.Number, shown.Bytes));
        Assert.Equal(64, shown.Hash.Length);
        Assert.Equal(64, shown.Commitment!.TransactionsRoot.Length);
        Assert.Contains("OrdererMSP", Assert.Single(shown.Orderers), StringComparison.Ordinal);
        BlockTransaction only = Assert.Single(shown.Transactions);
        Assert.Equal((tx.Id.Value, "PhantomReadConflict"), (only.TransactionId, only.Code));
        Assert.Equal(0, BlockDescription.IndexOf(block, tx.Id.Value));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\u0000b", "a\\u0000b")]             // A composite key.
    [InlineData("\u001b[31mred", "\\u001b[31mred")]   // A key that would colour the terminal.
    [InlineData("line\nbreak", "line\\u000abreak")]
    [InlineData("fjord æøå 🜨", "fjord æøå 🜨")]
    public void Keys_cannot_speak_to_the_terminal(string key, string shown) => Assert.Equal(shown, Printable.Of(key));

    [Fact]
    public void Bytes_that_are_no_text_are_shown_in_hex() =>
        Assert.Equal("0xff00", Printable.Of(ByteString.CopyFrom(0xff, 0x00), charsMax: 20));
}

using Google.Protobuf;
using Node.Membership.Blocks;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Hyperprov;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Validating;

public sealed class BlockVerifierTests(TestChannelFixture fixture) : IClassFixture<TestChannelFixture>
{
    private readonly TestChannel _channel = fixture.Channel;

    // What is wrong with a block, and a word of the reason given.
    private static readonly Dictionary<string, (Action<TestChannel, Block> Change, string Reason)> s_rows = new()
    {
        ["number one too high"] = ((_, b) => b.Header.Number++, "number 2"),
        ["number of the block before"] = ((_, b) => b.Header.Number--, "number 0"),
        ["another previous hash"] = ((_, b) => b.Header.PreviousHash = Flip(b.Header.PreviousHash), "forked"),
        ["no previous hash"] = ((_, b) => b.Header.PreviousHash = ByteString.Empty, "forked"),
        ["another data hash"] = ((_, b) => b.Header.DataHash = Flip(b.Header.DataHash), "data"),
        ["one transaction more than was hashed"] = ((c, b) =>
            b.Data.Data.Add(ByteString.CopyFrom(Tx.Valid(c).ToEnvelope())), "data"),
        ["no transaction"] = ((_, b) => Refill(b), "no transaction"),
        ["an envelope with a trailing field"] = ((_, b) =>
            Refill(b, ByteString.CopyFrom([.. b.Data.Data[0].Span, 0x18, 0x01])), "transaction 0"),
        ["an envelope without signature"] = ((_, b) =>
            Refill(b, new Envelope { Payload = ByteString.CopyFromUtf8("p") }.ToByteString()), "transaction 0"),
        ["no commitment"] = ((_, b) => ChangeCommitment(b, _ => null), "commitment"),
        ["a commitment of another format"] =
            ((_, b) => ChangeCommitment(b, c => { c.Format = 2; return c; }), "format 2"),
        ["a commitment with half a root"] = ((_, b) =>
            ChangeCommitment(b, c => { c.ChainRoot = ByteString.CopyFrom(new byte[16]); return c; }), "root"),
    };

    public static TheoryData<string> Rows() => [.. s_rows.Keys];

    [Fact]
    public void The_next_block_is_accepted_and_says_what_follows()
    {
        var chain = new TestChain(_channel);
        byte[] first = chain.Next(Tx.Valid(_channel).ToEnvelope(), Tx.Valid(_channel).ToEnvelope());
        byte[] second = chain.Next(Tx.Valid(_channel).ToEnvelope());

        Assert.Null(FaultOf(first, After(chain.Genesis), out ExpectedBlock next));
        Assert.Null(FaultOf(second, next, out _));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Refuses(string what)
    {
        var chain = new TestChain(_channel);
        (Action<TestChannel, Block> change, string reason) = s_rows[what];
        byte[] block = chain.Fork(b => change(_channel, b), _channel.Orderer, Tx.Valid(_channel).ToEnvelope());

        Assert.Contains(reason, FaultOf(block, After(chain.Genesis), out _), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_an_orderer_signs_blocks()
    {
        var chain = new TestChain(_channel);
        byte[] byPeer = chain.Fork(null, _channel.Peer1, Tx.Valid(_channel).ToEnvelope());
        byte[] byStranger = chain.Fork(null, TestChannelFixture.Impostor, Tx.Valid(_channel).ToEnvelope());

        Assert.Contains("BlockValidation", FaultOf(byPeer, After(chain.Genesis), out _), StringComparison.Ordinal);
        Assert.Contains("BlockValidation", FaultOf(byStranger, After(chain.Genesis), out _), StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_without_readable_signatures_is_refused()
    {
        var chain = new TestChain(_channel);
        Block block = Block.Parser.ParseFrom(chain.Next(Tx.Valid(_channel).ToEnvelope()));
        block.Metadata.Metadata[0] = ByteString.CopyFrom(0xff);
        string? ofGarbage = FaultOf(block.ToByteArray(), After(chain.Genesis), out _);
        block.Metadata.Metadata.Clear();
        string? ofNothing = FaultOf(block.ToByteArray(), After(chain.Genesis), out _);

        Assert.Contains("signature slot", ofGarbage, StringComparison.Ordinal);
        Assert.Contains("commitment", ofNothing, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signature_covers_the_commitment()
    {
        var chain = new TestChain(_channel);
        Block block = Block.Parser.ParseFrom(chain.Next(Tx.Valid(_channel).ToEnvelope()));
        ChangeCommitment(block, c => { c.TransactionsRoot = Flip(c.TransactionsRoot); return c; });

        Assert.Contains(
            "BlockValidation", FaultOf(block.ToByteArray(), After(chain.Genesis), out _), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flipped_bit_of_a_block_is_refused_unless_peers_fill_that_part()
    {
        var chain = new TestChain(_channel);
        byte[] block = chain.Next(Tx.Valid(_channel).ToEnvelope());
        var expected = After(chain.Genesis);
        int accepted = 0;
        for (int bit = 0; bit < block.Length * 8; bit += 7)
        {
            byte[] flipped = [.. block];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            if (FaultOf(flipped, expected, out _) is null)
                accepted++;
        }

        // Slot 1 repeats what slot 0 says under signature, and slots 2 to 4 are the peer's: some 20 bytes in all.
        Assert.InRange(accepted, 0, 24);
    }

    private static ExpectedBlock After(byte[] block)
    {
        Assert.True(BlockBytes.TryDecode(block, out BlockBytes? decoded, out _));
        return new ExpectedBlock(decoded.Number + 1, decoded.Hash);
    }

    private string? FaultOf(byte[] bytes, ExpectedBlock expected, out ExpectedBlock next)
    {
        next = default;
        if (!BlockBytes.TryDecode(bytes, out BlockBytes? block, out string? fault))
            return fault;

        BlockVerifier.TryVerify(block, expected, fixture.Config, out next, out fault);
        return fault;
    }

    private static void Refill(Block block, params ByteString[] envelopes)
    {
        block.Data.Data.Clear();
        block.Data.Data.Add(envelopes);
        block.Header.DataHash = ByteString.CopyFrom(BlockDataHash.Of(block.Data.Data).AsSpan());
    }

    private static void ChangeCommitment(Block block, Func<BlockCommitment, BlockCommitment?> change)
    {
        Metadata metadata = Metadata.Parser.ParseFrom(block.Metadata.Metadata[0]);
        OrdererBlockMetadata value = OrdererBlockMetadata.Parser.ParseFrom(metadata.Value);
        BlockCommitment? changed = change(BlockCommitment.Parser.ParseFrom(value.ConsenterMetadata));
        value.ConsenterMetadata = changed?.ToByteString() ?? ByteString.Empty;
        metadata.Value = value.ToByteString();
        block.Metadata.Metadata[0] = metadata.ToByteString();
    }

    private static ByteString Flip(ByteString bytes)
    {
        byte[] flipped = bytes.ToByteArray();
        flipped[0] ^= 1;
        return ByteString.CopyFrom(flipped);
    }
}

using Google.Protobuf;
using Node.Protocol.Canonical;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Protocol.Tests.Merkle;

public sealed class BlockCommitmentsTests
{
    private static readonly Hash32 s_transactions = Hash32.Of("transactions"u8);
    private static readonly Hash32 s_chain = Hash32.Of("chain"u8);

    [Fact]
    public void Encodes_to_golden_bytes_and_back()
    {
        byte[] encoded = BlockCommitments.Encode(new BlockRoots(s_transactions, s_chain, new byte[] { 0, 7 }));

        Assert.Equal($"08011220{s_transactions}1a20{s_chain}22020007", Convert.ToHexStringLower(encoded));
        Assert.True(BlockCommitments.TryDecode(encoded, out BlockRoots roots, out _));
        Assert.Equal(s_transactions, roots.Transactions);
        Assert.Equal(s_chain, roots.Chain);
        Assert.Equal(new byte[] { 0, 7 }, roots.LogPosition.ToArray());
    }

    [Fact]
    public void Refuses_other_formats_and_lengths()
    {
        Assert.False(BlockCommitments.TryDecode(Changed(m => m.Format = 2), out _, out string? format));
        Assert.Contains("format 2", format, StringComparison.Ordinal);
        Refuses(Changed(m => m.TransactionsRoot = ByteString.Empty));
        Refuses(Changed(m => m.ChainRoot = ByteString.CopyFrom(new byte[31])));
        Refuses(Changed(m => m.LogPosition = ByteString.CopyFrom(new byte[65])));
        Refuses([]);
        Refuses([0x0a, 0xff]);
    }

    [Fact]
    public void No_mutation_makes_it_throw()
    {
        var dice = new Dice(seed: 31);
        byte[] encoded = BlockCommitments.Encode(new BlockRoots(s_transactions, s_chain, new byte[8]));
        int refused = 0;
        for (int i = 0; i < 100_000; i++)
            refused += BlockCommitments.TryDecode(Mutations.Of(encoded, dice), out _, out _) ? 0 : 1;

        Assert.InRange(refused, 10_000, 99_999);
    }

    [Fact]
    public void A_chain_leaf_is_the_header_and_then_the_transactions_root()
    {
        byte[] header = BlockHeaderBytes.ToArray(5, s_chain.AsSpan(), s_transactions.AsSpan());

        Hash32 expected = MerkleHash.OfLeaf([.. header, .. s_chain.ToArray()]);

        Assert.Equal(expected, BlockCommitments.ChainLeaf(header, s_chain));
        Assert.Equal(expected, BlockCommitments.ChainLeaf(5, s_chain.AsSpan(), s_transactions, s_chain));
    }

    private static void Refuses(byte[] bytes) => Assert.False(BlockCommitments.TryDecode(bytes, out _, out _));

    private static byte[] Changed(Action<BlockCommitment> change)
    {
        BlockCommitment message = BlockCommitment.Parser.ParseFrom(
            BlockCommitments.Encode(new BlockRoots(s_transactions, s_chain, default)));
        change(message);
        return message.ToByteArray();
    }
}

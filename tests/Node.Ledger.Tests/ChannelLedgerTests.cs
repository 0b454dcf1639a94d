using Google.Protobuf;
using Node.Ledger.Building;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using static Node.Protocol.Wire.Peer.TxValidationCode;

namespace Node.Ledger;

public sealed class ChannelLedgerTests : IDisposable
{
    private readonly TestLedger _ledger = TestLedger.WithGenesis();

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void What_was_committed_is_there_after_reopening()
    {
        Assert.Equal([Valid], _ledger.CodesOf(Tx.Valid().Writing("k", "v")));
        LedgerTip tip = _ledger.Ledger.Tip;
        _ledger.Reopen();

        Assert.Equal("v", _ledger.ValueOf("k"));
        Assert.Equal(tip.Height, _ledger.Ledger.Height);
        Assert.Equal(tip.LastBlockHash, _ledger.Ledger.Tip.LastBlockHash);
        Assert.Equal(tip.CommitHash, _ledger.Ledger.Tip.CommitHash);
        Assert.Equal(tip.Chain.Root, _ledger.Ledger.Tip.Chain.Root);
        Assert.Equal([Valid], _ledger.CodesOf(Tx.Valid().Reading("k", (1, 0)).Writing("k", "2")));
    }

    // The vector of the wire reference, section F.
    [Fact]
    public void The_commit_hash_is_that_of_Fabric()
    {
        Assert.Null(_ledger.Ledger.Tip.CommitHash);

        CommitResult result = _ledger.Commit(Tx.Valid().Writing("k", "v"));

        Assert.Equal(
            "1ed597fce1883484f669ab7fb325b38c91af3f8c4d943aa3d5a446ab138a1d6d", result.CommitHash?.ToString());
    }

    [Fact]
    public void Ledgers_that_committed_the_same_have_the_same_commit_hash_and_others_have_not()
    {
        using TestLedger other = TestLedger.WithGenesis();
        Tx[] transactions =
        [
            Tx.Valid().Writing("b", "1", ns: "zz").Writing("a", "1", ns: "longer").WritingHashes("s", "k", "v"),
            Tx.Valid().Reading("a", (7, 7)).Writing("a", "2"),
            Tx.Valid().Writing("b", "2", ns: "zz").Deleting("x"),
        ];

        CommitResult one = _ledger.Commit(transactions);
        CommitResult two = other.Commit(transactions);
        Assert.Equal(one.CommitHash, two.CommitHash);
        Assert.Equal(one.Block.ToArray(), two.Block.ToArray());

        CommitResult judgedOtherwise = other.Commit(Tx.Valid().Writing("a", "3").Judged(EndorsementPolicyFailure));
        Assert.NotEqual(judgedOtherwise.CommitHash, _ledger.Commit(Tx.Valid().Writing("a", "3")).CommitHash);
    }

    [Fact]
    public void A_stored_block_is_the_received_one_with_codes_and_commit_hash()
    {
        Tx[] transactions = [Tx.Valid().Writing("k", "v"), Tx.Valid().Reading("k", (9, 9))];
        Block received = _ledger.NextBlock([.. transactions.Select(tx => tx.ToEnvelope())]);

        CommitResult result = _ledger.Ledger.Commit(TestLedger.ToCommit(received, transactions));

        Assert.True(_ledger.Ledger.TryReadBlock(1, out byte[]? stored));
        Assert.Equal(result.Block.ToArray(), stored);
        Block block = Block.Parser.ParseFrom(stored);
        Assert.Equal(received.Header, block.Header);
        Assert.Equal(received.Data, block.Data);
        Assert.Equal(received.Metadata.Metadata[0], block.Metadata.Metadata[0]);
        Assert.Equal([(byte)Valid, (byte)MvccReadConflict], block.Metadata.Metadata[2].ToByteArray());
        Metadata slot = Metadata.Parser.ParseFrom(block.Metadata.Metadata[4]);
        Assert.Equal(result.CommitHash?.ToArray(), slot.Value.ToByteArray());
        Assert.True(_ledger.Ledger.TryFindBlockByHash(_ledger.Ledger.Tip.LastBlockHash, out ulong number));
        Assert.Equal(1ul, number);
        Assert.False(_ledger.Ledger.TryFindBlockByHash(Hash32.Zero, out _));
        Assert.False(_ledger.Ledger.TryReadBlock(2, out _));
    }

    [Fact]
    public void A_configuration_is_kept_and_its_block_remembered()
    {
        _ledger.Commit(Tx.Valid().Writing("k", "v"));
        Assert.Equal(0ul, _ledger.Ledger.Tip.LastConfigBlock);

        CommitResult result = _ledger.CommitConfig("new configuration");

        Assert.Equal([Valid], result.Codes);
        Assert.Equal(2ul, _ledger.Ledger.Tip.LastConfigBlock);
        Assert.Equal("new configuration", _ledger.ValueOf("CHANNEL_CONFIG_ENV_BYTES", ns: ""));
        Assert.False(result.HasWrittenTo(""));
        _ledger.Reopen();
        Assert.Equal(2ul, _ledger.Ledger.Tip.LastConfigBlock);
    }

    [Fact]
    public void A_result_names_the_namespaces_that_were_written()
    {
        CommitResult result = _ledger.Commit(
            Tx.Valid().Writing("k", "v").Reading("x", version: null, ns: "read"),
            Tx.Valid().WritingHashes("secrets", "k", "v", ns: "hashed"),
            Tx.Valid().Writing("k", "v", ns: "refused").Judged(EndorsementPolicyFailure));

        Assert.True(result.HasWrittenTo("cc"));
        Assert.True(result.HasWrittenTo("hashed"));
        Assert.False(result.HasWrittenTo("read"));
        Assert.False(result.HasWrittenTo("refused"));
    }

    public static TheoryData<string, Action<Block>> Strangers => new()
    {
        { "its number is 7", block => block.Header.Number = 7 },
        { "its previous hash is", block => block.Header.PreviousHash = Bytes(32) },
        { "its previous hash is", block => block.Header.PreviousHash = ByteString.Empty },
        { "its data hash is", block => block.Header.DataHash = Bytes(32) },
        { "its data hash is", block => block.Data.Data[0] = ByteString.CopyFrom(Tx.Valid().ToEnvelope()) },
        { "it holds no envelope", WithoutEnvelopes },
        { "envelope 0", WithLooseEnvelope },
        { "transactions root", block => Commit(block, roots => roots with { Transactions = Hash32.Of([1]) }) },
        { "chain root", block => Commit(block, roots => roots with { Chain = Hash32.Of([1]) }) },
        { "commitment", block => block.Metadata.Metadata[0] = new Metadata().ToByteString() },
    };

    [Theory]
    [MemberData(nameof(Strangers))]
    public void A_block_that_does_not_follow_is_refused_and_nothing_is_written(string reason, Action<Block> change)
    {
        Tx tx = Tx.Valid().Writing("k", "v");
        Block block = _ledger.NextBlock(tx.ToEnvelope());
        LedgerTip tip = _ledger.Ledger.Tip;
        change(block);

        CommitResult result = _ledger.Ledger.Commit(TestLedger.ToCommit(block, [tx]));

        Assert.False(result.IsCommitted);
        Assert.Contains(reason, result.Refusal?.Reason, StringComparison.Ordinal);
        Assert.Same(tip, _ledger.Ledger.Tip);
        Assert.Null(_ledger.ValueOf("k"));
        Assert.Equal([Valid], _ledger.CodesOf(tx));
    }

    [Fact]
    public void Without_commitment_required_a_block_of_another_orderer_is_taken()
    {
        Block block = _ledger.NextBlock(Tx.Valid().Writing("k", "v").ToEnvelope());
        block.Metadata.Metadata[0] = new Metadata().ToByteString();
        BlockToCommit judged = TestLedger.ToCommit(block, []);

        CommitResult result = _ledger.Ledger.Commit(
            new BlockToCommit(judged.Block, judged.Verdicts, commitmentRequired: false));

        Assert.True(result.IsCommitted);
    }

    [Fact]
    public void Blocks_prove_that_they_are_in_the_chain_at_any_height()
    {
        var leaves = new List<Hash32>();
        for (int block = 1; block < 12; block++)
            _ledger.Commit(Tx.Valid().Writing("k", $"{block}"));

        _ledger.Reopen();
        var tree = new MerkleTree();
        for (ulong number = 0; number < 12; number++)
        {
            Assert.True(_ledger.Ledger.TryReadBlock(number, out byte[]? bytes));
            Assert.True(BlockBytes.TryDecode(bytes, out BlockBytes? block, out _));
            leaves.Add(BlockCommitments.ChainLeaf(block.HeaderBytes.Span, block.ComputeTransactionsRoot()));
            tree.Append(leaves[^1]);
        }

        Assert.Equal(tree.Root, _ledger.Ledger.Tip.Chain.Root);
        for (ulong height = 1; height <= 12; height++)
        {
            for (ulong block = 0; block < height; block++)
            {
                Hash32[] path = _ledger.Ledger.ProveInclusion(block, height);
                Assert.True(MerkleProofs.VerifyInclusion(leaves[(int)block], block, height, path, tree.RootAt(height)));
            }

            Hash32[] proof = _ledger.Ledger.ProveConsistency(height, 12);
            Assert.True(MerkleProofs.VerifyConsistency(height, tree.RootAt(height), 12, tree.Root, proof));
        }
    }

    private static ByteString Bytes(int count) => ByteString.CopyFrom(new byte[count]);

    private static void WithoutEnvelopes(Block block)
    {
        block.Data.Data.Clear();
        block.Header.DataHash = ByteString.CopyFrom(Hash32.Of([]).AsSpan());
    }

    // The same envelope with a field that nobody defined behind it: another encoding of the same transaction.
    private static void WithLooseEnvelope(Block block)
    {
        byte[] loose = [.. block.Data.Data[0], 0x18, 0x01];
        block.Data.Data[0] = ByteString.CopyFrom(loose);
        block.Header.DataHash = ByteString.CopyFrom(Hash32.Of(loose).AsSpan());
    }

    private static void Commit(Block block, Func<BlockRoots, BlockRoots> change)
    {
        Metadata slot = Metadata.Parser.ParseFrom(block.Metadata.Metadata[0]);
        OrdererBlockMetadata orderer = OrdererBlockMetadata.Parser.ParseFrom(slot.Value);
        Assert.True(BlockCommitments.TryDecode(orderer.ConsenterMetadata.Memory, out BlockRoots roots, out _));
        orderer.ConsenterMetadata = ByteString.CopyFrom(BlockCommitments.Encode(change(roots)));
        block.Metadata.Metadata[0] = new Metadata { Value = orderer.ToByteString() }.ToByteString();
    }
}

using Google.Protobuf;
using Node.Membership;
using Node.Orderer.Tests.Building;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Orderer.Tests.Ordering;

public sealed class BlockTests : IAsyncLifetime
{
    private readonly TestChannel _channel = new();
    private OrdererBench _bench = null!;   // Set before each test.

    [Fact]
    public async Task Each_block_names_the_one_before_and_commits_to_all_of_them()
    {
        for (int count = 1; count <= 5; count++)
            await _bench.BroadcastAsync(Enumerable.Range(0, count).Select(_ => Tx.Valid(_channel).ToEnvelope()));

        var chain = new MerkleTree();
        Hash32? previous = null;
        for (ulong number = 0; number < _bench.Ordering.State.Run!.Feed.Height; number++)   // It runs.
        {
            BlockBytes block = await _bench.BlockAsync(number);
            Assert.Equal(number, block.Number);
            Assert.Equal(previous?.ToString() ?? "", Hex(block.PreviousHash));
            Assert.Equal(block.ComputeDataHash(), block.DataHash);

            BlockRoots roots = RootsOf(block);
            Assert.Equal(block.ComputeTransactionsRoot(), roots.Transactions);
            Assert.Equal(chain.Root, roots.Chain);
            chain.Append(BlockCommitments.ChainLeaf(block.HeaderBytes.Span, roots.Transactions));
            previous = block.Hash;
        }

        Assert.True(chain.Size > 1);
    }

    [Fact]
    public async Task A_block_is_signed_over_its_metadata_and_header()
    {
        await _bench.BroadcastAsync(Tx.Valid(_channel).ToEnvelope());
        BlockBytes block = await _bench.BlockAsync(1);
        DecodedBlockSignatures signatures = SignaturesOf(block);
        BlockSignature signature = Assert.Single(signatures.Signatures.ToArray());

        Assert.True(_channel.Config().TryResolve(signature.Creator.Span, out Identity? signer, out _));
        byte[] signed = signatures.SignedBytes(signature, block.HeaderBytes.Span);
        Assert.Equal(NodeRole.Orderer, signer.Role);
        Assert.True(signer.Verify(signed, signature.Signature.Span));

        // Whatever byte of the header or the metadata is flipped, the signature tells.
        for (int index = 0; index < signed.Length; index += 7)
        {
            signed[index] ^= 1;
            Assert.False(signer.Verify(signed, signature.Signature.Span), $"byte {index}");
            signed[index] ^= 1;
        }
    }

    [Fact]
    public async Task A_block_has_five_slots_of_which_peers_fill_three()
    {
        await _bench.BroadcastAsync(BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7));
        await _bench.BroadcastAsync(Tx.Valid(_channel).ToEnvelope());

        byte[] bytes = (await _bench.BlockAsync(2)).Bytes.ToArray();
        Block block = Block.Parser.ParseFrom(bytes);

        Assert.Equal(
            [false, false, true, true, true],
            block.Metadata.Metadata.Select(slot => slot.IsEmpty));
        Metadata lastConfig = Metadata.Parser.ParseFrom(block.Metadata.Metadata[1]);
        Assert.Equal(1UL, LastConfig.Parser.ParseFrom(lastConfig.Value).Index);
        Assert.Equal(block.ToByteArray(), bytes);   // As Google.Protobuf would encode it.
    }

    [Fact]
    public async Task Positions_in_the_log_grow_from_block_to_block()
    {
        for (int count = 0; count < 3; count++)
            await _bench.BroadcastAsync(Tx.Valid(_channel).ToEnvelope());

        var positions = new List<string>();
        for (ulong number = 1; number <= 3; number++)
            positions.Add(Hex(RootsOf(await _bench.BlockAsync(number)).LogPosition));

        Assert.Equal(["0000000000000001", "0000000000000002", "0000000000000003"], positions);
    }

    public async Task InitializeAsync() => _bench = await OrdererBench.StartAsync(_channel);

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    private static DecodedBlockSignatures SignaturesOf(BlockBytes block)
    {
        ReadOnlyMemory<byte> slot = block.Slot((int)BlockMetadataIndex.Signatures);
        Assert.True(DecodedBlockSignatures.TryDecode(slot, out DecodedBlockSignatures? signatures, out _));
        return signatures;
    }

    private static BlockRoots RootsOf(BlockBytes block)
    {
        bool read = SignaturesOf(block).TryGetRoots(out BlockRoots roots, out string? fault);
        Assert.True(read, fault);
        return roots;
    }
}

using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;

namespace Node.LyingOrderer;

/// <summary>The blocks that the orderers of a channel agree on, without any of their signatures.</summary>
public sealed class HonestBlocks
{
    private Hash32 _previous;
    private MerkleFrontier _tree = MerkleFrontier.Empty;

    public HonestBlocks(Block genesis)
    {
        All.Add(genesis);
        Advance(genesis);
    }

    public List<Block> All { get; } = [];

    public Block Next(params IReadOnlyList<byte[]> envelopes)
    {
        var block = new Block
        {
            Header = new BlockHeader
            {
                Number = (ulong)All.Count,
                PreviousHash = ByteString.CopyFrom(_previous.AsSpan()),
            },
            Data = new BlockData(),
            Metadata = new BlockMetadata(),
        };
        foreach (byte[] envelope in envelopes)
            block.Data.Data.Add(ByteString.CopyFrom(envelope));

        block.Header.DataHash = ByteString.CopyFrom(BlockDataHash.Of(block.Data.Data).AsSpan());
        var roots = new BlockRoots(MerkleRoot.Of(block.Data.Data), _tree.Root, LogPosition: default);
        var value = new OrdererBlockMetadata
        {
            LastConfig = new LastConfig { Index = 0 },
            ConsenterMetadata = ByteString.CopyFrom(BlockCommitments.Encode(roots)),
        };
        block.Metadata.Metadata.Add(new Metadata { Value = value.ToByteString() }.ToByteString());
        block.Metadata.Metadata.Add(new Metadata { Value = value.LastConfig.ToByteString() }.ToByteString());
        block.Metadata.Metadata.Add([ByteString.Empty, ByteString.Empty, ByteString.Empty]);
        All.Add(block);
        Advance(block);
        return block;
    }

    private void Advance(Block block)
    {
        byte[] header = BlockHeaderBytes.ToArray(
            block.Header.Number, block.Header.PreviousHash.Span, block.Header.DataHash.Span);
        _previous = Hash32.Of(header);
        _tree = _tree.Append(BlockCommitments.ChainLeaf(header, MerkleRoot.Of(block.Data.Data)));
    }
}

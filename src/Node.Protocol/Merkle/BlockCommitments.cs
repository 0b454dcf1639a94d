using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Protocol.Merkle;

/// <summary>What a block commits to under the orderer's signature, decoded and checked.</summary>
/// <param name="Transactions">Root over the envelopes of the block.</param>
/// <param name="Chain">Root over all blocks before it; of the empty tree in block 0.</param>
/// <param name="LogPosition">The ordered log's own position of the entry; opaque, may be empty.</param>
public readonly record struct BlockRoots(Hash32 Transactions, Hash32 Chain, ReadOnlyMemory<byte> LogPosition);

/// <summary>
/// Builds and reads <see cref="BlockCommitment"/>, which lies in OrdererBlockMetadata.consenter_metadata of every
/// block.
/// </summary>
public static class BlockCommitments
{
    public const uint Format = 1;

    /// <summary>Longest log position.</summary>
    public const int LogPositionBytesMax = 64;

    public static byte[] Encode(BlockRoots roots)
    {
        Invariant.Require(roots.LogPosition.Length <= LogPositionBytesMax, "the log knows the limit of its positions");
        return new BlockCommitment
        {
            Format = Format,
            TransactionsRoot = ByteString.CopyFrom(roots.Transactions.AsSpan()),
            ChainRoot = ByteString.CopyFrom(roots.Chain.AsSpan()),
            LogPosition = ByteString.CopyFrom(roots.LogPosition.Span),
        }.ToByteArray();
    }

    /// <param name="consenterMetadata">
    /// From a block's metadata slot 0, after its signature was verified or before.
    /// </param>
    public static bool TryDecode(
        ReadOnlyMemory<byte> consenterMetadata, out BlockRoots roots, [NotNullWhen(false)] out string? fault)
    {
        roots = default;
        if (!TryParse(consenterMetadata, out BlockCommitment? message))
        {
            fault = "the block commitment is no protobuf message";
            return false;
        }

        fault = FaultOf(message);
        if (fault is not null)
            return false;

        roots = new BlockRoots(
            Hash32.Read(message.TransactionsRoot.Span),
            Hash32.Read(message.ChainRoot.Span),
            message.LogPosition.Memory);
        return true;
    }

    /// <summary>
    /// The leaf that a block is in the chain tree, hashed: its header bytes, then its transactions root.
    /// </summary>
    public static Hash32 ChainLeaf(ReadOnlySpan<byte> headerBytes, Hash32 transactionsRoot) =>
        MerkleHash.OfLeaf(headerBytes, transactionsRoot.AsSpan());

    /// <inheritdoc cref="ChainLeaf(ReadOnlySpan{byte}, Hash32)"/>
    public static Hash32 ChainLeaf(
        ulong number, ReadOnlySpan<byte> previousHash, Hash32 dataHash, Hash32 transactionsRoot)
    {
        Span<byte> header = stackalloc byte[BlockHeaderBytes.BytesMax];
        int bytes = BlockHeaderBytes.Encode(number, previousHash, dataHash.AsSpan(), header);
        return ChainLeaf(header[..bytes], transactionsRoot);
    }

    private static string? FaultOf(BlockCommitment message)
    {
        if (message.Format != Format)
            return $"the block commitment has format {message.Format}, this program reads {Format}: update it";
        if (message.TransactionsRoot.Length != Hash32.Bytes || message.ChainRoot.Length != Hash32.Bytes)
            return "a root in the block commitment is not 32 bytes long";
        if (message.LogPosition.Length > LogPositionBytesMax)
            return $"the log position in the block commitment is longer than {LogPositionBytesMax} bytes";

        return null;
    }

    private static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out BlockCommitment? message)
    {
        try
        {
            message = BlockCommitment.Parser.ParseFrom(bytes.Span);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            message = null;
            return false;
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using Node.Protocol.Wire.Common;

namespace Node.Protocol.Canonical;

/// <summary>The hash of a block: over its header bytes only. The next block names it as its previous hash.</summary>
public static class BlockHash
{
    /// <inheritdoc cref="BlockHeaderBytes.Encode"/>
    public static Hash32 Of(ulong number, ReadOnlySpan<byte> previousHash, ReadOnlySpan<byte> dataHash)
    {
        Span<byte> header = stackalloc byte[BlockHeaderBytes.BytesMax];
        return Hash32.Of(header[..BlockHeaderBytes.Encode(number, previousHash, dataHash, header)]);
    }

    /// <summary>For a header from outside.</summary>
    public static bool TryOf(BlockHeader? header, out Hash32 hash, [NotNullWhen(false)] out string? fault)
    {
        bool encoded = BlockHeaderBytes.TryEncode(header, out byte[]? bytes, out fault);
        hash = encoded ? Hash32.Of(bytes) : default;
        return encoded;
    }
}

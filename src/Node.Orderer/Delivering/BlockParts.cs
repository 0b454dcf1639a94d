using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.Delivering;

/// <summary>Cuts a stored block into what a follower asked for. The bytes are ours, so they are well-formed.</summary>
internal static class BlockParts
{
    private const int HeaderField = 1;
    private const int DataField = 2;

    /// <summary>Header and metadata; a config block stays whole, since its reader needs the configuration.</summary>
    public static BlockImage HeaderWithSignatures(BlockImage image)
    {
        ReadOnlyMemory<byte> block = image.ToWhole();
        Slice header = default;
        Slice data = default;
        var reader = new WireReader(block.Span);
        while (reader.Next())
        {
            if (reader.Field == HeaderField)
                reader.TryBytes(out header);
            else if (reader.Field == DataField)
                reader.TryBytes(out data);
        }

        Invariant.Require(!reader.Failed && header.End <= data.Start, "stored blocks are encoded in field order");
        return IsConfig(block) ? image : new BlockImage(block[..header.End], Data: default, block[data.End..]);
    }

    private static bool IsConfig(ReadOnlyMemory<byte> block) =>
        BlockBytes.TryDecode(block, out BlockBytes? decoded, out _)
        && decoded.Envelopes.Length == 1
        && DecodedEnvelope.TryDecode(decoded.Envelopes[0], out DecodedEnvelope? envelope, out _)
        && envelope.Type == HeaderType.Config;
}

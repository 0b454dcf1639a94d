using System.Formats.Asn1;
using System.Numerics;
using Google.Protobuf;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;

namespace Node.Protocol.Tests.Canonical;

public sealed class BlockHeaderBytesTests
{
    private static readonly byte[] s_aa = [.. Enumerable.Repeat((byte)0xaa, 32)];
    private static readonly byte[] s_bb = [.. Enumerable.Repeat((byte)0xbb, 32)];

    [Theory]
    [InlineData(0UL, false, "302702010004000420", "1e761279555f77297ab1ea88483f6be5e888c061a8ee62e956c2c2fcb2463e8f")]
    [InlineData(1UL, true, "30470201010420bb", "cc172a9c57de86beab7a36da9e21fcb22bd0391a305db40aa8fd5dc61fc75fb4")]
    [InlineData(128UL, true, "3048020200800420bb", "f789853e45731aa0669feb012aeacfea7e1cb29318536b66d0f0054eea8c9ac8")]
    [InlineData(
        ulong.MaxValue, true, "304f020900ffffffffffffffff0420bb",
        "36ceaf45dfc7956635bda55cd1d6a49b6901d68eefca8080270f497cccb860a7")]
    public void Encodes_and_hashes_as_Fabric_does(ulong number, bool hasPrevious, string startHex, string hashHex)
    {
        byte[] previous = hasPrevious ? s_bb : [];

        byte[] header = BlockHeaderBytes.ToArray(number, previous, s_aa);

        Assert.StartsWith(startHex, Convert.ToHexStringLower(header), StringComparison.Ordinal);
        Assert.Equal(hashHex, BlockHash.Of(number, previous, s_aa).ToString());
        Assert.InRange(header.Length, 0, BlockHeaderBytes.BytesMax);
    }

    [Fact]
    public void Agrees_with_the_DER_writer_of_the_framework_at_every_length_of_number()
    {
        for (int shift = 0; shift < 64; shift++)
        {
            ulong power = 1UL << shift;
            foreach (ulong number in new[] { power - 1, power, power | 1, unchecked(power - 1) | power })
                Assert.Equal(FrameworkDer(number), BlockHeaderBytes.ToArray(number, s_bb, s_aa));
        }
    }

    [Fact]
    public void Every_part_of_a_header_changes_the_hash()
    {
        Hash32 hash = BlockHash.Of(7, s_bb, s_aa);

        Assert.NotEqual(hash, BlockHash.Of(8, s_bb, s_aa));
        Assert.NotEqual(hash, BlockHash.Of(7, s_aa, s_aa));
        Assert.NotEqual(hash, BlockHash.Of(7, s_bb, s_bb));
        Assert.NotEqual(hash, BlockHash.Of(7, [], s_aa));
    }

    [Fact]
    public void A_header_from_outside_is_refused_unless_its_hashes_are_hashes()
    {
        var header = new BlockHeader
        {
            Number = 1,
            PreviousHash = ByteString.CopyFrom(s_bb),
            DataHash = ByteString.CopyFrom(s_aa),
        };
        Assert.True(BlockHash.TryOf(header, out Hash32 hash, out _));
        Assert.Equal(BlockHash.Of(1, s_bb, s_aa), hash);

        Assert.False(BlockHash.TryOf(null, out _, out _));
        Assert.False(BlockHash.TryOf(new BlockHeader(header) { DataHash = ByteString.Empty }, out _, out _));
        Assert.False(BlockHash.TryOf(
            new BlockHeader(header) { PreviousHash = ByteString.CopyFrom(new byte[33]) }, out _, out string? fault));
        Assert.Contains("33", fault, StringComparison.Ordinal);
    }

    private static byte[] FrameworkDer(ulong number)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger((BigInteger)number);
            writer.WriteOctetString(s_bb);
            writer.WriteOctetString(s_aa);
        }

        return writer.Encode();
    }
}

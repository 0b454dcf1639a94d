using System.IO.Compression;
using Node.Client.Receipts;
using Node.Membership.Blocks;
using Node.Protocol;
using Wire = Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Tests.Receipts;

public class ProofFileTests
{
    private static ReadOnlySpan<byte> Magic => "HPRECPT\n"u8;

    [Fact]
    public void A_file_is_magic_format_checksum_and_compressed_content()
    {
        byte[] file = ProofFile.Encode(Magic, new Wire.Receipt { Index = 7 });

        Assert.Equal("HPRECPT\n"u8, file.AsSpan(0, 8));
        Assert.Equal(1, file[8]);
        Assert.Equal(
            Hash32.Of((byte[])[.. file.AsSpan(0, 9), .. file.AsSpan(41)]).AsSpan(), file.AsSpan(9, 32));
        byte[] content = new byte[16];
        Assert.True(BrotliDecoder.TryDecompress(file.AsSpan(41), content, out int bytes));
        Assert.Equal([0x18, 0x07], content[..bytes]);
    }

    // Whoever means ill computes the checksum anew, so what stands behind it must hold by itself.
    [Theory]
    [InlineData("other magic",   "does not begin as a receipt")]
    [InlineData("format 2",      "has format 2, this program reads 1")]
    [InlineData("not Brotli",    "not compressed as this format says")]
    [InlineData("a bomb",        "larger than")]
    [InlineData("a tail",        "not compressed as this format says")]
    [InlineData("no message",    "cannot be read")]
    [InlineData("unknown field", "not in its canonical encoding")]
    [InlineData("twice a field", "not in its canonical encoding")]
    [InlineData("long varint",   "not in its canonical encoding")]
    [InlineData("too long",      "at most")]
    public void What_is_no_canonical_file_is_refused_with_its_reason(string kind, string reason)
    {
        byte[] file = kind switch
        {
            "other magic" => Sealed("HPLIGHT\n"u8, 1, Compress([0x18, 0x07])),
            "format 2" => Sealed(Magic, 2, Compress([0x18, 0x07])),
            "not Brotli" => Sealed(Magic, 1, [1, 2, 3, 4, 5]),
            "a bomb" => Sealed(Magic, 1, Compress(new byte[Limits.ProofBytesMax + 1])),
            "a tail" => Sealed(Magic, 1, [.. Compress([0x18, 0x07]), 0]),
            "no message" => Sealed(Magic, 1, Compress([0xff, 0xff])),
            "unknown field" => Sealed(Magic, 1, Compress([0x18, 0x07, 0xf8, 0x07, 0x01])),
            "twice a field" => Sealed(Magic, 1, Compress([0x18, 0x06, 0x18, 0x07])),
            "long varint" => Sealed(Magic, 1, Compress([0x18, 0x87, 0x00])),
            _ => new byte[Limits.ProofFileBytesMax + 1],
        };

        Assert.False(Receipt.TryParse(file, out _, out string? fault));

        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_content_is_refused_or_verified_and_never_throws()
    {
        var dice = new Random(7);
        for (int run = 0; run < 2_000; run++)
        {
            byte[] content = new byte[dice.Next(200)];
            dice.NextBytes(content);
            if (Receipt.TryParse(Sealed(Magic, 1, Compress(content)), out Receipt? receipt, out _))
                Assert.False(ReceiptVerification.Verify(receipt, Hash32.Zero).Passed);
        }

        Assert.False(ReceiptVerification.Verify(Receipt.Of(new Wire.Receipt()), Hash32.Zero).Passed);
    }

    private static byte[] Sealed(ReadOnlySpan<byte> magic, byte format, ReadOnlySpan<byte> body) =>
        [.. magic, format, .. Hash32.Of(magic, [format], body).AsSpan(), .. body];

    private static byte[] Compress(ReadOnlySpan<byte> content)
    {
        byte[] compressed = new byte[BrotliEncoder.GetMaxCompressedLength(content.Length)];
        Assert.True(BrotliEncoder.TryCompress(content, compressed, out int bytes, quality: 4, window: 22));
        return compressed[..bytes];
    }
}

using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using Google.Protobuf;
using Node.Protocol;

namespace Node.Membership.Blocks;

/// <summary>The one form of all proof files: eight bytes that say what it is, a format, a checksum, a body.</summary>
/// <remarks>
/// <c>magic (8) ‖ 01 ‖ H(magic ‖ 01 ‖ body) ‖ body</c>, the body being a canonical protobuf message under Brotli.
/// docs/formats.md, "Proof files". The checksum finds accidents: whoever wants to deceive computes it anew, which is
/// why everything inside is checked by itself.
/// </remarks>
public static class ProofFile
{
    public const int MagicBytes = 8;

    private const byte Format = 1;
    private const int BodyOffset = MagicBytes + 1 + Hash32.Bytes;
    private const int Quality = 11;
    private const int Window = 24;

    public static byte[] Encode(ReadOnlySpan<byte> magic, IMessage message)
    {
        byte[] content = message.ToByteArray();
        byte[] file = new byte[BodyOffset + BrotliEncoder.GetMaxCompressedLength(content.Length)];
        bool compressed = BrotliEncoder.TryCompress(
            content, file.AsSpan(BodyOffset), out int bodyBytes, Quality, Window);
        Invariant.Require(compressed, "the longest possible result was asked for");

        magic.CopyTo(file);
        file[MagicBytes] = Format;
        Span<byte> whole = file.AsSpan(0, BodyOffset + bodyBytes);
        Hash32.Of(magic, [Format], whole[BodyOffset..]).CopyTo(whole[(MagicBytes + 1)..]);
        return whole.ToArray();
    }

    /// <param name="what">For faults: "receipt".</param>
    public static bool TryDecode<T>(
        ReadOnlySpan<byte> file,
        ReadOnlySpan<byte> magic,
        string what,
        MessageParser<T> parser,
        [NotNullWhen(true)] out T? message,
        [NotNullWhen(false)] out string? fault)
        where T : class, IMessage<T>
    {
        message = null;
        fault = FaultOfFrame(file, magic, what);
        if (fault is not null)
            return false;

        if (!TryDecompress(file[BodyOffset..], out byte[]? content))
        {
            fault = $"its content is not compressed as this format says, or is larger than " +
                $"{Limits.ProofBytesMax} bytes";
            return false;
        }

        try
        {
            message = parser.WithDiscardUnknownFields(true).ParseFrom(content);
        }
        catch (InvalidProtocolBufferException e)
        {
            fault = $"its content cannot be read: {e.Message}";
            return false;
        }

        // One content, one spelling: nothing can hide in the file that is not looked at.
        if (message.ToByteArray().AsSpan().SequenceEqual(content))
            return true;

        message = null;
        fault = "its content is not in its canonical encoding";
        return false;
    }

    private static string? FaultOfFrame(ReadOnlySpan<byte> file, ReadOnlySpan<byte> magic, string what)
    {
        if (file.Length > Limits.ProofFileBytesMax)
            return $"it has {file.Length} bytes, a {what} has at most {Limits.ProofFileBytesMax}";
        if (file.Length < MagicBytes || !file[..MagicBytes].SequenceEqual(magic))
            return $"it does not begin as a {what} does";
        if (file.Length <= BodyOffset)
            return $"it was cut off: it has {file.Length} bytes, and the content begins at byte {BodyOffset}";
        if (file[MagicBytes] != Format)
            return $"it has format {file[MagicBytes]}, this program reads {Format}: use a newer program";

        Hash32 found = Hash32.Of(magic, [Format], file[BodyOffset..]);
        return file.Slice(MagicBytes + 1, Hash32.Bytes).SequenceEqual(found.AsSpan())
            ? null
            : "its checksum is wrong: the file was damaged, changed or cut off";
    }

    private static bool TryDecompress(ReadOnlySpan<byte> body, [NotNullWhen(true)] out byte[]? content)
    {
        content = null;
        using var decoder = new BrotliDecoder();
        byte[] buffer = new byte[Math.Clamp(body.Length * 4, 1 << 14, Limits.ProofBytesMax)];
        int written = 0;
        while (true)
        {
            System.Buffers.OperationStatus status =
                decoder.Decompress(body, buffer.AsSpan(written), out int consumed, out int produced);
            body = body[consumed..];
            written += produced;
            if (status == System.Buffers.OperationStatus.Done)
            {
                content = buffer[..written];
                return body.IsEmpty;
            }

            if (status != System.Buffers.OperationStatus.DestinationTooSmall || buffer.Length == Limits.ProofBytesMax)
                return false;

            Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, Limits.ProofBytesMax));
        }
    }
}

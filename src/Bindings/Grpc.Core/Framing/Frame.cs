using System.Buffers;
using System.Buffers.Binary;

namespace Grpc.Core.Framing;

/// <summary>What the front of a buffer holds.</summary>
internal enum FrameState
{
    /// <summary>Not yet a whole frame.</summary>
    Partial,

    /// <summary>At least one frame.</summary>
    Whole,

    /// <summary>A frame that announces more than the limit.</summary>
    TooLarge,

    /// <summary>No frame: its first byte is neither 0 nor 1.</summary>
    Malformed,
}

/// <summary>The envelope of each message: <c>compressed u8 | length u32 big-endian | length bytes</c>.</summary>
internal static class Frame
{
    public const int HeaderBytes = 5;

    /// <summary>Takes the frame at the front of <paramref name="buffer"/>, which then starts behind it.</summary>
    /// <param name="bytesMax">Largest length accepted, before decompression.</param>
    /// <param name="length">
    /// The announced length, known for <c>Whole</c>, <c>TooLarge</c> and, with its header there, <c>Partial</c>.
    /// </param>
    public static FrameState TryTake(
        ref ReadOnlySequence<byte> buffer,
        int bytesMax,
        out bool compressed,
        out ReadOnlySequence<byte> payload,
        out long length)
    {
        compressed = false;
        payload = default;
        length = 0;
        if (buffer.Length < HeaderBytes)
            return FrameState.Partial;

        ReadOnlySpan<byte> header = buffer.FirstSpan;
        if (header.Length < HeaderBytes)
        {
            Span<byte> copy = stackalloc byte[HeaderBytes];
            buffer.Slice(0, HeaderBytes).CopyTo(copy);
            return TryTake(ref buffer, copy, bytesMax, out compressed, out payload, out length);
        }

        return TryTake(ref buffer, header, bytesMax, out compressed, out payload, out length);
    }

    public static void WriteHeader(Span<byte> header, int length)
    {
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], length);
    }

    private static FrameState TryTake(
        ref ReadOnlySequence<byte> buffer,
        ReadOnlySpan<byte> header,
        int bytesMax,
        out bool compressed,
        out ReadOnlySequence<byte> payload,
        out long length)
    {
        payload = default;
        compressed = header[0] == 1;
        length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (header[0] > 1)
            return FrameState.Malformed;
        if (length > bytesMax)
            return FrameState.TooLarge;
        if (buffer.Length < HeaderBytes + length)
            return FrameState.Partial;

        payload = buffer.Slice(HeaderBytes, length);
        buffer = buffer.Slice(HeaderBytes + length);
        return FrameState.Whole;
    }
}

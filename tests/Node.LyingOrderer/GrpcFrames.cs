using System.Buffers.Binary;

namespace Node.LyingOrderer;

/// <summary>Messages as gRPC frames them: a byte for compression, which is never used here, and the length.</summary>
internal static class GrpcFrames
{
    private const int HeadBytes = 5;

    /// <summary>The next message; null when the stream ended between two of them.</summary>
    /// <exception cref="EndOfStreamException">It ended inside one.</exception>
    public static async Task<byte[]?> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        byte[] head = new byte[HeadBytes];
        int read = await body.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
            return null;
        if (read < HeadBytes)
            throw new EndOfStreamException();

        byte[] message = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
        await body.ReadExactlyAsync(message, cancellationToken);
        return message;
    }

    public static byte[] Of(byte[] message)
    {
        byte[] frame = new byte[HeadBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, HeadBytes);
        return frame;
    }
}

using System.Buffers;
using Grpc.Core;

namespace Node.Peer.Pulling;

/// <summary>One message as it came, in a rented buffer: blocks are large, and many of them a second.</summary>
/// <remarks>
/// Whoever disposes it says that nobody looks at <see cref="Bytes"/> any more. Not disposing is safe: the buffer is
/// then
/// collected instead of used again.
/// </remarks>
internal sealed class RentedMessage : IDisposable
{
    private static readonly BlockBuffers s_buffers = new();   // One per process: channels share it.

    private readonly int _length;
    private byte[]? _buffer;

    private RentedMessage(byte[] buffer, int length)
    {
        _buffer = buffer;
        _length = length;
    }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    public static Marshaller<RentedMessage> Marshaller { get; } = Marshallers.Create<RentedMessage>(
        static (message, context) => context.Complete(message.Bytes.ToArray()), Read);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            s_buffers.Return(buffer);
    }

    private static RentedMessage Read(DeserializationContext context)
    {
        byte[] buffer = s_buffers.Rent(context.PayloadLength);
        context.PayloadAsReadOnlySequence().CopyTo(buffer);
        return new RentedMessage(buffer, context.PayloadLength);
    }
}

using System.Buffers;

namespace Grpc.Core.Framing;

/// <summary>One frame in a rented array, for a stream that wants it in one piece.</summary>
internal sealed class PooledFrame : IBufferWriter<byte>, IDisposable
{
    private const int BytesAtFirst = 1024;

    private byte[] _bytes = [];
    private int _length;

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    /// <inheritdoc cref="FrameSerializationContext.Write"/>
    public static PooledFrame Of<T>(Action<T, SerializationContext> serialize, T message, int bytesMax)
    {
        var frame = new PooledFrame();
        FrameSerializationContext.Write(frame, serialize, message, bytesMax);
        return frame;
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>
    /// Gives the array back. Only when nobody reads it any longer. The frame can then be written anew.
    /// </summary>
    public void Dispose()
    {
        byte[] bytes = _bytes;
        _bytes = [];
        _length = 0;
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Reserve(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (_bytes.Length - _length >= needed)
            return;

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(_length + needed, _length * 2), BytesAtFirst));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);

        _bytes = larger;
    }
}

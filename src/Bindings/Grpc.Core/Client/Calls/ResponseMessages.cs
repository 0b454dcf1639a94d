using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Core.Framing;

namespace Grpc.Net.Client.Calls;

/// <summary>Takes the messages out of a response body. One reader at a time.</summary>
internal sealed class ResponseMessages(Stream body, string? encoding, int bytesMax) : IDisposable
{
    private const int BytesAtFirst = 4096;

    // Up to here a buffer of the announced length is rented at once; beyond, it grows with what really arrives.
    private const int BytesTrusted = 1024 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BytesAtFirst);
    private int _start;   // Invariant: _start <= _end; between them lie the bytes not yet taken.
    private int _end;

    /// <returns>The next message, or null at the end of the body.</returns>
    /// <exception cref="RpcException">What comes is no message, or too large a one.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T?> ReadAsync<T>(
        Func<DeserializationContext, T> deserialize, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            if (TryTake(deserialize, out T? message, out int bytesNeeded))
                return message;

            Reserve(bytesNeeded);
            int read = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
                return _start == _end ? null : throw new RpcException(FrameFaults.Truncated);

            _end += read;
        }
    }

    /// <summary>Reads to the end of the body, where the trailers are.</summary>
    /// <exception cref="RpcException">Something comes before the end.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReadEndAsync(CancellationToken cancellationToken)
    {
        if (_start != _end || await body.ReadAsync(_buffer, cancellationToken) != 0)
            throw new RpcException(FrameFaults.Surplus);
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private bool TryTake<T>(Func<DeserializationContext, T> deserialize, out T? message, out int bytesNeeded)
        where T : class
    {
        message = null;
        bytesNeeded = Frame.HeaderBytes;
        ReadOnlySpan<byte> available = _buffer.AsSpan(_start, _end - _start);
        if (available.Length < Frame.HeaderBytes)
            return false;

        uint length = BinaryPrimitives.ReadUInt32BigEndian(available[1..]);
        if (available[0] > 1)
            throw new RpcException(FrameFaults.Malformed);
        if (length > bytesMax || length > Array.MaxLength - Frame.HeaderBytes)
            throw new RpcException(FrameFaults.TooLargeToRead(length, bytesMax));

        bytesNeeded = Frame.HeaderBytes + (int)length;
        if (available.Length < bytesNeeded)
            return false;

        var payload = new ReadOnlySequence<byte>(_buffer, _start + Frame.HeaderBytes, (int)length);
        bool compressed = available[0] == 1;
        _start += bytesNeeded;
        return MessageReading.TryRead(
            deserialize, payload, compressed, encoding, bytesMax, out message, out Status fault)
            ? true
            : throw new RpcException(fault);
    }

    private void Reserve(int bytesNeeded)
    {
        int held = _end - _start;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
            (_start, _end) = (0, held);
        }

        int size = Math.Min(bytesNeeded, Math.Max(BytesTrusted, held * 2));
        if (_buffer.Length >= size && held < _buffer.Length)
            return;

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, held + 1));
        _buffer.AsSpan(0, held).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

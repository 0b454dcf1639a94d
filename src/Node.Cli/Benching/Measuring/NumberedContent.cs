using System.Buffers.Binary;

namespace Node.Cli.Benching.Measuring;

/// <summary>
/// Content that many transactions share but for its first eight bytes, which carry a number: no two are equal, so that
/// a store cannot take one for another, and none needs memory of its own.
/// </summary>
internal sealed class NumberedContent : Stream
{
    private const int NumberBytes = sizeof(long);

    private readonly ReadOnlyMemory<byte> _shared;
    private readonly byte[] _number = new byte[NumberBytes];
    private int _position;

    /// <param name="shared">At least eight bytes.</param>
    public NumberedContent(ReadOnlyMemory<byte> shared, long number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shared.Length, NumberBytes);
        _shared = shared;
        BinaryPrimitives.WriteInt64BigEndian(_number, number);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _shared.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("It is read once, from the beginning.");
    }

    /// <summary>Bytes that compress badly and are the same every time.</summary>
    public static byte[] MakeShared(int length)
    {
        byte[] bytes = new byte[Math.Max(length, NumberBytes)];
        ulong state = 0x9E3779B97F4A7C15;
        for (int i = 0; i < bytes.Length; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes[i] = (byte)(state >> 56);
        }

        return bytes;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        ReadOnlySpan<byte> source = _position < NumberBytes ? _number : _shared.Span;
        int count = Math.Min(buffer.Length, source.Length - _position);
        source.Slice(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

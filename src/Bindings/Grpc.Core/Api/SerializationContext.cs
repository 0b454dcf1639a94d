using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a serializer puts one message. Valid only during the call it was passed to.</summary>
/// <remarks>
/// Either <see cref="Complete(byte[])"/> with the whole message, or optionally <see cref="SetPayloadLength"/>, then the
/// bytes into <see cref="GetBufferWriter"/>, then <see cref="Complete()"/>.
/// </remarks>
public abstract class SerializationContext
{
    public virtual void Complete(byte[] payload) => throw new NotSupportedException();

    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotSupportedException();

    /// <summary>Announces the exact length in bytes, which spares a copy.</summary>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    public virtual void Complete() => throw new NotSupportedException();
}

/// <summary>Where a deserializer finds one message. Valid only during the call it was passed to.</summary>
public abstract class DeserializationContext
{
    /// <summary>Length of the message in bytes.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>A copy the caller owns.</summary>
    public virtual byte[] PayloadAsNewBuffer() => throw new NotSupportedException();

    /// <summary>The bytes in place; they are reused when the deserializer returns.</summary>
    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() => throw new NotSupportedException();
}

/// <summary>Serializes into one array, for callers of the byte array functions of a marshaller.</summary>
internal sealed class ArraySerializationContext : SerializationContext
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private byte[]? _whole;
    private bool _completed;

    public override void Complete(byte[] payload)
    {
        _whole = payload;
        _completed = true;
    }

    public override IBufferWriter<byte> GetBufferWriter() => _buffer;

    public override void Complete() => _completed = true;

    public byte[] ToArray() =>
        _completed
            ? _whole ?? _buffer.WrittenSpan.ToArray()
            : throw new InvalidOperationException("The serializer returned without completing its context.");
}

internal sealed class ArrayDeserializationContext(byte[] payload) : DeserializationContext
{
    public override int PayloadLength => payload.Length;

    public override byte[] PayloadAsNewBuffer() => payload;

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(payload);
}

using System.Buffers;
using Grpc.Core;
using Node.Protocol.Decoding;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Orderer.Delivering;

/// <summary>One message of a Deliver call: a block, as one or two slices of its stored bytes, or a status.</summary>
/// <remarks>
/// Encodes as orderer.DeliverResponse. Blocks are not decoded and encoded again: followers cost one copy each.
/// </remarks>
internal sealed class DeliverFrame
{
    private const int StatusField = 1;
    private const int BlockField = 2;

    private readonly Status? _status;
    private readonly ReadOnlyMemory<byte> _head;
    private readonly ReadOnlyMemory<byte> _tail;

    private DeliverFrame(Status? status, ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail)
    {
        _status = status;
        _head = head;
        _tail = tail;
    }

    public static DeliverFrame Of(Status status) => new(status, default, default);

    /// <param name="head">The beginning of a serialized block.</param>
    /// <param name="tail">The rest, where something between them is left out.</param>
    public static DeliverFrame OfBlock(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail) =>
        new(status: null, head, tail);

    public void Serialize(SerializationContext context)
    {
        int blockBytes = _head.Length + _tail.Length;
        int bytes = _status is { } code
            ? WireSizes.OfNumber(StatusField, (ulong)code)
            : WireSizes.OfBytes(BlockField, blockBytes);
        context.SetPayloadLength(bytes);
        IBufferWriter<byte> output = context.GetBufferWriter();

        Span<byte> prefix = stackalloc byte[2 * WireSizes.VarintMax];
        var writer = new WireWriter(prefix);
        if (_status is { } status)
            writer.Number(StatusField, (ulong)status);
        else
            writer.LengthPrefix(BlockField, blockBytes);

        output.Write(prefix[..writer.Written]);
        output.Write(_head.Span);
        output.Write(_tail.Span);
        context.Complete();
    }
}

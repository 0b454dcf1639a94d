using System.Buffers;
using Grpc.Core;
using Node.Orderer.Ordering;
using Node.Protocol.Decoding;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Orderer.Delivering;

/// <summary>One message of a Deliver call: the bytes of a block as they are stored, or a status.</summary>
/// <remarks>
/// Encodes as orderer.DeliverResponse. Blocks are not decoded and encoded again: followers cost one copy each.
/// </remarks>
internal sealed class DeliverFrame
{
    private const int StatusField = 1;
    private const int BlockField = 2;

    private readonly Status? _status;
    private readonly BlockImage _block;

    private DeliverFrame(Status? status, BlockImage block)
    {
        _status = status;
        _block = block;
    }

    public static DeliverFrame Of(Status status) => new(status, block: default);

    public static DeliverFrame Of(BlockImage block) => new(status: null, block);

    public void Serialize(SerializationContext context)
    {
        int bytes = _status is { } code
            ? WireSizes.OfNumber(StatusField, (ulong)code)
            : WireSizes.OfBytes(BlockField, _block.Length);
        context.SetPayloadLength(bytes);
        IBufferWriter<byte> output = context.GetBufferWriter();

        Span<byte> prefix = stackalloc byte[2 * WireSizes.VarintMax];
        var writer = new WireWriter(prefix);
        if (_status is { } status)
            writer.Number(StatusField, (ulong)status);
        else
            writer.LengthPrefix(BlockField, _block.Length);

        output.Write(prefix[..writer.Written]);
        output.Write(_block.Head.Span);
        output.Write(_block.Data.Span);
        output.Write(_block.Tail.Span);
        context.Complete();
    }
}

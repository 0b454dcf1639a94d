using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;

namespace Node.Protocol.Seeking;

/// <summary>
/// One orderer.DeliverResponse, taken apart without decoding the block in it: its bytes go to the ledger as they
/// came.
/// </summary>
/// <param name="Block">Empty when this is a status.</param>
public readonly record struct DeliverAnswer(Status Status, ReadOnlyMemory<byte> Block)
{
    private const int StatusField = 1;
    private const int BlockField = 2;

    public bool IsBlock => !Block.IsEmpty;

    /// <summary>False for bytes that are neither a block nor a status.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> message, out DeliverAnswer answer)
    {
        answer = default;
        var reader = new WireReader(message.Span);
        while (reader.Next())
        {
            // A oneof: the last member on the wire counts.
            if (reader.Field == StatusField && reader.TryInt32(out int status))
                answer = new DeliverAnswer((Status)status, default);
            else if (reader.Field == BlockField && reader.TryBytes(out Slice block))
                answer = new DeliverAnswer(Status.Unknown, block.Of(message));
        }

        return !reader.Failed && (answer.IsBlock || answer.Status != Status.Unknown);
    }
}

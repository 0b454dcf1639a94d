using System.Diagnostics.CodeAnalysis;
using Node.Protocol.Decoding;

namespace Node.Protocol.Canonical;

/// <summary>
/// The part of a ChaincodeProposalPayload that is hashed and put into a transaction: its input alone.
/// </summary>
public static class ProposalPayloadBytes
{
    private const int Input = 1;
    private const int TransientMap = 2;

    /// <summary>Drops the transient map and everything unknown.</summary>
    /// <param name="payload">An encoded ChaincodeProposalPayload from outside.</param>
    /// <param name="stripped">The same memory when there is nothing to drop; empty for an empty input.</param>
    public static bool TryStrip(
        ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> stripped, [NotNullWhen(false)] out string? fault)
    {
        stripped = default;
        Slice input = default;
        var reader = new WireReader(payload.Span);
        while (reader.Next())
        {
            if (reader.Field == Input)
                reader.TryBytes(out input);
            else if (reader.Field == TransientMap)
                reader.TryBytes(out _);
        }

        if (reader.Failed)
        {
            fault = "the chaincode proposal payload is no protobuf message";
            return false;
        }

        fault = null;
        if (input.IsEmpty)
            return true;

        // An input that ends where the shortest encoding of it would end, and nothing behind: already stripped.
        int bytes = WireSizes.OfBytes(Input, input.Length);
        bool alreadyStripped = input.End == bytes && payload.Length == bytes;
        stripped = alreadyStripped ? payload : Encode(input.Of(payload.Span), bytes);
        return true;
    }

    private static byte[] Encode(ReadOnlySpan<byte> input, int bytes)
    {
        byte[] encoded = new byte[bytes];
        var writer = new WireWriter(encoded);
        writer.Bytes(Input, input);
        return encoded;
    }
}

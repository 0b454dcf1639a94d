using System.Diagnostics.CodeAnalysis;
using Node.Protocol.Decoding;

namespace Node.Protocol.Canonical;

/// <summary>
/// The one encoding of an envelope that may lie in a block: payload, signature, both there, shortest lengths, nothing
/// else.
/// </summary>
/// <remarks>
/// Without it, the same data hash could cover two different splits into transactions. A block that holds one config
/// transaction is exempt, as block 0 is unsigned. Source: Fabric 3.x, block verification.
/// </remarks>
public static class CanonicalEnvelope
{
    private const int Payload = 1;
    private const int Signature = 2;

    public static byte[] Encode(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> signature)
    {
        byte[] encoded = new byte[SizeOf(payload.Length) + SizeOf(signature.Length)];
        var writer = new WireWriter(encoded);
        if (payload.Length > 0)
            writer.Bytes(Payload, payload);
        if (signature.Length > 0)
            writer.Bytes(Signature, signature);

        return encoded;

        static int SizeOf(int length) => length == 0 ? 0 : WireSizes.OfBytes(Payload, length);
    }

    public static bool IsCanonical(ReadOnlySpan<byte> envelope, [NotNullWhen(false)] out string? fault)
    {
        Slice payload = default;
        Slice signature = default;
        var reader = new WireReader(envelope);
        while (reader.Next())
        {
            if (reader.Field == Payload)
                reader.TryBytes(out payload);
            else if (reader.Field == Signature)
                reader.TryBytes(out signature);
        }

        fault = FaultOf(envelope, reader.Failed, payload, signature);
        return fault is null;
    }

    private static string? FaultOf(ReadOnlySpan<byte> envelope, bool malformed, Slice payload, Slice signature)
    {
        if (malformed)
            return "the envelope is no protobuf message";
        if (payload.IsEmpty)
            return "the envelope has no payload";
        if (signature.IsEmpty)
            return "the envelope has no signature";

        // Both fields in their shortest form take this many bytes. Exactly so many, the signature last: then nothing
        // else is there, nothing is longer than needed, and the payload comes first.
        int shortest = WireSizes.OfBytes(Payload, payload.Length) + WireSizes.OfBytes(Signature, signature.Length);
        bool canonical = envelope.Length == shortest && signature.End == shortest;
        return canonical ? null : "the envelope is not in its canonical encoding";
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Protocol.Decoding;

namespace Node.Protocol.Canonical;

/// <summary>
/// The bytes that name a creator or endorser: an encoded msp.SerializedIdentity. Hashed and compared as they came.
/// </summary>
public static class SerializedIdentityBytes
{
    private const int MspIdField = 1;
    private const int IdBytesField = 2;

    /// <param name="certificatePem">The PEM text as the identity's owner holds it, line ends included.</param>
    public static byte[] Encode(MspId mspId, ReadOnlySpan<byte> certificatePem)
    {
        Span<byte> name = stackalloc byte[Limits.MspIdBytesMax];
        name = name[..Encoding.UTF8.GetBytes(mspId.Value, name)];
        byte[] encoded = new byte[
            WireSizes.OfBytes(MspIdField, name.Length) + WireSizes.OfBytes(IdBytesField, certificatePem.Length)];
        var writer = new WireWriter(encoded);
        writer.Bytes(MspIdField, name);
        writer.Bytes(IdBytesField, certificatePem);
        return encoded;
    }

    /// <summary>Splits identity bytes from outside. Checks the form, not the certificate.</summary>
    public static bool TryDecode(
        ReadOnlyMemory<byte> serialized,
        out MspId mspId,
        out ReadOnlyMemory<byte> certificatePem,
        [NotNullWhen(false)] out string? fault)
    {
        mspId = default;
        certificatePem = default;
        Slice name = default;
        Slice pem = default;
        var reader = new WireReader(serialized.Span);
        while (reader.Next())
        {
            if (reader.Field == MspIdField)
                reader.TryText(out name);
            else if (reader.Field == IdBytesField)
                reader.TryBytes(out pem);
        }

        if (reader.Failed || serialized.Length > Limits.IdentityBytesMax)
        {
            fault = $"{serialized.Length} bytes are no serialized identity of at most {Limits.IdentityBytesMax} bytes";
            return false;
        }

        certificatePem = pem.Of(serialized);
        return MspId.TryParse(name.Of(serialized.Span), out mspId, out fault);
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Node.Membership.Certificates;

/// <summary>PEM (RFC 7468) in and out.</summary>
internal static class Pem
{
    public const string CertificateLabel = "CERTIFICATE";
    public const string RevocationListLabel = "X509 CRL";
    public const string RequestLabel = "CERTIFICATE REQUEST";
    public const string NewRequestLabel = "NEW CERTIFICATE REQUEST";
    public const string PrivateKeyLabel = "PRIVATE KEY";

    /// <summary>
    /// Decodes the first PEM block, if its label is the one asked for. Text around it is passed over.
    /// </summary>
    /// <param name="bytesMax">Largest content accepted, in bytes of DER.</param>
    public static bool TryDecode(
        ReadOnlySpan<byte> text, string label, int bytesMax, out byte[] der, out string fault)
    {
        der = [];
        fault = "";
        if (!PemEncoding.TryFindUtf8(text, out PemFields fields))
        {
            fault = "no PEM block";
            return false;
        }

        if (!LabelIs(text[fields.Label], label))
        {
            fault = $"the PEM block is not a {label}";
            return false;
        }

        if (fields.DecodedDataLength > bytesMax)
        {
            fault = $"the {label} has {fields.DecodedDataLength} bytes, at most {bytesMax} are read";
            return false;
        }

        byte[] decoded = new byte[fields.DecodedDataLength];
        OperationStatus status = Base64.DecodeFromUtf8(text[fields.Base64Data], decoded, out _, out int written);
        if (status != OperationStatus.Done || written != decoded.Length)
        {
            fault = "the PEM block is not base64";
            return false;
        }

        der = decoded;
        return true;
    }

    public static string Encode(string label, ReadOnlySpan<byte> der) => PemEncoding.WriteString(label, der) + "\n";

    private static bool LabelIs(ReadOnlySpan<byte> utf8, string label) =>
        utf8.Length == label.Length && Ascii.Equals(utf8, label);
}

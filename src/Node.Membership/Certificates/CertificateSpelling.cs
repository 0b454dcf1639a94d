using System.Formats.Asn1;
using Node.Membership.Keys;

namespace Node.Membership.Certificates;

/// <summary>Makes certificates comparable: an issuer's ECDSA signature can be spelled with high or low s.</summary>
internal static class CertificateSpelling
{
    /// <param name="issuerCurve">The curve of the issuer's key; null when it is no ECDSA key.</param>
    /// <returns>The certificate's own bytes where the signature is low already.</returns>
    public static ReadOnlyMemory<byte> WithLowS(Certificate certificate, EcCurve? issuerCurve)
    {
        if (issuerCurve is null
            || EcdsaSignature.ToLowS(certificate.Signature.Span, issuerCurve) is not { } lowS
            || lowS.AsSpan().SequenceEqual(certificate.Signature.Span))
            return certificate.Der;

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(certificate.ToBeSigned.Span);
            writer.WriteEncodedValue(certificate.SchemeEncoded.Span);
            writer.WriteBitString(lowS);
        }

        return writer.Encode();
    }
}

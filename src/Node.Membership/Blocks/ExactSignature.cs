using System.Formats.Asn1;

namespace Node.Membership.Blocks;

/// <summary>Verifies signatures that have one spelling only.</summary>
/// <remarks>
/// Nodes pass over bytes behind the numbers of an ECDSA signature, as Fabric's do. In a proof file they would be a
/// place that may be changed unnoticed.
/// </remarks>
public static class ExactSignature
{
    private const int Ed25519Bytes = 64;

    public static bool Verify(Identity identity, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        IsExact(signature) && identity.Verify(message, signature);

    private static bool IsExact(ReadOnlySpan<byte> signature)
    {
        if (signature.Length == Ed25519Bytes)
            return true;

        try
        {
            var outer = new AsnReader(signature.ToArray(), AsnEncodingRules.DER);
            AsnReader numbers = outer.ReadSequence();
            numbers.ReadIntegerBytes();
            numbers.ReadIntegerBytes();
            return !outer.HasData && !numbers.HasData;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}

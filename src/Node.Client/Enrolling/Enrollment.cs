using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Membership.Issuing;
using Node.Protocol;

namespace Node.Client.Enrolling;

/// <summary>A certificate with its private key: the outcome of an enrolment, and what signs further requests.</summary>
/// <remarks>Any thread may sign; its owner disposes it after the last signature.</remarks>
public sealed class Enrollment : IDisposable
{
    private readonly EnrollmentKey _key;

    private Enrollment(PresentedCertificate certificate, string certificatePem, EnrollmentKey key, string chainPem)
    {
        Certificate = certificate;
        CertificatePem = certificatePem;
        ChainPem = chainPem;
        _key = key;
    }

    public string Id => Certificate.CommonName;

    public PresentedCertificate Certificate { get; }

    public string CertificatePem { get; }

    /// <summary>The issuing authority's chain; empty where it is not known.</summary>
    public string ChainPem { get; }

    /// <summary>False for Ed25519: such a certificate cannot speak to the authority.</summary>
    public bool CanSignTokens => _key.CanSignTokens;

    /// <summary>The key once more, for another certificate. The caller disposes of it.</summary>
    public EnrollmentKey CopyKey() =>
        EnrollmentKey.TryFromPem(_key.ToPem(), out EnrollmentKey? copy, out string? fault)
            ? copy
            : throw new InvalidOperationException(fault);

    /// <summary>Takes over the key, unless the two do not belong together.</summary>
    public static bool TryCreate(
        string certificatePem,
        string keyPem,
        string chainPem,
        [NotNullWhen(true)] out Enrollment? enrollment,
        [NotNullWhen(false)] out string? fault)
    {
        enrollment = null;
        if (!EnrollmentKey.TryFromPem(keyPem, out EnrollmentKey? key, out fault))
            return false;
        if (TryCreate(certificatePem, key, chainPem, out enrollment, out fault))
            return true;

        key.Dispose();
        return false;
    }

    /// <summary>PKCS#8. Files of it must be readable by their owner alone.</summary>
    public string KeyToPem() => _key.ToPem();

    public byte[] Sign(ReadOnlySpan<byte> message) => _key.Sign(message);

    /// <summary>What a gateway needs to act as this identity, beside <see cref="Sign"/>.</summary>
    public ClientIdentity ToIdentity(MspId mspId) => ClientIdentity.FromPem(mspId, CertificatePem);

    public void Dispose() => _key.Dispose();

    internal static bool TryCreate(
        string certificatePem,
        EnrollmentKey key,
        string chainPem,
        [NotNullWhen(true)] out Enrollment? enrollment,
        [NotNullWhen(false)] out string? fault)
    {
        enrollment = null;
        if (!PresentedCertificate.TryReadPem(
            Encoding.UTF8.GetBytes(certificatePem), out PresentedCertificate? certificate, out fault))
            return false;
        if (!key.BelongsTo(certificate))
        {
            fault = $"the private key does not belong to the certificate of {certificate.CommonName}";
            return false;
        }

        enrollment = new Enrollment(certificate, certificatePem, key, chainPem);
        return true;
    }
}

using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;

namespace Node.Membership;

/// <summary>One root or intermediate certificate of an organisation, in its place below its issuer.</summary>
internal sealed class CertificateAuthority(Certificate certificate, VerificationKey key, bool isRoot)
{
    public Certificate Certificate { get; } = certificate;

    public VerificationKey Key { get; } = key;

    public bool IsRoot { get; } = isRoot;

    /// <summary>Null for a root.</summary>
    public CertificateAuthority? Issuer { get; private set; }

    /// <summary>True when an intermediate stands below it. Then it may not issue identities itself.</summary>
    public bool HasIntermediates { get; private set; }

    /// <summary>SHA-256 over the DER of this authority, its issuer, and so on to the root.</summary>
    public Hash32 CertifierId { get; private set; }

    public void PlaceBelow(CertificateAuthority issuer)
    {
        Issuer = issuer;
        issuer.HasIntermediates = true;
    }

    /// <summary>Called once its issuers are placed.</summary>
    public void ComputeCertifierId()
    {
        using var chain = System.Security.Cryptography.IncrementalHash.CreateHash(
            System.Security.Cryptography.HashAlgorithmName.SHA256);
        for (CertificateAuthority? link = this; link is not null; link = link.Issuer)
        {
            CertificateAuthority signer = link.Issuer ?? link;
            chain.AppendData(CertificateSpelling.WithLowS(link.Certificate, signer.Key.Curve).Span);
        }

        CertifierId = Hash32.Finish(chain);
    }

    public bool HasIssued(Certificate other) =>
        other.Issuer.Span.SequenceEqual(Certificate.Subject.Span)
        && Key.VerifyIssued(other.Scheme, other.ToBeSigned.Span, other.Signature.Span);

    /// <summary>
    /// Why the chain from this authority to its root does not vouch for a certificate; null when it does.
    /// </summary>
    /// <param name="at">The moment the rules look at: one second after the certificate's own beginning.</param>
    public string? FaultOfChain(DateTimeOffset at)
    {
        int intermediatesBelow = 0;
        for (CertificateAuthority? link = this; link is not null; link = link.Issuer)
        {
            CertificateExtensions extensions = link.Certificate.Extensions;
            string name = link.Certificate.SubjectName.CommonName;
            if (!extensions.MaySignCertificates)
                return $"its issuer {name} may not sign certificates";
            if (extensions.PathLength is { } longest && intermediatesBelow > longest)
                return $"its issuer {name} allows {longest} intermediates below it, there are {intermediatesBelow}";
            if (!extensions.AllowsServerAuthentication)
                return $"its issuer {name} is restricted to purposes other than server authentication";
            if (at < link.Certificate.NotBefore || at > link.Certificate.NotAfter)
                return $"its issuer {name} was not valid when it was issued";

            intermediatesBelow++;
        }

        return null;
    }
}

using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Membership.Certificates;
using Node.Membership.Keys;

namespace Node.Membership;

/// <summary>
/// The certificate authorities of one organisation: roots, and intermediates each below exactly one issuer.
/// </summary>
internal sealed class AuthorityTree
{
    private static readonly TimeSpan s_afterBeginning = TimeSpan.FromSeconds(1);
    private readonly List<CertificateAuthority> _authorities = [];
    private readonly List<RevocationList> _revocationLists = [];

    private AuthorityTree()
    {
    }

    public static bool TryBuild(
        IReadOnlyCollection<ByteString> roots,
        IReadOnlyCollection<ByteString> intermediates,
        IReadOnlyCollection<ByteString> revocationLists,
        [NotNullWhen(true)] out AuthorityTree? tree,
        [NotNullWhen(false)] out string? fault)
    {
        tree = null;
        var built = new AuthorityTree();
        fault = built.Build(roots, intermediates, revocationLists);
        if (fault is not null)
            return false;

        tree = built;
        return true;
    }

    /// <summary>The one authority that issued a certificate, with the whole chain above it checked.</summary>
    public bool TryFindIssuer(
        Certificate certificate,
        [NotNullWhen(true)] out CertificateAuthority? issuer,
        [NotNullWhen(false)] out string? fault)
    {
        if (!TryFindOnlyIssuer(certificate, except: null, out issuer, out fault))
            return false;

        fault = FaultBelow(issuer, certificate);
        return fault is null;
    }

    /// <summary>Every certificate in it, roots first.</summary>
    public IEnumerable<Certificate> Certificates => _authorities.Select(authority => authority.Certificate);

    /// <summary>The authority whose certificate this is.</summary>
    public CertificateAuthority? Find(Certificate certificate)
    {
        foreach (CertificateAuthority authority in _authorities)
        {
            if (authority.Certificate.ToBeSigned.Span.SequenceEqual(certificate.ToBeSigned.Span))
                return authority;
        }

        return null;
    }

    public bool IsRevoked(Certificate certificate, CertificateAuthority issuer)
    {
        ReadOnlySpan<byte> issuerKeyId = issuer.Certificate.Extensions.SubjectKeyId.Span;
        foreach (RevocationList list in _revocationLists)
        {
            // A list with a wrong signature says nothing, as in Fabric; checking it is left until a serial number
            // matches.
            if (list.AuthorityKeyId.Span.SequenceEqual(issuerKeyId)
                && list.Contains(certificate.SerialNumber.Span)
                && issuer.Certificate.Extensions.MaySignLists
                && list.IsSignedBy(issuer.Key))
                return true;
        }

        return false;
    }

    private string? Build(
        IReadOnlyCollection<ByteString> roots,
        IReadOnlyCollection<ByteString> intermediates,
        IReadOnlyCollection<ByteString> revocationLists)
    {
        if (roots.Count == 0)
            return "it has no root certificate";
        if (roots.Count + intermediates.Count > MembershipLimits.AuthoritiesMax)
            return $"it has more than {MembershipLimits.AuthoritiesMax} root and intermediate certificates";

        return AddAll(roots, isRoot: true)
            ?? AddAll(intermediates, isRoot: false)
            ?? AddLists(revocationLists)
            ?? PlaceIntermediates()
            ?? CheckIntermediates();
    }

    private string? AddAll(IReadOnlyCollection<ByteString> pems, bool isRoot)
    {
        string kind = isRoot ? "root" : "intermediate";
        foreach (ByteString pem in pems)
        {
            if (!Certificate.TryReadPem(pem.Span, out Certificate? certificate, out string? fault))
                return $"a {kind} certificate cannot be read: {fault}";

            string name = certificate.SubjectName.CommonName;
            if (FaultOfAuthority(certificate) is { } unfit)
                return $"the {kind} certificate {name} {unfit}";
            if (Find(certificate) is not null)
                continue;
            if (!VerificationKey.TryImport(certificate.Key, out VerificationKey? key, out fault))
                return $"the {kind} certificate {name} cannot be used: {fault}";

            _authorities.Add(new CertificateAuthority(certificate, key, isRoot));
        }

        return null;
    }

    private static string? FaultOfAuthority(Certificate certificate)
    {
        CertificateExtensions extensions = certificate.Extensions;
        if (!extensions.IsAuthority)
            return "is not a certificate authority (basic constraints)";
        if (extensions.SubjectKeyId.IsEmpty)
            return "has no subject key identifier";
        if (extensions.HasNameConstraints)
            return "has name constraints, which are not supported";

        return extensions.HasUnknownCritical ? "has a critical extension that is not understood" : null;
    }

    private string? AddLists(IReadOnlyCollection<ByteString> revocationLists)
    {
        foreach (ByteString bytes in revocationLists)
        {
            if (!RevocationList.TryRead(bytes.Memory, out RevocationList? list, out string? fault))
                return $"a revocation list cannot be read: {fault}";

            _revocationLists.Add(list);
        }

        return null;
    }

    private string? PlaceIntermediates()
    {
        foreach (CertificateAuthority authority in _authorities)
        {
            if (authority.IsRoot)
                continue;
            Certificate certificate = authority.Certificate;
            if (!TryFindOnlyIssuer(certificate, authority, out CertificateAuthority? issuer, out string? fault))
                return $"the intermediate certificate {certificate.SubjectName.CommonName}: {fault}";

            authority.PlaceBelow(issuer);
        }

        return null;
    }

    private string? CheckIntermediates()
    {
        foreach (CertificateAuthority authority in _authorities)
        {
            string name = authority.Certificate.SubjectName.CommonName;
            int length = 1;
            for (CertificateAuthority? above = authority.Issuer; above is not null; above = above.Issuer)
            {
                if (++length > MembershipLimits.ChainLengthMax)
                    return $"the chain above {name} does not end within {MembershipLimits.ChainLengthMax} certificates";
            }

            authority.ComputeCertifierId();
            if (authority.Issuer is { } issuer)
            {
                // The rule that leaf authorities alone issue is for identities; intermediates stand below inner ones.
                if (FaultOfValidity(issuer, authority.Certificate) is { } fault)
                    return $"the intermediate certificate {name} is not valid: {fault}";
                if (IsRevoked(authority.Certificate, issuer))
                    return $"the intermediate certificate {name} is revoked";
            }
        }

        return null;
    }

    private bool TryFindOnlyIssuer(
        Certificate certificate,
        CertificateAuthority? except,
        [NotNullWhen(true)] out CertificateAuthority? issuer,
        [NotNullWhen(false)] out string? fault)
    {
        issuer = null;
        foreach (CertificateAuthority authority in _authorities)
        {
            if (authority == except || !authority.HasIssued(certificate))
                continue;
            if (issuer is not null)
            {
                issuer = null;
                fault = "it has more than one chain to a root";
                return false;
            }

            issuer = authority;
        }

        fault = issuer is null ? "none of the organisation's authorities issued it" : null;
        return issuer is not null;
    }

    private static string? FaultBelow(CertificateAuthority issuer, Certificate certificate)
    {
        string name = issuer.Certificate.SubjectName.CommonName;
        if (issuer.HasIntermediates)
            return $"its issuer {name} has intermediates, so it may not issue identities itself";

        return FaultOfValidity(issuer, certificate);
    }

    private static string? FaultOfValidity(CertificateAuthority issuer, Certificate certificate)
    {
        // Its own beginning is the only moment that every node agrees on, for ever. Expiry is judged elsewhere.
        if (certificate.NotBefore > DateTimeOffset.MaxValue - s_afterBeginning)
            return "it begins at the end of time";

        DateTimeOffset at = certificate.NotBefore + s_afterBeginning;
        if (at > certificate.NotAfter)
            return "it ends before it begins";
        if (certificate.Extensions.HasUnknownCritical)
            return "it has a critical extension that is not understood";
        if (!certificate.Extensions.AllowsServerAuthentication)
            return "its extended key usage excludes server authentication";

        return issuer.FaultOfChain(at);
    }
}

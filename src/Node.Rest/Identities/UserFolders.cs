using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Node.Membership.Material;
using Node.Membership.Topology;

namespace Node.Rest.Identities;

/// <summary>The users whose MSP folders lie in the network folder, and whose certificates they are.</summary>
/// <remarks>Any thread; looks for changes when asked for a certificate it does not know, at most once a second.
/// </remarks>
internal sealed class UserFolders(string networkFolder, NetworkTopology topology, TimeProvider clock)
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    private readonly MaterialLayout _layout = new(Path.Combine(networkFolder, "crypto-config"));
    private readonly Lock _reading = new();   // Protects the two fields below while one thread reads the folders.
    private FrozenDictionary<string, KnownCertificate> _certificates =
        FrozenDictionary<string, KnownCertificate>.Empty;
    private long _looked = long.MinValue;

    /// <summary>Enrolment or TLS certificate of a user, and the time in which it is good.</summary>
    private sealed record KnownCertificate(IdentityName Identity, DateTime NotBefore, DateTime NotAfter);

    /// <summary>Where the identity's certificate lies; renewal replaces the file.</summary>
    public string SignCertificatesOf(IdentityName identity)
    {
        string domain = topology.Organizations.First(one => one.MspId.Value == identity.MspId).Domain;
        return Path.Combine(_layout.PeerOrganization(domain).User(identity.User).Msp, "signcerts");
    }

    /// <summary>
    /// Whose certificate it is: the very one in a user's folder, vouched for by that organisation's authorities.
    /// </summary>
    public bool TryIdentify(X509Certificate2 certificate, out IdentityName? identity, out string? fault)
    {
        string fingerprint = FingerprintOf(certificate);
        if (!_certificates.TryGetValue(fingerprint, out KnownCertificate? known))
            Look().TryGetValue(fingerprint, out known);

        DateTime now = clock.GetUtcNow().UtcDateTime;
        identity = known?.Identity;
        fault = known is null
            ? "no user of this server has that certificate"
            : now < known.NotBefore || now > known.NotAfter
                ? FormattableString.Invariant($"it is good from {known.NotBefore:u} to {known.NotAfter:u}")
                : null;
        return fault is null;
    }

    private FrozenDictionary<string, KnownCertificate> Look()
    {
        lock (_reading)
        {
            long now = clock.GetTimestamp();
            if (_looked == long.MinValue || clock.GetElapsedTime(_looked, now) >= s_lookEvery)
            {
                _certificates = Read();
                _looked = now;
            }

            return _certificates;
        }
    }

    private FrozenDictionary<string, KnownCertificate> Read()
    {
        var known = new Dictionary<string, KnownCertificate>(StringComparer.Ordinal);
        foreach (OrganizationTopology organization in topology.Organizations)
        {
            OrganizationLayout layout = _layout.PeerOrganization(organization.Domain);
            string users = Path.Combine(layout.Root, "users");
            if (!Directory.Exists(users))
                continue;

            X509Certificate2Collection authorities = CertificatesIn(
                Path.Combine(layout.Msp, "cacerts"), Path.Combine(layout.Msp, "intermediatecerts"),
                Path.Combine(layout.Msp, "tlscacerts"), Path.Combine(layout.Msp, "tlsintermediatecerts"));
            foreach (string folder in Directory.EnumerateDirectories(users))
                AddUser(known, organization, folder, authorities);
        }

        return known.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void AddUser(
        Dictionary<string, KnownCertificate> known, OrganizationTopology organization, string folder,
        X509Certificate2Collection authorities)
    {
        string name = Path.GetFileName(folder);
        string suffix = "@" + organization.Domain;
        if (!name.EndsWith(suffix, StringComparison.Ordinal))
            return;

        var identity = new IdentityName(organization.MspId.Value, name[..^suffix.Length]);
        foreach (X509Certificate2 certificate in CertificatesIn(
            Path.Combine(folder, "msp", "signcerts"), Path.Combine(folder, "tls")))
        {
            if (IsVouchedFor(certificate, authorities))
                known[FingerprintOf(certificate)] = new KnownCertificate(
                    identity, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        }
    }

    // Whether it is still good is asked at every request; here only who signed it.
    private static bool IsVouchedFor(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);

        // A root is no client: it would vouch for itself.
        return !authorities.Contains(certificate) && chain.Build(certificate);
    }

    private static X509Certificate2Collection CertificatesIn(params ReadOnlySpan<string> folders)
    {
        var certificates = new X509Certificate2Collection();
        foreach (string folder in folders)
        {
            if (!Directory.Exists(folder))
                continue;

            foreach (string file in Directory.EnumerateFiles(folder))
            {
                if (Path.GetExtension(file) is ".pem" or ".crt" or ".cert")
                    TryAdd(certificates, file);
            }
        }

        return certificates;
    }

    private static void TryAdd(X509Certificate2Collection certificates, string file)
    {
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // A file that is no certificate vouches for nobody and names nobody.
        }
    }

    private static string FingerprintOf(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span));
}

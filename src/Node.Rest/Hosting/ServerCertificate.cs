using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Rest.Hosting;

/// <summary>A certificate for the REST server, issued by the organisation's TLS authority.</summary>
/// <remarks>
/// Clients that trust the organisation's TLS root trust it. A folder without the authority's key, as it should be on a
/// machine that only serves, takes a certificate from elsewhere.
/// </remarks>
public static class ServerCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly TimeSpan s_validity = TimeSpan.FromDays(397);
    private static readonly TimeSpan s_renewBefore = TimeSpan.FromDays(30);

    /// <summary>Issues one, or finds the one it issued before while that holds for another month.</summary>
    /// <param name="authorityFolder">tlsca of the organisation: a certificate and priv_sk.</param>
    /// <param name="names">Host names and addresses; the first one is the common name.</param>
    /// <exception cref="StorageFailedException">The authority's key is not there, or a file cannot be written.
    /// </exception>
    public static (string CertificateFile, string KeyFile) Ensure(
        string networkFolder, string authorityFolder, IReadOnlyList<string> names, TimeProvider clock)
    {
        string folder = Path.Combine(networkFolder, "rest", "tls");
        string certificateFile = Path.Combine(folder, "server.crt");
        string keyFile = Path.Combine(folder, "server.key");
        try
        {
            DateTimeOffset now = clock.GetUtcNow();
            if (!IsGood(certificateFile, keyFile, names, now))
            {
                Directory.CreateDirectory(folder);
                Issue(authorityFolder, names, now, certificateFile, keyFile);
            }

            return (certificateFile, keyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StorageFailedException("make a TLS certificate for the REST server", folder, e.Message, e);
        }
    }

    private static bool IsGood(string certificateFile, string keyFile, IReadOnlyList<string> names, DateTimeOffset now)
    {
        if (!File.Exists(certificateFile) || !File.Exists(keyFile))
            return false;

        using var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        return certificate.NotAfter.ToUniversalTime() > (now + s_renewBefore).UtcDateTime
            && names.All(name => certificate.MatchesHostname(name));
    }

    private static void Issue(
        string authorityFolder, IReadOnlyList<string> names, DateTimeOffset now, string certificateFile, string keyFile)
    {
        string authorityKey = Path.Combine(authorityFolder, "priv_sk");
        string authorityFile = Directory.Exists(authorityFolder)
            ? Directory.EnumerateFiles(authorityFolder, "*.pem").FirstOrDefault() ?? ""
            : "";
        if (authorityFile.Length == 0 || !File.Exists(authorityKey))
            throw new IOException(
                $"{authorityFolder} does not hold the TLS authority's certificate and key. Give a certificate with "
                + "--tls-cert and --tls-key.");

        using X509Certificate2 authority = X509Certificate2.CreateFromPemFile(authorityFile, authorityKey);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(AlternativeNames(names));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));

        // Clocks differ: a client a few minutes behind should not find a certificate of the future.
        DateTimeOffset until = Earlier(now + s_validity, authority.NotAfter.ToUniversalTime());
        using X509Certificate2 issued = request.Create(
            authority, now - TimeSpan.FromMinutes(5), until, RandomNumberGenerator.GetBytes(16));
        OwnedFile.Write(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n", isPrivate: true);
        OwnedFile.Write(certificateFile, issued.ExportCertificatePem() + "\n", isPrivate: false);
    }

    private static X509Extension AlternativeNames(IReadOnlyList<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
                builder.AddIpAddress(address);
            else
                builder.AddDnsName(name);
        }

        return builder.Build();
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTime other) => one.UtcDateTime < other ? one : other;
}

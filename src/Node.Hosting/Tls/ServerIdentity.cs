using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Node.Hosting.Renewing;

namespace Node.Hosting.Tls;

/// <summary>The TLS certificate and key of one node, as its two files hold them now.</summary>
/// <remarks>
/// New connections in both directions present <see cref="Current"/>; those that are open keep what they began with.
/// </remarks>
public sealed class ServerIdentity : IRenewedCertificate
{
    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly RenewedFiles<TlsCertificate> _files;

    private ServerIdentity(string certificateFile, string keyFile)
    {
        _certificateFile = certificateFile;
        _keyFile = keyFile;
        _files = new RenewedFiles<TlsCertificate>(() => [certificateFile, keyFile], Make);
    }

    public TlsCertificate Current => _files.Current;

    public string? Fault => _files.Fault;

    public string Place => _certificateFile;

    public CertificateFacts Facts
    {
        get
        {
            TlsCertificate current = Current;
            return new CertificateFacts(
                CertificateUse.Tls, IsOwn: true, current.Own.GetNameInfo(X509NameType.SimpleName, forIssuer: false),
                current.SerialNumber, current.NotBefore, current.NotAfter);
        }
    }

    /// <param name="certificateFile">PEM; certificates of issuers may follow the node's own.</param>
    /// <param name="keyFile">PEM, not encrypted.</param>
    /// <exception cref="ArgumentException">
    /// A file holds no certificate or key, or they do not belong together.
    /// </exception>
    public static ServerIdentity Load(string certificateFile, string keyFile)
    {
        var identity = new ServerIdentity(certificateFile, keyFile);

        // An expired or not yet valid one is used at first: whoever connects says so, and a clock may be wrong.
        return identity._files.TryOpen(DateTimeOffset.MaxValue, out string? fault)
            ? identity
            : throw new ArgumentException(fault, nameof(certificateFile));
    }

    public bool Refresh(DateTimeOffset now) => _files.Refresh(now);

    private TlsCertificate? Make(DateTimeOffset now, out string? fault)
    {
        try
        {
            X509Certificate2 own = X509Certificate2.CreateFromPemFile(_certificateFile, _keyFile);
            fault = now == DateTimeOffset.MaxValue ? null : FaultOf(own, now);
            if (fault is not null)
                return null;

            var issuers = new X509Certificate2Collection();
            issuers.ImportFromPemFile(_certificateFile);
            issuers.RemoveAt(0);
            return new TlsCertificate(own, issuers);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException or IOException
            or UnauthorizedAccessException)
        {
            fault = $"TLS files {_certificateFile}, {_keyFile}: {failure.Message}";
            return null;
        }
    }

    private string? FaultOf(X509Certificate2 next, DateTimeOffset now)
    {
        DateTime beginning = next.NotBefore.ToUniversalTime();
        DateTime end = next.NotAfter.ToUniversalTime();
        if (beginning > now.UtcDateTime)
            return $"the certificate in {_certificateFile} begins at {beginning:u} only";

        return end < now.UtcDateTime ? $"the certificate in {_certificateFile} expired at {end:u}: renew it" : null;
    }
}

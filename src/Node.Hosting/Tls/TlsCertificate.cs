using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Node.Protocol;

namespace Node.Hosting.Tls;

/// <summary>One TLS certificate with its key, ready for handshakes on both sides.</summary>
/// <remarks>
/// Immutable; any thread. Never disposed of by hand: handshakes that began with it may still run when another one has
/// taken its place.
/// </remarks>
public sealed class TlsCertificate
{
    /// <param name="own">With its private key.</param>
    /// <param name="issuers">Sent along, for those who know the root alone.</param>
    internal TlsCertificate(X509Certificate2 own, X509Certificate2Collection issuers)
    {
        Own = own;
        Hash = Hash32.Of(own.RawDataMemory.Span);
        Context = SslStreamCertificateContext.Create(own, issuers, offline: true);
    }

    public X509Certificate2 Own { get; }

    /// <summary>SHA-256 of the DER: what a Deliver request carries as tls_cert_hash.</summary>
    public Hash32 Hash { get; }

    public SslStreamCertificateContext Context { get; }

    public string SerialNumber => Own.SerialNumber.ToLowerInvariant().TrimStart('0');

    public DateTimeOffset NotBefore => new(Own.NotBefore.ToUniversalTime(), TimeSpan.Zero);

    public DateTimeOffset NotAfter => new(Own.NotAfter.ToUniversalTime(), TimeSpan.Zero);
}

using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Node.Membership.Certificates;

namespace Node.Hosting.Tls;

/// <summary>The client side of TLS: whom a server must be, and what we present.</summary>
public static class ClientTls
{
    /// <param name="own">Presented by every connection made with these options; null presents none.</param>
    /// <param name="rootPems">PEM certificates that the server's must chain to. The machine's own play no part.</param>
    public static SslClientAuthenticationOptions OptionsFor(
        string host, TlsCertificate? own, IReadOnlyList<ReadOnlyMemory<byte>> rootPems, TimeProvider clock)
    {
        SslClientAuthenticationOptions options = OptionsFor(host, rootPems, clock);
        options.ClientCertificateContext = own?.Context;
        return options;
    }

    /// <param name="own">Asked at each connection, so that a renewed certificate is presented by new ones.</param>
    public static SslClientAuthenticationOptions OptionsFor(
        string host, ServerIdentity own, IReadOnlyList<ReadOnlyMemory<byte>> rootPems, TimeProvider clock)
    {
        SslClientAuthenticationOptions options = OptionsFor(host, rootPems, clock);
        options.LocalCertificateSelectionCallback = (_, _, _, _, _) => own.Current.Own;
        return options;
    }

    private static SslClientAuthenticationOptions OptionsFor(
        string host, IReadOnlyList<ReadOnlyMemory<byte>> rootPems, TimeProvider clock)
    {
        X509ChainPolicy policy = CertificateChains.PolicyOf(rootPems);

        // Times are looked at below, by the node's own clock.
        policy.VerificationFlags |= X509VerificationFlags.IgnoreNotTimeValid;
        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = ServerTls.Protocols,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                // "Rejected by the callback" helps nobody: whoever connects is told what is wrong.
                return FaultOf(host, certificate as X509Certificate2, chain, errors, clock.GetUtcNow()) is { } fault
                    ? throw new AuthenticationException(fault)
                    : true;
            },
        };
    }

    private static string? FaultOf(
        string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, DateTimeOffset now)
    {
        if (certificate is null || chain is null)
            return $"{host} presented no TLS certificate";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"{TlsChainFaults.NameOf(certificate)} does not name the host {host}";

        return TlsChainFaults.FaultOfTrust(chain, certificate)
            ?? TlsChainFaults.FaultOfTimes(chain, now)
            ?? (errors == SslPolicyErrors.None
                ? null
                : $"{TlsChainFaults.NameOf(certificate)} does not hold: {errors}");
    }
}

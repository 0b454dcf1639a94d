using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Node.Membership.Certificates;

namespace Node.Hosting.Tls;

/// <summary>Which client certificates a listener takes.</summary>
/// <param name="Required">
/// True demands one that chains to <paramref name="Roots"/>; false takes any or none, as clients of Fabric present
/// self-signed ones to bind their Deliver requests to: what such a one is worth is decided by signatures.
/// </param>
/// <param name="Roots">PEM certificates, asked for at each connection, as organisations come and go.</param>
public sealed record ClientCertificates(bool Required, Func<IReadOnlyList<ReadOnlyMemory<byte>>> Roots)
{
    /// <summary>Takes whatever comes.</summary>
    public static ClientCertificates Optional { get; } = new(Required: false, () => []);
}

/// <summary>The server side of TLS: each new connection gets the certificate that the node has now.</summary>
/// <remarks>Any thread. One for each listener.</remarks>
public sealed partial class ServerTls(
    ServerIdentity identity, ClientCertificates clients, TimeProvider clock, ILogger logger)
{
    public const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Makes a listener speak TLS.</summary>
    public void Listen(ListenOptions listen) => listen.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = _ => ValueTask.FromResult(Options()),
    });

    private SslServerAuthenticationOptions Options()
    {
        X509ChainPolicy policy = CertificateChains.PolicyOf(clients.Required ? clients.Roots() : []);

        // Times are looked at below, by the node's own clock.
        policy.VerificationFlags |= X509VerificationFlags.IgnoreNotTimeValid;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = identity.Current.Context,
            EnabledSslProtocols = Protocols,
            ClientCertificateRequired = true,   // Asked for; whether one must come is decided below.
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                !clients.Required || IsTrusted(certificate as X509Certificate2, chain, errors),
        };
    }

    private bool IsTrusted(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || chain is null)
        {
            ClientRefused(logger, "it presented no TLS certificate, and this port requires one");
            return false;
        }

        string? fault = TlsChainFaults.FaultOfTrust(chain, certificate)
            ?? TlsChainFaults.FaultOfTimes(chain, clock.GetUtcNow());
        if (fault is null && errors == SslPolicyErrors.None)
            return true;

        ClientRefused(logger, fault ?? $"{TlsChainFaults.NameOf(certificate)} does not hold: {errors}");
        return false;
    }

    [LoggerMessage(110, LogLevel.Warning, "TLS client refused: {Reason}")]
    private static partial void ClientRefused(ILogger logger, string reason);
}

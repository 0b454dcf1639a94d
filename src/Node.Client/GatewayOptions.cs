using System.Security.Cryptography.X509Certificates;

namespace Node.Client;

/// <summary>Where to connect, as whom, and how long to wait.</summary>
public sealed record GatewayOptions
{
    /// <summary>host:port of a peer that serves the Gateway, best one of the client's own organisation.</summary>
    public required string Endpoint { get; init; }

    public required ClientIdentity Identity { get; init; }

    /// <summary>Null when signatures are made elsewhere: then only the <c>…Signed…</c> methods send anything.</summary>
    public Signer? Signer { get; init; }

    /// <summary>
    /// PEM of the certificates that the peer's TLS certificate must chain to; null speaks plaintext HTTP/2.
    /// </summary>
    public string? TlsRootsPem { get; init; }

    /// <summary>
    /// The name that the peer's TLS certificate must carry, where it is not the host of the endpoint.
    /// </summary>
    public string? ServerName { get; init; }

    /// <summary>With its private key; for peers that require mutual TLS.</summary>
    public X509Certificate2? TlsClientCertificate { get; init; }

    public TimeSpan EvaluateTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan EndorseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan SubmitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <see cref="Commit.GetStatusAsync"/> waits for the block.</summary>
    public TimeSpan CommitStatusTimeout { get; init; } = TimeSpan.FromMinutes(1);

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

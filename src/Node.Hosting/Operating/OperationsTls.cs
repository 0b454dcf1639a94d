using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Node.Hosting.Tls;

namespace Node.Hosting.Operating;

/// <summary>TLS of the operations port: as whom it serves, and whose clients may read figures and set levels.</summary>
public sealed class OperationsTls
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    public required ServerIdentity Identity { get; init; }

    /// <summary>PEM certificates that client certificates must chain to; asked for each one.</summary>
    public required Func<IReadOnlyList<ReadOnlyMemory<byte>>> ClientRoots { get; init; }

    /// <summary>True closes the port to whoever has no such certificate, /healthz and /version included.</summary>
    public bool ClientCertificateRequired { get; init; }

    internal bool Trusts(X509Certificate2? certificate, TimeProvider clock)
    {
        if (certificate is null)
            return false;

        using var chain = new X509Chain();
        chain.ChainPolicy = CertificateChains.PolicyOf(ClientRoots());
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.VerificationTime = clock.GetUtcNow().UtcDateTime;
        return chain.Build(certificate);
    }
}

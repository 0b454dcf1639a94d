using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Node.Membership;
using Node.Orderer.Ordering;

namespace Node.Orderer.Hosting;

/// <summary>The orderer's side of TLS: its certificate, and which client certificates it takes.</summary>
internal sealed class ServerTls : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _roots;
    private readonly ChannelDirectory _channels;
    private readonly bool _required;

    private ServerTls(
        X509Certificate2 certificate, X509Certificate2Collection roots, ChannelDirectory channels, bool required)
    {
        _certificate = certificate;
        _roots = roots;
        _channels = channels;
        _required = required;
    }

    /// <exception cref="ArgumentException">A file holds no certificate or key, or they do not belong
    /// together.</exception>
    public static ServerTls Load(OrdererTlsFiles files, ChannelDirectory channels)
    {
        try
        {
            var roots = new X509Certificate2Collection();
            foreach (string file in files.RootFiles)
                roots.ImportFromPemFile(file);

            X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile);
            return new ServerTls(certificate, roots, channels, files.ClientCertificateRequired);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException(
                $"TLS files {files.CertificateFile}, {files.KeyFile}: {failure.Message}", nameof(files), failure);
        }
    }

    public void Configure(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificate = _certificate;
        https.SslProtocols = System.Security.Authentication.SslProtocols.Tls12
            | System.Security.Authentication.SslProtocols.Tls13;
        https.CheckCertificateRevocation = false;
        https.ClientCertificateMode =
            _required ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.AllowCertificate;

        // Clients that need none present self-signed ones; what a certificate is worth is decided by envelope
        // signatures.
        https.ClientCertificateValidation = (certificate, _, _) => !_required || IsTrusted(certificate);
    }

    public void Dispose() => _certificate.Dispose();

    // Organisations join and leave while connections are made, so the roots are those of this moment. Cold: once per
    // connection.
    private bool IsTrusted(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        foreach (OrderingChannel channel in _channels.All)
            AddRoots(chain.ChainPolicy.CustomTrustStore, channel);

        return chain.Build(certificate);
    }

    private static void AddRoots(X509Certificate2Collection trusted, OrderingChannel channel)
    {
        if (channel.State.Run is not { } run)
            return;

        ChannelConfig config = run.Context.Rules.Config;
        IEnumerable<ReadOnlyMemory<byte>> pems = config.ApplicationOrganizations
            .SelectMany(organization => organization.TlsRootPems)
            .Concat(config.Orderer.Endpoints.SelectMany(endpoint => endpoint.TlsRootPems));
        foreach (ReadOnlyMemory<byte> pem in pems)
            trusted.ImportFromPem(System.Text.Encoding.ASCII.GetString(pem.Span));
    }
}

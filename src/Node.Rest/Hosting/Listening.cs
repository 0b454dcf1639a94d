using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Node.Rest.Hosting;

/// <summary>What the server takes from the network before anybody is asked who they are.</summary>
internal static class Listening
{
    public static void Configure(KestrelServerOptions kestrel, RestOptions options)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxConcurrentConnections = RestLimits.ConnectionsMax;
        limits.MaxRequestHeadersTotalSize = RestLimits.HeaderBytesMax;
        limits.MaxRequestHeaderCount = RestLimits.HeadersMax;
        limits.MaxRequestLineSize = RestLimits.RequestLineBytesMax;
        limits.RequestHeadersTimeout = RestLimits.HeaderTimeout;

        // Each operation says how much it takes, before it reads. Where nobody reads, what arrives is let pass for some
        // seconds, so that the caller gets to see its answer.
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = new MinDataRate(RestLimits.BodyBytesPerSecondMin, RestLimits.SlowBodyGrace);
        limits.MinResponseDataRate = new MinDataRate(RestLimits.BodyBytesPerSecondMin, RestLimits.SlowBodyGrace);
        kestrel.Listen(options.ListenAddress, options.Port, listen =>
        {
            if (options is { CertificateFile: { } certificate, KeyFile: { } key })
                Secure(listen, certificate, key);
            else
                listen.Protocols = HttpProtocols.Http1;   // HTTP/2 without TLS is not negotiated by browsers and curl.
        });
    }

    private static void Secure(ListenOptions listen, string certificateFile, string keyFile)
    {
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        var above = new X509Certificate2Collection();
        above.ImportFromPemFile(certificateFile);
        above.Remove(certificate);
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = certificate,
            ServerCertificateChain = above,
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateMode = ClientCertificateMode.AllowCertificate,

            // Possession is proven by the handshake; whose it is, and whether that counts, is asked of every request:
            // the answer is then a problem with a next step and not a broken connection.
            ClientCertificateValidation = (_, _, _) => true,
            CheckCertificateRevocation = false,
        });
    }
}

using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Node.Membership;
using Node.Protocol;
using GatewayClient = Node.Protocol.Wire.Gateway.Gateway.GatewayClient;

namespace Node.LoadGen;

/// <summary>Load on any Fabric Gateway endpoint.</summary>
internal static class Program
{
    private static readonly TimeProvider s_clock = TimeProvider.System;

    public static Task<int> Main(string[] args)
    {
        var command = new LoadCommand();
        command.Root.SetAction(async (parsed, cancellationToken) =>
        {
            if (!command.TryRead(parsed, out LoadOptions? options, out string? fault))
            {
                await Console.Error.WriteLineAsync("loadgen: " + fault);
                return 2;
            }

            return await RunAsync(options, cancellationToken);
        });
        return command.Root.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        if (!MspId.TryParse(options.MspId, out MspId mspId, out string? fault)
            || !SigningIdentity.TryFromPem(
            mspId, await File.ReadAllTextAsync(options.CertificateFile, cancellationToken),
            await File.ReadAllTextAsync(options.KeyFile, cancellationToken), out SigningIdentity? signer,
            out fault))
        {
            await Console.Error.WriteLineAsync("loadgen: " + fault);
            return 2;
        }

        var limit = CryptoLimit.Measure();
        GrpcChannel[] channels = [.. Enumerable.Range(0, options.Connections).Select(_ => Open(options))];
        try
        {
            GatewayClient[] clients = [.. channels.Select(channel => new GatewayClient(channel))];
            var caller = new GatewayCaller(clients, signer, options, s_clock);
            LoadResult result = await new LoadRun(caller, options, s_clock).RunAsync(limit, cancellationToken);
            await Console.Out.WriteAsync(result.ToText());
            if (options.JsonFile is { } json)
                await File.WriteAllTextAsync(json, result.ToJson(), cancellationToken);
            if (options.SamplesFile is { } samples)
                result.WriteSamples(samples);

            return result.Succeeded > 0 ? 0 : 1;
        }
        finally
        {
            foreach (GrpcChannel channel in channels)
                channel.Dispose();

            signer.Dispose();
        }
    }

    private static GrpcChannel Open(LoadOptions options)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(options.TlsRootFile);
        var tls = new SslClientAuthenticationOptions
        {
            TargetHost = options.ServerName ?? options.Endpoint.Split(':')[0],
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };
        tls.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        return GrpcChannel.ForAddress("https://" + options.Endpoint, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = tls, AllowAutoRedirect = false, ActivityHeadersPropagator = null, UseProxy = false,

                // Answers of half a megabyte come without waiting for window updates.
                InitialHttp2StreamWindowSize = 4 << 20,
            },
            DisposeHttpClient = true,
        });
    }
}

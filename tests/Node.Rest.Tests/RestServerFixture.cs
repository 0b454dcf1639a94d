using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Node.Client.Storing;
using Node.Membership.Topology;
using Node.Rest.Hosting;
using Node.Rest.Identities;
using Node.Testing;

namespace Node.Rest.Tests;

/// <summary>The real server in this process, over a network folder whose nodes do not run.</summary>
internal sealed class RestServerFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping;
    private readonly ContentStores _stores;
    private readonly Task _running;

    private RestServerFixture(
        TestNetwork network, ContentStores stores, string address, Task running, CancellationTokenSource stopping)
    {
        _stopping = stopping;
        Network = network;
        _stores = stores;
        Address = address;
        _running = running;
        Keys = new ApiKeyFile(network.Folder, TimeProvider.System);
    }

    public TestNetwork Network { get; }

    public string Address { get; }

    public ApiKeyFile Keys { get; }

    public string StoreFolder => Path.Combine(Network.Folder, "store");

    public static Task<RestServerFixture> StartAsync() => StartAsync(isSecure: false, options => options);

    public static async Task<RestServerFixture> StartAsync(bool isSecure, Func<RestOptions, RestOptions> change)
    {
        TestNetwork network = TestNetwork.Create();
        File.WriteAllText(Path.Combine(network.Folder, NetworkTopology.FileName), network.Topology.ToYaml());
        var stores = new ContentStores(new FolderStore(Path.Combine(network.Folder, "store")));
        (string? certificate, string? key) = isSecure
            ? ServerCertificate.Ensure(network.Folder, network.Org1.Layout.TlsCa, ["localhost"], TimeProvider.System)
            : ((string?)null, (string?)null);
        RestOptions options = change(new RestOptions
        {
            NetworkFolder = network.Folder,
            Own = new IdentityName("Org1MSP", "User1"),
            Stores = stores,
            Port = 0,
            CertificateFile = certificate,
            KeyFile = key,
            IsInsecure = !isSecure,
            LogLevel = LogLevel.Critical,
        });
        var started = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopping = new CancellationTokenSource();
        Task running = RestHost.RunAsync(options, started.SetResult, stopping.Token);
        await Task.WhenAny(started.Task, running);
        if (!started.Task.IsCompleted)
            await running;   // It ended before it began: the reason is in here.

        return new RestServerFixture(network, stores, await started.Task, running, stopping);
    }

    /// <summary>A client that sends an API key of this user.</summary>
    public HttpClient ClientOf(string mspId, string user)
    {
        HttpClient client = AnonymousClient();
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", Keys.Create(new IdentityName(mspId, user), "").Text);
        return client;
    }

    public HttpClient AnonymousClient() => new() { BaseAddress = new Uri(Address) };

    /// <summary>A client that trusts the organisation's TLS root, and shows a certificate.</summary>
    public HttpClient SecureClient(X509Certificate2? certificate)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(Network.Org1.NodeLayout.TlsRootFile);
        var transport = new SocketsHttpHandler();
        transport.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        transport.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        if (certificate is not null)
        {
            transport.SslOptions.ClientCertificates = [certificate];
            transport.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return new HttpClient(transport) { BaseAddress = new Uri($"https://localhost:{new Uri(Address).Port}") };
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await _stores.DisposeAsync();
        _stopping.Dispose();
        Network.Dispose();
    }
}

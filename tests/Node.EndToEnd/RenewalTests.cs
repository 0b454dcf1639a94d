using System.Globalization;
using System.IO.Compression;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Node.Client;
using Node.Protocol;

namespace Node.EndToEnd;

/// <summary>Certificates are renewed while the network works: real processes, and submits all the while.</summary>
public class RenewalTests
{
    private const int Writers = 6;

    private static readonly string[] s_organizations = ["org1", "org2", "orderer"];

    // Issue 4: "hyperprov identity renew --all renews an organisation while it works".
    [Fact]
    public async Task All_organizations_are_renewed_under_load_and_no_submit_fails()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync(orderers: 3);
        await using var load = new Load(network);
        await load.UntilCommittedAsync(20);

        // At first with the keys that are there, then with new ones.
        foreach (string option in (string[])["--valid-for=300", "--new-key"])
        {
            Dictionary<string, string> before = SerialsOf(network);
            foreach (string organization in s_organizations)
                await network.MustAsync("identity", "renew", "--all", option, "--org", organization);

            Dictionary<string, string> renewed = SerialsOf(network);
            Assert.All(renewed, file => Assert.NotEqual(before[file.Key], file.Value));
            foreach (string node in network.NodeNames())
                await network.UntilAsync(() => Task.FromResult(HasTaken(network, node, renewed)), $"{node} to renew");

            await load.UntilCommittedAsync(load.Committed + 50);
            await AssertPresentedAsync(network);
        }

        await load.StopAsync();
        Assert.Empty(load.Faults);
        await network.SettleAsync();
        await AssertSignedByRenewedAsync(network);
        await network.MustAsync("ledger", "verify");
    }

    [Fact]
    public async Task What_ends_soon_is_renewed_alone_and_first_only_shown()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await network.MustAsync("identity", "renew", "--all", "--valid-for", "20");
        Dictionary<string, string> before = SerialsOf(network);

        string dry = await network.MustAsync("identity", "renew", "--all", "--within", "30", "--dry-run", "--json");
        string none = await network.MustAsync("identity", "renew", "--all", "--within", "10", "--json");
        Assert.Equal(before, SerialsOf(network));
        string done = await network.MustAsync("identity", "renew", "--all", "--within", "30", "--json");

        Assert.All(OutcomesOf(dry), outcome => Assert.Equal("wouldRenew", outcome));
        Assert.All(OutcomesOf(none), outcome => Assert.Equal("left", outcome));
        Assert.Equal(6, OutcomesOf(done).Count(outcome => outcome == "renewed"));
        Assert.Equal(2, (await network.RunAsync("identity", "renew", "--all", "User1")).ExitCode);
        Assert.Equal(2, (await network.RunAsync("identity", "renew", "--all", "--within", "0")).ExitCode);
        Assert.Equal(2, (await network.RunAsync("identity", "renew", "User1", "--dry-run")).ExitCode);
    }

    // Every certificate file of a node or user to its serial number.
    private static Dictionary<string, string> SerialsOf(RunningNetwork network) => Directory
        .EnumerateFiles(Path.Combine(network.Folder, "crypto-config"), "*", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/old/", StringComparison.Ordinal))
        .Where(file => file.Contains("/signcerts/", StringComparison.Ordinal)
            || Path.GetFileName(file) is "client.crt"
            || (Path.GetFileName(file) is "server.crt" && !file.Contains("/ca/", StringComparison.Ordinal)))
        .ToDictionary(file => file, SerialOf);

    private static string SerialOf(string file)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(file);
        return certificate.SerialNumber.ToLowerInvariant().TrimStart('0');
    }

    private static bool HasTaken(RunningNetwork network, string node, Dictionary<string, string> renewed)
    {
        string log = network.LogOf(node);
        return renewed.Where(file => file.Key.Contains($"/{node}/", StringComparison.Ordinal))
            .All(file => log.Contains($"{file.Value} from now on", StringComparison.Ordinal));
    }

    private static IEnumerable<string> OutcomesOf(string json) =>
        JsonDocument.Parse(json).RootElement.EnumerateArray().Select(one => one.GetProperty("outcome").GetString()!);

    // New connections to every port, etcd's included, get the certificate that lies in the file now.
    private static async Task AssertPresentedAsync(RunningNetwork network)
    {
        string orderers = Path.Combine(network.Folder, "crypto-config/ordererOrganizations/example.com/orderers");
        string peers = Path.Combine(network.Folder, "crypto-config/peerOrganizations");
        (string Folder, int[] Above)[] nodes =
        [
            (Path.Combine(orderers, "orderer.example.com/tls"), [0, 2, 3]),
            (Path.Combine(orderers, "orderer2.example.com/tls"), [10, 12, 13]),
            (Path.Combine(orderers, "orderer3.example.com/tls"), [20, 22, 23]),
            (Path.Combine(peers, "org1.example.com/peers/peer0.org1.example.com/tls"), [1]),
            (Path.Combine(peers, "org2.example.com/peers/peer0.org2.example.com/tls"), [2001]),
        ];
        foreach ((string folder, int[] above) in nodes)
        {
            using X509Certificate2 own = X509Certificate2.CreateFromPemFile(
                Path.Combine(folder, "server.crt"), Path.Combine(folder, "server.key"));
            foreach (int port in above)
                Assert.Equal(own.SerialNumber, await PresentedAsync(network.BasePort + port, own, folder));
        }
    }

    private static async Task<string> PresentedAsync(int port, X509Certificate2 own, string folder)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("localhost", port);
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(Path.Combine(folder, "ca.crt"));
        await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = [own],
            CertificateChainPolicy = policy,
        });
        return tls.RemoteCertificate?.GetSerialNumberString() ?? "none";
    }

    // Blocks, endorsements and attestations are by the renewed certificates.
    private static async Task AssertSignedByRenewedAsync(RunningNetwork network)
    {
        string receipt = Path.Combine(network.Folder, "last.receipt");
        string content = Path.Combine(network.Folder, "content");
        await File.WriteAllTextAsync(content, "after the renewal");
        await network.MustAsync("put", content, "--key", "after");
        await network.MustAsync("receipt", "after", "-o", receipt);
        await network.MustAsync("verify-receipt", receipt);

        // Magic, format and checksum; then the body, compressed.
        const int BodyOffset = 8 + 1 + Hash32.Bytes;
        byte[] bytes = new byte[1 << 20];
        Assert.True(BrotliDecoder.TryDecompress(
            (await File.ReadAllBytesAsync(receipt)).AsSpan(BodyOffset), bytes, out int _));
        foreach (string node in (string[])
            ["peer0.org1.example.com", "peer0.org2.example.com", "User1@org1.example.com"])
        {
            string file = SerialsOf(network).Keys.Single(
                path => path.Contains($"/{node}/msp/signcerts/", StringComparison.Ordinal));
            byte[] pem = await File.ReadAllBytesAsync(file);
            Assert.True(bytes.AsSpan().IndexOf(pem) >= 0, $"{node} signed nothing with what is in {file}");
        }
    }

    /// <summary>Submits without a pause until it is stopped, and keeps what went wrong.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly RunningNetwork _network;
        private readonly Task[] _writers;
        private int _committed;

        public Load(RunningNetwork network)
        {
            _network = network;
            _writers = [.. Enumerable.Range(0, Writers).Select(WriteAsync)];
        }

        public List<string> Faults { get; } = [];

        public int Committed => Volatile.Read(ref _committed);

        public Task UntilCommittedAsync(int count) => _network.UntilAsync(
            () => Task.FromResult(Committed >= count || Faults.Count > 0), $"{count} commits");

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_writers);
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }

        private async Task WriteAsync(int writer)
        {
            string organization = writer % 2 == 0 ? "org1" : "org2";
            int number = 0;
            while (!_stop.IsCancellationRequested)
            {
                // A connection of its own now and then: as users come with whatever their folder holds.
                using Gateway gateway = Gateway.FromNetworkFolder(_network.Folder, organization, "User1");
                Contract contract = gateway.GetNetwork(ChannelId.Of("mychannel")).GetContract("hyperprov");
                for (int i = 0; i < 20 && !_stop.IsCancellationRequested; i++)
                {
                    string key = string.Create(CultureInfo.InvariantCulture, $"load-{writer}-{number++}");
                    await SubmitAsync(contract, key);
                }
            }
        }

        private async Task SubmitAsync(Contract contract, string key)
        {
            try
            {
                string checksum = Convert.ToHexStringLower(Hash32.Of(System.Text.Encoding.UTF8.GetBytes(key)).AsSpan());
                await contract.SubmitAsync("set", [key, checksum, "file://store", key], CancellationToken.None);
                Interlocked.Increment(ref _committed);
            }
            catch (Exception e) when (e is GatewayException or PeerUnreachableException)
            {
                lock (Faults)
                    Faults.Add($"{key}: {e.Message}");
            }
        }
    }
}

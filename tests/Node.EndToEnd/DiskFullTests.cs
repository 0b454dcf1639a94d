using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Node.Client;
using Node.Membership.Material;
using Node.Protocol;
using Node.Testing;

namespace Node.EndToEnd;

/// <summary>A disk that fills up under a working peer.</summary>
public class DiskFullTests
{
    private const string Peer = "peer0.org2.example.com";

    [Fact]
    public async Task A_full_disk_stops_the_peer_with_a_clear_message_and_room_lets_it_catch_up()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await network.DownAsync();
        using SmallDisk disk = MoveToSmallDisk(network);
        await network.UpAsync();

        string filler = disk.FillUpTo(bytesLeft: 1 << 20);
        await network.UntilAsync(
            async () =>
            {
                await WriteAsync(network, "while-full");
                return (await HealthAsync(network)).Contains("free on the disk", StringComparison.Ordinal);
            },
            "the peer to say that its disk is full");
        Assert.Contains("Make room on the disk", network.LogOf(Peer), StringComparison.Ordinal);
        using (Gateway gateway = Gateway.FromNetworkFolder(network.Folder, "org2", "User1"))
            await gateway.GetNetwork(ChannelId.Of("mychannel")).GetContract("hyperprov")
                .EvaluateAsync("getbyrange", ["", ""], CancellationToken.None);   // Reads go on.

        File.Delete(filler);
        await network.UntilAsync(
            async () => (await HealthAsync(network)).Contains("OK", StringComparison.Ordinal)
                && await HeightAsync(network, "org1") == await HeightAsync(network, "org2"),
            "the peer to catch up");

        await network.DownAsync();
        await Cli.MustAsync("ledger", "verify", network.Folder);
    }

    private static SmallDisk MoveToSmallDisk(RunningNetwork network)
    {
        string data = Path.Combine(network.NodeFolder(Peer), "data");
        string aside = data + ".aside";
        Directory.Move(data, aside);
        Directory.CreateDirectory(data);
        SmallDisk disk = SmallDisk.Mount(data, mebibytes: 64);
        foreach (string folder in Directory.EnumerateDirectories(aside, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(data + folder[aside.Length..]);
        foreach (string file in Directory.EnumerateFiles(aside, "*", SearchOption.AllDirectories))
            File.Copy(file, data + file[aside.Length..]);

        Directory.Delete(aside, recursive: true);
        return disk;
    }

    // Refused while the peer is stopped, since both organisations must endorse: that is part of the story.
    private static async Task WriteAsync(RunningNetwork network, string word)
    {
        using Gateway gateway = Gateway.FromNetworkFolder(network.Folder, "org1", "User1");
        Contract contract = gateway.GetNetwork(ChannelId.Of("mychannel")).GetContract("hyperprov");
        string checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(word)));
        try
        {
            await contract.SubmitAsync("set", [word, checksum, "file://store", word], CancellationToken.None);
        }
        catch (GatewayException)
        {
            // The peer is stopping or has stopped.
        }
    }

    private static async Task<string> HealthAsync(RunningNetwork network)
    {
        string config = await File.ReadAllTextAsync(Path.Combine(network.NodeFolder(Peer), "config.json"));
        int port = JsonDocument.Parse(config).RootElement.GetProperty("operationsPort").GetInt32();
        using HttpClient http = OperationsCaller.Create(RootOf(network), member: null);
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"https://localhost:{port}/healthz"));
        return await answer.Content.ReadAsStringAsync();
    }

    private static string RootOf(RunningNetwork network) =>
        new MaterialLayout(Path.Combine(network.Folder, "crypto-config")).PeerOrganization("org2.example.com")
            .Node(Peer).TlsRootFile;

    private static async Task<string> HeightAsync(RunningNetwork network, string org)
    {
        string block = await network.MustAsync("block", "latest", "--json", "--org", org);
        return JsonDocument.Parse(block).RootElement.GetProperty("number").ToString();
    }
}

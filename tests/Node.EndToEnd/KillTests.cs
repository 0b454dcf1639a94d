using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Node.Client;
using Node.Protocol;

namespace Node.EndToEnd;

/// <summary>Nodes die at any instant under load; what was acknowledged stays.</summary>
public class KillTests
{
    private const int Writers = 6;
    private static readonly ChannelId s_channel = ChannelId.Of("mychannel");

    [Theory]
    [InlineData(1, 50)]
    [InlineData(3, 30)]   // Orderers that share an etcd cluster; its members are killed as well.
    public async Task Kills_under_load_lose_nothing_that_was_acknowledged(int orderers, int kills)
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync(orderers);
        string[] nodes = [.. network.NodeNames()];
        var acknowledged = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        using var stop = new CancellationTokenSource();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer =>
            WriteAsync(network, writer, acknowledged, stop.Token))];

        // The seed is fixed, the instants are not: they depend on how far the writers have come.
        uint dice = 20190527;
        for (int kill = 0; kill < kills; kill++)
        {
            dice = unchecked(dice * 1664525 + 1013904223);
            int before = acknowledged.Count;
            int wanted = before + (int)(dice >> 24) % 40 + 1;
            await network.UntilAsync(() => Task.FromResult(acknowledged.Count >= wanted), "more writes");
            string node = nodes[(int)((dice >> 8) % (uint)nodes.Length)];
            if (orderers > 1 && node.StartsWith("orderer", StringComparison.Ordinal) && (dice & 1) == 0)
                network.KillEtcd(node);
            else
                network.Kill(node);

            await network.UpAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await network.SettleAsync();
        await AllArePresentAsync(network, "org1", acknowledged);
        await AllArePresentAsync(network, "org2", acknowledged);
        await SameHistoryAsync(network);
        await network.DownAsync();
        await Cli.MustAsync("ledger", "verify", network.Folder);
    }

    private static async Task WriteAsync(
        RunningNetwork network, int writer, ConcurrentDictionary<string, string> acknowledged, CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            try
            {
                using Gateway gateway = Gateway.FromNetworkFolder(
                    network.Folder, writer % 2 == 0 ? "org1" : "org2", "User1");
                Contract contract = gateway.GetNetwork(s_channel).GetContract("hyperprov");
                for (; !stop.IsCancellationRequested; i++)
                {
                    string key = $"kill-{writer}-{i}";
                    string checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
                    using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
                    limit.CancelAfter(TimeSpan.FromSeconds(10));
                    await contract.SubmitAsync("set", [key, checksum, "file://store", key], limit.Token);
                    acknowledged[key] = checksum;
                }
            }
            catch (Exception e) when (e is GatewayException or PeerUnreachableException)
            {
                // A node is down: an unacknowledged write may be there or not. Dial again with the next key.
            }
            catch (OperationCanceledException)
            {
                // The test ends, or a call hung on a dead node.
            }
        }
    }

    private static async Task AllArePresentAsync(
        RunningNetwork network, string org, ConcurrentDictionary<string, string> acknowledged)
    {
        using Gateway gateway = Gateway.FromNetworkFolder(network.Folder, org, "User1");
        Contract contract = gateway.GetNetwork(s_channel).GetContract("hyperprov");
        foreach ((string key, string checksum) in acknowledged)
        {
            ReadOnlyMemory<byte> found = await contract.EvaluateAsync("checkhash", [key], CancellationToken.None);
            Assert.Equal(checksum, Encoding.UTF8.GetString(found.Span));
        }
    }

    // The last block both peers have carries the commit hash over everything before it.
    private static async Task SameHistoryAsync(RunningNetwork network)
    {
        string last = await network.MustAsync("block", "latest", "--json", "--org", "org1");
        string number = System.Text.Json.JsonDocument.Parse(last).RootElement.GetProperty("number").ToString();
        string one = await network.MustAsync("block", number, "--json", "--org", "org1");
        string other = await network.MustAsync("block", number, "--json", "--org", "org2");
        Assert.Equal(CommitHash(one), CommitHash(other));
    }

    private static string CommitHash(string block) =>
        System.Text.Json.JsonDocument.Parse(block).RootElement.GetProperty("commitHash").GetString() ?? "";
}

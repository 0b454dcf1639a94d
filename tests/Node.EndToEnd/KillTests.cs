using System.Text.Json;

namespace Node.EndToEnd;

/// <summary>Nodes die at any instant under load; what was acknowledged stays.</summary>
public class KillTests
{
    private const int Writers = 6;

    [Theory]
    [InlineData(1, 50)]
    [InlineData(3, 30)]   // Orderers that share an etcd cluster; its members are killed as well.
    public async Task Kills_under_load_lose_nothing_that_was_acknowledged(int orderers, int kills)
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync(orderers);
        string[] nodes = [.. network.NodeNames()];
        await using var writes = AcknowledgedWrites.Start(network, "kill", Writers);

        // The seed is fixed, the instants are not: they depend on how far the writers have come.
        uint dice = 20190527;
        for (int kill = 0; kill < kills; kill++)
        {
            dice = unchecked(dice * 1664525 + 1013904223);
            await writes.MoreAsync((int)(dice >> 24) % 40 + 1);
            string node = nodes[(int)((dice >> 8) % (uint)nodes.Length)];
            if (orderers > 1 && node.StartsWith("orderer", StringComparison.Ordinal) && (dice & 1) == 0)
                network.KillEtcd(node);
            else
                network.Kill(node);

            await network.UpAsync();
        }

        await writes.StopAsync();
        await writes.AllArePresentAsync("org1");
        await writes.AllArePresentAsync("org2");
        await SameHistoryAsync(network);
        await network.DownAsync();
        await Cli.MustAsync("ledger", "verify", network.Folder);
    }

    // The last block both peers have carries the commit hash over everything before it.
    private static async Task SameHistoryAsync(RunningNetwork network)
    {
        string last = await network.MustAsync("block", "latest", "--json", "--org", "org1");
        string number = JsonDocument.Parse(last).RootElement.GetProperty("number").ToString();
        string one = await network.MustAsync("block", number, "--json", "--org", "org1");
        string other = await network.MustAsync("block", number, "--json", "--org", "org2");
        Assert.Equal(CommitHash(one), CommitHash(other));
    }

    private static string CommitHash(string block) =>
        JsonDocument.Parse(block).RootElement.GetProperty("commitHash").GetString() ?? "";
}

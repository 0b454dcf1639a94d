using System.Globalization;
using System.Text.Json;

namespace Node.EndToEnd;

/// <summary>A peer that lost its disk joins from another's snapshot, and old blocks go from an SD card.</summary>
public class SnapshotTests
{
    private const string Peer1 = "peer0.org1.example.com";
    private const string Peer2 = "peer0.org2.example.com";

    [Fact]
    public async Task A_wiped_peer_joins_from_the_others_snapshot_and_has_its_commit_hash()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await PutAsync(network, count: 6);
        await network.SettleAsync();
        string one = Path.Combine(network.Folder, "one");
        string other = Path.Combine(network.Folder, "other");
        JsonElement exported = await JsonAsync(network, "ledger", "snapshot", "-o", one, "--org", "org1");
        await network.MustAsync("ledger", "snapshot", "-o", other, "--org", "org2");
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(one, "manifest.json")),
            await File.ReadAllBytesAsync(Path.Combine(other, "manifest.json")));

        // It takes no part while the first peer goes on, and everything it had is gone.
        network.Kill(Peer2);
        Directory.Delete(Path.Combine(network.NodeFolder(Peer2), "data"), recursive: true);
        await RefusedAsync(network, one);
        File.Copy(
            Path.Combine(other, "signatures", Peer2 + ".json"), Path.Combine(one, "signatures", Peer2 + ".json"));
        JsonElement imported = await JsonAsync(
            network, "ledger", "import", one, "--peer", Peer2, "--signers", "2");
        Assert.Equal(
            ["Org1MSP", "Org2MSP"],
            imported.GetProperty("organizations").EnumerateArray().Select(name => name.GetString()));
        await network.UpAsync();

        await PutAsync(network, count: 3);
        await network.SettleAsync();
        ulong height = exported.GetProperty("height").GetUInt64() + 3;
        JsonElement last = await JsonAsync(network, "block", Text(height - 1), "--org", "org1");
        JsonElement same = await JsonAsync(network, "block", Text(height - 1), "--org", "org2");
        Assert.Equal(last.GetProperty("commitHash").GetString(), same.GetProperty("commitHash").GetString());
        Assert.Equal(
            Lines(await network.MustAsync("history", "key1", "--org", "org1")),
            Lines(await network.MustAsync("history", "key1", "--org", "org2")));
        CliResult old = await network.RunAsync("block", "1", "--org", "org2");
        Assert.Equal(4, old.ExitCode);
        Assert.Contains($"first whole block is {height - 4}", old.Error, StringComparison.Ordinal);
        await network.MustAsync("ledger", "verify", network.Folder);
    }

    [Fact]
    public async Task After_a_prune_old_receipts_verify_history_lists_and_a_peer_joins_from_the_pruned_one()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await PutAsync(network, count: 5);
        string receipt = Path.Combine(network.Folder, "old.receipt");
        JsonElement proven = await JsonAsync(network, "receipt", "key2", "-o", receipt);
        string history = await network.MustAsync("history", "key2");
        string before = await network.MustAsync("block", "latest");

        JsonElement planned = await JsonAsync(network, "ledger", "prune", "--keep", "2", "--dry-run");
        JsonElement pruned = await JsonAsync(network, "ledger", "prune", "--keep", "2");
        CliResult refused = await network.RunAsync("ledger", "prune", "--keep", "1", "--user", "User1");

        Assert.Equal(
            planned.GetProperty("blocksPruned").GetUInt64(), pruned.GetProperty("blocksPruned").GetUInt64());
        Assert.True(pruned.GetProperty("blocksPruned").GetUInt64() > 0);
        Assert.Equal(5, refused.ExitCode);
        Assert.Contains("no administrator", refused.Error, StringComparison.Ordinal);
        Assert.Equal(history, await network.MustAsync("history", "key2"));
        Assert.Equal(before, await network.MustAsync("block", "latest"));
        await network.MustAsync("verify-receipt", receipt);
        string id = proven.GetProperty("transactionId").GetString() ?? "";
        CliResult again = await network.RunAsync("receipt", id, "-o", receipt + ".again");
        Assert.NotEqual(0, again.ExitCode);
        Assert.Contains("first whole block is", again.Error, StringComparison.Ordinal);
        await network.MustAsync("put", await ContentAsync(network), "--key", "after");

        // Both ways: a stopped peer is pruned directly, and one that is pruned gives a snapshot.
        await network.DownAsync();
        await network.MustAsync("ledger", "prune", "--keep-days", "0", "--org", "org1");
        string snapshot = Path.Combine(network.Folder, "snapshot");
        await network.MustAsync("ledger", "snapshot", "-o", snapshot, "--org", "org1");
        Directory.Delete(Path.Combine(network.NodeFolder(Peer2), "data"), recursive: true);
        await network.MustAsync("ledger", "import", snapshot, "--peer", Peer2);
        await network.UpAsync();
        await PutAsync(network, count: 1);
        await network.SettleAsync();
        string verified = await network.MustAsync("ledger", "verify", network.Folder);
        Assert.Contains($"{Peer2}", verified, StringComparison.Ordinal);
        Assert.Contains("began with a snapshot", verified, StringComparison.Ordinal);
        Assert.Contains($"{Peer1}", verified, StringComparison.Ordinal);
        await network.MustAsync("verify-receipt", receipt);
    }

    private static async Task RefusedAsync(RunningNetwork network, string snapshot)
    {
        string state = Path.Combine(snapshot, "state.data");
        byte[] good = await File.ReadAllBytesAsync(state);
        byte[] bad = [.. good];
        bad[good.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(state, bad);
        CliResult refused = await network.RunAsync("ledger", "import", snapshot, "--peer", Peer2);
        await File.WriteAllBytesAsync(state, good);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(state, refused.Error, StringComparison.Ordinal);
        Assert.Contains("expected SHA-256", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(
            Path.Combine(network.NodeFolder(Peer2), "data", "channels")));
    }

    private static async Task PutAsync(RunningNetwork network, int count)
    {
        string content = await ContentAsync(network);
        for (int i = 0; i < count; i++)
            await network.MustAsync("put", content, "--key", $"key{i % 3}");
    }

    private static async Task<string> ContentAsync(RunningNetwork network)
    {
        string content = Path.Combine(network.Folder, "rain.csv");
        await File.WriteAllTextAsync(content, "day,rain\n1,3.2\n");
        return content;
    }

    private static async Task<JsonElement> JsonAsync(RunningNetwork network, params string[] arguments) =>
        JsonDocument.Parse(await network.MustAsync([.. arguments, "--json"])).RootElement;

    private static string[] Lines(string text) => text.Split('\n');

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}

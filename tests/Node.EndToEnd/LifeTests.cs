using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Node.EndToEnd;

/// <summary>The main job, as a person does it, over a network that goes down and up again.</summary>
public class LifeTests
{
    [Fact]
    public async Task Records_files_and_proofs_survive_down_and_up()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string raw = Path.Combine(network.Folder, "raw.csv");
        string sum = Path.Combine(network.Folder, "sum.csv");
        await File.WriteAllTextAsync(raw, "day,rain\n1,3.2\n2,0.0\n");
        await File.WriteAllTextAsync(sum, "rain\n3.2\n");
        await network.MustAsync("put", raw, "--key", "raw");
        await network.SettleAsync();
        await network.MustAsync("put", sum, "--key", "sum", "--depends", "raw", "--org", "org2");

        await network.SettleAsync();
        await SeesEverythingAsync(network, raw);
        await network.DownAsync();
        CliResult whileDown = await network.RunAsync("history", "raw");
        Assert.NotEqual(0, whileDown.ExitCode);
        Assert.DoesNotContain("   at ", whileDown.Error, StringComparison.Ordinal);

        await network.UpAsync();
        await network.SettleAsync();
        await SeesEverythingAsync(network, raw);
        await network.DownAsync();
        await Cli.MustAsync("ledger", "verify", network.Folder);
    }

    [Fact]
    public async Task The_demo_tells_its_story_and_leaves_a_ledger_that_verifies()
    {
        await using var network = RunningNetwork.Prepare();

        string told = await network.MustAsync(
            "demo", "--base-port", network.BasePort.ToString(CultureInfo.InvariantCulture));

        Assert.Contains("outdated", told, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("expected", told, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("found", told, StringComparison.OrdinalIgnoreCase);
        await network.DownAsync();
        await Cli.MustAsync("ledger", "verify", network.Folder);
    }

    [Fact]
    public async Task Status_and_clean_say_what_is_there()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();

        using JsonDocument status = JsonDocument.Parse(await network.MustAsync("network", "status", "--json"));
        Assert.Equal(JsonValueKind.Object, status.RootElement.ValueKind);
        Assert.All(
            status.RootElement.GetProperty("nodes").EnumerateArray(),
            node => Assert.Equal(
                node.GetProperty("role").GetString() == "peer" ? "0" : "", node.GetProperty("evidence").ToString()));
        string evidence = Path.Combine(network.NodeFolder("peer0.org2.example.com"), "data", "evidence");
        Directory.CreateDirectory(evidence);
        await File.WriteAllTextAsync(Path.Combine(evidence, "mychannel-3-0a-0b.evidence"), "nonsense");
        CliResult told = await network.RunAsync("network", "status");
        CliResult listed = await network.RunAsync("ledger", "evidence", "--org", "org2");
        Assert.Contains(
            "ledger evidence --peer peer0.org2.example.com --dir", told.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--peer peer0.org1", told.Error, StringComparison.Ordinal);
        Assert.Equal(1, listed.ExitCode);
        Assert.Contains("it shows nothing", listed.Output, StringComparison.Ordinal);
        string again = await network.UpAsync();
        Assert.DoesNotContain("error", again, StringComparison.OrdinalIgnoreCase);

        await network.MustAsync("network", "clean", "--yes");
        Assert.False(Directory.Exists(Path.Combine(network.Folder, "nodes")));
    }

    [Fact]
    public async Task A_network_that_is_stopped_while_it_starts_leaves_nobody_behind()
    {
        await using var network = RunningNetwork.Prepare();
        using Process starting = Cli.Start(
            "network", "up", "--dir", network.Folder, "--base-port",
            network.BasePort.ToString(CultureInfo.InvariantCulture));

        // Its authorities are the last to be started; they are not up yet when their folder gets a log.
        string log = Path.Combine(network.NodeFolder("ca.org2.example.com"), "log.txt");
        await network.UntilAsync(() => Task.FromResult(File.Exists(log)), "the last node to be started");
        using (Process interrupt = Process.Start("kill", ["-INT", starting.Id.ToString(CultureInfo.InvariantCulture)]))
            await interrupt.WaitForExitAsync();

        await starting.WaitForExitAsync();

        CliResult stopped = await network.RunAsync("network", "down");

        Assert.Equal(0, stopped.ExitCode);
        Assert.DoesNotContain("by force", stopped.ToString(), StringComparison.Ordinal);
        await network.UntilAsync(
            () => Task.FromResult(!Directory.EnumerateDirectories("/proc").Any(process => IsOf(process, network))),
            "every node to be gone");
    }

    private static bool IsOf(string process, RunningNetwork network)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"))
                .Contains(network.Folder, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;   // No process, or one that has just ended.
        }
    }

    private static async Task SeesEverythingAsync(RunningNetwork network, string raw)
    {
        string copy = Path.Combine(network.Folder, "copy.csv");
        await network.MustAsync("get", "raw", "-o", copy);
        Assert.Equal(await File.ReadAllBytesAsync(raw), await File.ReadAllBytesAsync(copy));
        File.Delete(copy);

        string lineage = await network.MustAsync("lineage", "sum", "--json");
        Assert.Contains("\"raw\"", lineage, StringComparison.Ordinal);
        using JsonDocument history = JsonDocument.Parse(await network.MustAsync("history", "raw", "--json"));
        await network.MustAsync("verify", "sum");
    }
}

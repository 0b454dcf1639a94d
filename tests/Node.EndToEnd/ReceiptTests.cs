using System.Diagnostics;
using System.Text.Json;

namespace Node.EndToEnd;

/// <summary>A receipt leaves its network and is verified where there is none.</summary>
public class ReceiptTests
{
    [Fact]
    public async Task A_receipt_verifies_without_any_network_long_after_its_own_is_gone()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        using var away = new AwayFolder();
        string content = Path.Combine(away.Path, "rain.csv");
        string receipt = Path.Combine(away.Path, "rain.receipt");
        await File.WriteAllTextAsync(content, "day,rain\n1,3.2\n");
        await network.MustAsync("put", content, "--key", "rain");
        string told = await network.MustAsync("receipt", "rain", "-o", receipt, "--json");
        string genesis = JsonDocument.Parse(told).RootElement.GetProperty("genesisHash").GetString() ?? "";
        Assert.InRange(new FileInfo(receipt).Length, 1, 10 * 1024);
        await network.DownAsync();

        CliResult alone = await away.VerifyAsync(receipt, "--genesis", genesis, "--content", content, "--json");

        Assert.True(alone.ExitCode == 0, alone.ToString());
        JsonElement report = JsonDocument.Parse(alone.Output).RootElement;
        Assert.True(report.GetProperty("passed").GetBoolean());
        Assert.Equal("rain", report.GetProperty("proven").GetProperty("records")[0].GetProperty("key").GetString());
        Assert.All(
            report.GetProperty("steps").EnumerateArray(),
            step => Assert.Equal("passed", step.GetProperty("outcome").GetString()));
    }

    [Fact]
    public async Task Receipts_and_light_clients_follow_a_change_of_the_configuration()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string content = Path.Combine(network.Folder, "rain.csv");
        string update = Path.Combine(network.Folder, "update.bin");
        await File.WriteAllTextAsync(content, "day,rain\n1,3.2\n");
        await network.MustAsync("put", content, "--key", "before");
        await network.MustAsync("watch", "--from", "0", "--count", "1");   // Leaves its state behind.
        await network.MustAsync("channel", "propose", "--max-messages", "77", "-o", update);
        await network.MustAsync("channel", "sign", update, "--org", "orderer");
        await network.MustAsync("channel", "submit", update);
        await network.MustAsync("put", content, "--key", "after");

        foreach ((string key, string configuration) in
            (IEnumerable<(string, string)>)[("before", "genesis block's own"), ("after", "1 change followed")])
        {
            string receipt = Path.Combine(network.Folder, $"{key}.receipt");
            await network.MustAsync("receipt", key, "-o", receipt);
            Assert.InRange(new FileInfo(receipt).Length, 1, 10 * 1024);
            string told = await network.MustAsync("verify-receipt", receipt, "--content", content);
            Assert.Contains(configuration, told, StringComparison.Ordinal);
        }

        string latest = await network.MustAsync("block", "latest", "--json");
        ulong newest = JsonDocument.Parse(latest).RootElement.GetProperty("number").GetUInt64();
        string watched = await network.MustAsync("watch", "--from", "0", "--count", $"{newest + 1}", "--json");
        Assert.Equal(
            2, watched.Split('\n').Count(line => line.Contains("\"configuration\":true", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_is_wrong_with_a_receipt_is_said_and_has_its_exit_code()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        using var away = new AwayFolder();
        string content = Path.Combine(away.Path, "rain.csv");
        string receipt = Path.Combine(away.Path, "rain.receipt");
        string damaged = Path.Combine(away.Path, "damaged.receipt");
        await File.WriteAllTextAsync(content, "day,rain\n1,3.2\n");
        await network.MustAsync("put", content, "--key", "rain");
        await network.MustAsync("receipt", "rain", "-o", receipt);
        byte[] bytes = await File.ReadAllBytesAsync(receipt);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(damaged, bytes);
        await File.AppendAllTextAsync(content, "2,0.1\n");

        await SaysAsync(0, "genuine", "verify-receipt", receipt, "--dir", network.Folder);
        await SaysAsync(1, "is not what was recorded", "verify-receipt", receipt, "--dir", network.Folder,
            "--content", content);
        await SaysAsync(1, "of another channel or network", "verify-receipt", receipt,
            "--genesis", new string('a', 64));
        await SaysAsync(1, "checksum is wrong", "verify-receipt", damaged, "--dir", network.Folder);
        await SaysAsync(1, "3 are needed", "verify-receipt", receipt, "--dir", network.Folder, "--attesters", "3");
        await SaysAsync(2, "block 0", "verify-receipt", receipt);
        await SaysAsync(2, "64 hex digits", "verify-receipt", receipt, "--genesis", "abc");
        await SaysAsync(4, "no file", "verify-receipt", receipt + ".missing", "--dir", network.Folder);
        await SaysAsync(4, "no record", "receipt", "snow", "-o", damaged, "--dir", network.Folder);
        await SaysAsync(4, "is not on channel", "receipt", new string('a', 64), "-o", damaged, "--dir", network.Folder);
    }

    [Fact]
    public async Task A_light_client_watches_blocks_and_records_and_keeps_little()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string content = Path.Combine(network.Folder, "rain.csv");
        await File.WriteAllTextAsync(content, "day,rain\n1,3.2\n");
        string height = await network.MustAsync("block", "latest", "--json");
        ulong newest = JsonDocument.Parse(height).RootElement.GetProperty("number").GetUInt64();
        Task<string> watching = network.MustAsync(
            "watch", "--from", "0", "--count", $"{newest + 3}", "--json");
        await network.MustAsync("put", content, "--key", "first");
        await network.MustAsync("put", content, "--key", "second", "--org", "org2");

        JsonElement[] blocks =
        [
            .. (await watching).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement),
        ];

        Assert.Equal(
            Enumerable.Range(0, (int)newest + 3), blocks.Select(block => block.GetProperty("block").GetInt32()));
        Assert.Equal(
            ["first", "second"],
            blocks.TakeLast(2).Select(block => block.GetProperty("transactions")[0].GetProperty("records")[0]
                .GetProperty("key").GetString()));
        Assert.InRange(
            new FileInfo(Path.Combine(network.Folder, "light", "mychannel.state")).Length, 1, 16 * 1024);
        string again = await network.MustAsync("watch", "--from", "0", "--count", "1");
        Assert.Contains("block 0", again, StringComparison.Ordinal);
        string noEvidence = Path.Combine(network.Folder, "network.yaml");
        CliResult refused = await network.RunAsync("verify-evidence", noEvidence);
        Assert.Equal(1, refused.ExitCode);
    }

    private static async Task SaysAsync(int exitCode, string words, params string[] arguments)
    {
        CliResult result = await Cli.RunAsync(arguments);
        Assert.True(exitCode == result.ExitCode, $"{string.Join(' ', arguments)}: {result}");
        Assert.Contains(words, result.Output + result.Error, StringComparison.Ordinal);
    }

    /// <summary>A folder that knows nothing of the network, and a process in a namespace without one.</summary>
    private sealed class AwayFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("hyperprov-away-").FullName;

        /// <summary>
        /// Runs verify-receipt where no interface but an unconfigured loopback exists. A machine that gives no such
        /// namespace fails the test with its own words.
        /// </summary>
        public async Task<CliResult> VerifyAsync(params string[] arguments)
        {
            var start = new ProcessStartInfo("unshare")
            {
                WorkingDirectory = Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            string[] all =
                ["--map-root-user", "--net", "dotnet", Cli.Program, "verify-receipt", .. arguments];
            foreach (string argument in all)
                start.ArgumentList.Add(argument);

            using Process process = Process.Start(start)
                ?? throw new InvalidOperationException("unshare (util-linux) did not start");
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
            return new CliResult(process.ExitCode, await output, await error);
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}

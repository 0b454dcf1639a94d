using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Node.Client;
using Node.Client.Recording;
using Node.Client.Spooling;
using Node.Client.Storing;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.EndToEnd;

/// <summary>A device that is alone, dies, comes back, and finds its peers again.</summary>
public sealed class SpoolTests : IDisposable
{
    private const int Records = 100_000;
    private const int Sensors = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-spool-e2e-").FullName;

    private string SpoolFolder => Path.Combine(_folder, "spool");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_hundred_thousand_records_survive_reboots_and_commit_once_in_order_with_their_times()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await network.MustAsync("spool", "init", "--spool", SpoolFolder);
        await network.DownAsync();

        // The device loses power while it records, with the network far away.
        int acknowledged = await AddAndKillAsync(Records * 2 / 5);
        ulong kept = SequenceAfterReboot();
        Assert.InRange(kept, (ulong)acknowledged, (ulong)Records);
        await AddAsync(from: (int)kept);
        await network.MustAsync("spool", "verify", "--spool", SpoolFolder);

        // And again while it forwards.
        await network.UpAsync();
        await ForwardAndKillAsync(network, Records / 3);
        Assert.Equal(0, (await RunToEndAsync(network, "spool", "forward")).ExitCode);

        await EverythingIsOnTheLedgerAsync(network);
    }

    [Fact]
    public async Task A_forwarder_that_follows_waits_for_peers_and_for_more()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await network.MustAsync("spool", "init", "--spool", SpoolFolder);
        await AddHashesAsync("before", 700);
        foreach (string node in network.NodeNames())
            network.Kill(node);

        using Process forwarder = Start(network, "spool", "forward", "--follow");
        await UntilLineAsync(forwarder, line => line.Contains("Trying again", StringComparison.Ordinal));
        await AddHashesAsync("while away", 300);
        await network.UpAsync();
        await UntilLineAsync(
            forwarder, line => line.StartsWith("1000 of 1000 entries", StringComparison.Ordinal));
        await AddHashesAsync("and more", 5);
        await UntilLineAsync(
            forwarder, line => line.StartsWith("1005 of 1005 entries", StringComparison.Ordinal));
        forwarder.Kill();
        await forwarder.WaitForExitAsync();

        string status = await network.MustAsync("spool", "status", "--spool", SpoolFolder, "--json");
        Assert.Equal(0, JsonDocument.Parse(status).RootElement.GetProperty("waiting").GetInt32());
    }

    [Fact]
    public async Task Content_comes_to_where_its_record_says_before_the_record_does()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string shared = Path.Combine(_folder, "shared");
        await network.MustAsync("spool", "init", "--spool", SpoolFolder, "--location", shared);
        string file = Path.Combine(_folder, "reading.csv");
        await File.WriteAllTextAsync(file, "1,2,3\n");
        await Cli.MustAsync("spool", "add", file, "--key", "reading", "--spool", SpoolFolder);
        await Cli.MustAsync("spool", "verify", "--content", "--spool", SpoolFolder);
        Assert.False(Directory.Exists(shared));

        await network.MustAsync("spool", "forward", "--spool", SpoolFolder);

        string stored = Directory.GetFiles(Path.Combine(shared, "sha256"), "*", SearchOption.AllDirectories).Single();
        Assert.Equal("1,2,3\n", await File.ReadAllTextAsync(stored));
        string record = await network.MustAsync("get", "reading", "--json");
        Assert.StartsWith(
            new Uri(shared).AbsoluteUri, JsonDocument.Parse(record).RootElement.Text("location"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_spool_that_was_rolled_back_or_altered_is_found_out()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await network.MustAsync("spool", "init", "--spool", SpoolFolder);
        await AddHashesAsync("first", 3);
        string copy = Path.Combine(_folder, "copy");
        Copy(SpoolFolder, copy);
        await AddHashesAsync("second", 3);
        await network.MustAsync("spool", "forward", "--spool", SpoolFolder);

        CliResult rolledBack = await network.RunAsync("spool", "forward", "--spool", copy);
        Assert.Equal(1, rolledBack.ExitCode);
        Assert.Contains("it was put back to an earlier state", rolledBack.Error, StringComparison.Ordinal);

        await AddHashesAsync("another", 4, copy);
        CliResult forked = await network.RunAsync("spool", "forward", "--spool", copy);
        Assert.Equal(1, forked.ExitCode);
        Assert.Contains("is not the one in this spool", forked.Error, StringComparison.Ordinal);

        string segment = Directory.GetFiles(Path.Combine(copy, "segments"))[0];
        byte[] bytes = await File.ReadAllBytesAsync(segment);
        bytes[^100] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);
        CliResult altered = await Cli.RunAsync("spool", "verify", "--spool", copy);
        Assert.Equal(1, altered.ExitCode);
        Assert.Contains("entry 7: ", altered.Output, StringComparison.Ordinal);
    }

    private static string Line(int index)
    {
        string hash = Hash32.Of(Encoding.UTF8.GetBytes(index.ToString(CultureInfo.InvariantCulture))).ToString();
        return $$"""
            {"key":"sensor-{{index % Sensors:D2}}","hash":"{{hash}}","location":"file:///data","pointer":"{{index}}"}
            """;
    }

    /// <summary>Adds until so many are acknowledged, then pulls the plug.</summary>
    private async Task<int> AddAndKillAsync(int wanted)
    {
        using Process adding = StartAdding();
        Task feeding = FeedAsync(adding, from: 0);
        using var limit = new CancellationTokenSource(s_patience);
        int acknowledged = 0;
        while (acknowledged < wanted)
        {
            Assert.NotNull(await adding.StandardOutput.ReadLineAsync(limit.Token));
            acknowledged++;
        }

        adding.Kill();
        await adding.WaitForExitAsync(limit.Token);
        await Assert.ThrowsAnyAsync<IOException>(() => feeding);

        // What it had said before it died counts too.
        string[] rest = (await adding.StandardOutput.ReadToEndAsync(limit.Token)).Split('\n');
        return acknowledged + rest.Length - 1;
    }

    private async Task AddAsync(int from)
    {
        using Process adding = StartAdding();
        Task<string> said = adding.StandardOutput.ReadToEndAsync();
        await FeedAsync(adding, from);
        using var limit = new CancellationTokenSource(s_patience);
        await adding.WaitForExitAsync(limit.Token);
        Assert.Equal(Records - from, (await said).Split('\n').Length - 1);
    }

    private static async Task FeedAsync(Process adding, int from)
    {
        await using StreamWriter lines = adding.StandardInput;
        for (int index = from; index < Records; index++)
            await lines.WriteLineAsync(Line(index));
    }

    private Process StartAdding() => Start(null, "spool", "add", "--lines", "--group", "250");

    private async Task AddHashesAsync(string key, int count, string? spool = null)
    {
        using Process adding = Start(null, spool ?? SpoolFolder, ["spool", "add", "--lines", "--group", "100"]);
        Task<string> said = adding.StandardOutput.ReadToEndAsync();
        for (int index = 0; index < count; index++)
            await adding.StandardInput.WriteLineAsync($$"""{"key":"{{key}}","hash":"{{Hash32.Zero}}"}""");
        adding.StandardInput.Close();
        await adding.WaitForExitAsync();
        Assert.Equal(count, (await said).Split('\n').Length - 1);
    }

    /// <summary>Opening cuts off what was torn; the number is that of the last record that is there.</summary>
    private ulong SequenceAfterReboot()
    {
        using Spool spool = Spool.Open(SpoolFolder, TimeProvider.System);
        return spool.Sequence;
    }

    private async Task ForwardAndKillAsync(RunningNetwork network, int wanted)
    {
        using Process forwarder = Start(network, "spool", "forward");
        await UntilLineAsync(forwarder, line =>
            int.TryParse(line.Split(' ')[0], CultureInfo.InvariantCulture, out int sent) && sent >= wanted);
        forwarder.Kill();
        await forwarder.WaitForExitAsync();
    }

    private async Task<CliResult> RunToEndAsync(RunningNetwork network, params string[] arguments)
    {
        using Process process = Start(network, arguments);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return new CliResult(process.ExitCode, await output, await error);
    }

    private static async Task UntilLineAsync(Process process, Func<string, bool> wanted)
    {
        using var limit = new CancellationTokenSource(s_patience);
        var said = new StringBuilder();
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (wanted(line))
                return;
            said.AppendLine(line);
        }

        Assert.Fail($"the process ended before it said what was awaited:\n{said}");
    }

    private Process Start(RunningNetwork? network, params string[] arguments) =>
        Start(network, SpoolFolder, arguments);

    private Process Start(RunningNetwork? network, string spool, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] where = network is null ? ["--spool", spool] : ["--spool", spool, "--dir", network.Folder];
        foreach (string argument in (string[])[Cli.Program, .. arguments, .. where])
            start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }

    private async Task EverythingIsOnTheLedgerAsync(RunningNetwork network)
    {
        using Gateway gateway = Gateway.FromNetworkFolder(network.Folder, "org1", "User1");
        Contract contract = gateway.GetNetwork(ChannelId.Of("mychannel")).GetContract("hyperprov");
        await using var store = new FolderStore(Path.Combine(_folder, "none"));
        var provenance = new ProvenanceClient(contract, store);
        Dictionary<string, JournalEntry> journaled = SpoolStatus.Entries(SpoolFolder, 1)
            .ToDictionary(entry => entry.RecordId.Value, StringComparer.Ordinal);
        Assert.Equal(Records, journaled.Count);

        for (int sensor = 0; sensor < Sensors; sensor++)
        {
            int expected = sensor;
            await foreach (ProvenanceRecord record in provenance.HistoryAsync(
                $"sensor-{sensor:D2}", newestFirst: false, CancellationToken.None))
            {
                Assert.Equal(expected.ToString(CultureInfo.InvariantCulture), record.Pointer);
                Assert.Equal((ulong)expected + 1, record.JournalSequence);
                JournalEntry entry = journaled[record.TransactionId.Value];
                Assert.Equal(
                    entry.Place.Time, DateTimeOffset.Parse(record.OriginalTime, CultureInfo.InvariantCulture));
                expected += Sensors;
            }

            Assert.Equal(Records + sensor, expected);
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}

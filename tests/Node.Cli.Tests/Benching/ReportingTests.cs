using System.Text.Json;
using Node.Cli.Benching.Experiments;
using Node.Cli.Benching.Measuring;
using Node.Cli.Benching.Reporting;

namespace Node.Cli.Tests.Benching;

public sealed class ReportingTests : IDisposable
{
    private static readonly RunDescription s_run = new(
        new MachineDescription("a processor", 2, 8, "a system", "a runtime", "ext4", "1.0+abc"), "quick", "10 messages",
        "2 peers", "0.10 before the run, 2.00 after it", DateTimeOffset.UnixEpoch, "hyperprov bench multi A");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tables_become_CSV_that_keeps_every_cell()
    {
        var table = new ResultTable("t", ["name", "mean ms"]);
        table.Add("plain", 1.25);
        table.Add("with, comma and \"quotes\"", 3);
        table.Add("two\nlines", 123456.789);

        Assert.Equal(
            "name,mean ms\nplain,1.25\n\"with, comma and \"\"quotes\"\"\",3\n\"two\nlines\",123456.789\n",
            ResultFolder.ToCsv(table));
    }

    [Theory]
    [InlineData(100, 4, false, "× 25.0")]       // 100 ms there, 4 ms here.
    [InlineData(3000, 90_000, true, "× 30.0")]  // Transactions per minute.
    [InlineData(4, 20, false, "× 0.20")]        // Worse is said, too.
    [InlineData(4, 0, false, "–")]
    public void The_factor_says_how_many_times_better_ours_is(
        double thesis, double ours, bool isMoreBetter, string expected)
    {
        Assert.Equal(expected, ResultFolder.FactorText(new Comparison("w", "u", thesis, ours, isMoreBetter, "")));
    }

    [Fact]
    public void A_folder_holds_tables_charts_the_file_of_2019_and_a_summary()
    {
        var result = new ExperimentResult("A", "Batches", "How it was done.");
        var table = new ResultTable("batches", ["n", "tx/min"]);
        table.Add(10, 60_000.5);
        result.Tables.Add(table);
        result.Charts["rate"] = "<svg/>";
        result.Measurements["measurement"] = new MeasurementFile();
        result.Comparisons.Add(new Comparison("Peak", "tx/min", 3276, 60_000.5, IsMoreBetter: true, "of ten"));
        result.Notes.Add("A note.");
        var folder = new ResultFolder(_folder.File("out"));

        folder.Write(result);
        folder.WriteAll([result], s_run);

        Assert.Equal(
            ["a-batches.csv", "a-rate.svg", "measurement.json", "results.json", "summary.md"],
            Directory.EnumerateFiles(folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        string summary = File.ReadAllText(Path.Combine(folder.Path, "summary.md"));
        Assert.Contains("| Peak | tx/min | 3,276 | 60,001 | × 18.3 | of ten |", summary, StringComparison.Ordinal);
        Assert.Contains("![A, rate](a-rate.svg)", summary, StringComparison.Ordinal);
        Assert.Contains("a processor, 2 cores", summary, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, "results.json")));
        JsonElement experiment = json.RootElement.GetProperty("experiments")[0];
        Assert.Equal(18.3152, experiment.GetProperty("comparisons")[0].GetProperty("factor").GetDouble());
        Assert.Equal(60_000.5, experiment.GetProperty("tables")[0].GetProperty("rows")[0][1].GetDouble());
        Assert.Equal("1.0+abc", json.RootElement.GetProperty("machine").GetProperty("program").GetString());
    }

    [Fact]
    public void Steps_of_the_sweeps_are_those_of_the_thesis()
    {
        Assert.Equal([10, 13, 18, 24, 32], BenchScale.Standard.Batches().Take(5));
        Assert.Equal(10_000, BenchScale.Standard.Batches()[^1]);
        Assert.Equal([1000, 1100, 1210, 1331], BenchScale.Full.Sizes(BenchScale.Full.SizeMax).Take(4));
        Assert.Equal(6_000_000, BenchScale.Full.Sizes(BenchScale.Full.SizeMax)[^1]);
    }

    [Theory]
    [InlineData("bench single --count 0")]
    [InlineData("bench single --bytes 0")]
    [InlineData("bench single --in-flight 0")]
    [InlineData("bench single --in-flight 100000")]
    [InlineData("bench single --no-store --no-ledger")]
    [InlineData("bench multi Z")]
    [InlineData("bench multi A --quick --full")]
    [InlineData("bench load --seconds 0")]
    [InlineData("bench load --rate -1")]
    public async Task A_wrong_command_line_is_told_before_anything_is_measured(string line)
    {
        CommandRun run = await CommandRun.OfAsync(_folder.Path, line.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("bench single")]
    [InlineData("bench multi")]
    [InlineData("bench load")]
    public async Task Without_a_network_the_next_step_is_told(string line)
    {
        CommandRun run = await CommandRun.OfAsync(_folder.Path, line.Split(' '));

        Assert.Equal(4, run.ExitCode);
        Assert.Contains("network up", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Original_limits_need_a_network_that_has_them()
    {
        string file = Path.Combine(Directory.CreateDirectory(_folder.File("net")).FullName, "network.yaml");
        Membership.Topology.NetworkTopology.WriteDefault(file, 1, 7050, Membership.KeyType.P256);

        CommandRun run = await CommandRun.OfAsync(
            _folder.Path, "bench", "single", "--dir", "net", "--original-limits");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("10 messages, 512 KiB or 2 s", run.Error, StringComparison.Ordinal);
    }
}

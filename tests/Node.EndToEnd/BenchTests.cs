using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace Node.EndToEnd;

/// <summary>The experiments of the thesis on a real network, as small as they go.</summary>
public class BenchTests
{
    [Fact]
    public async Task Single_multi_and_load_measure_a_network_that_they_start_with_the_limits_of_2019()
    {
        await using var network = RunningNetwork.Prepare();
        string folder = Path.Combine(network.Folder, "results");

        await network.MustAsync(
            "bench", "single", "--count", "25", "--bytes", "500", "--start", "--original-limits", "--base-port",
            network.BasePort.ToString(CultureInfo.InvariantCulture), "--out", Path.Combine(folder, "single"));
        Assert.Contains(
            "maxMessageCount: 10 ", await File.ReadAllTextAsync(Path.Combine(network.Folder, "network.yaml")),
            StringComparison.Ordinal);
        Assert.Equal(26, File.ReadLines(Path.Combine(folder, "single", "transactions.csv")).Count());
        JsonElement original = await JsonAsync(Path.Combine(folder, "single", "single.json"));
        Assert.Equal("0 25 500", string.Join(' ', original.EnumerateArray().Skip(1).Take(3)));

        string told = await network.MustAsync(
            "bench", "multi", "A", "C", "D", "F", "--quick", "--original-limits", "--out",
            Path.Combine(folder, "multi"));
        Assert.Contains("getkeyhistory", told, StringComparison.Ordinal);
        JsonElement measurement = await JsonAsync(Path.Combine(folder, "multi", "measurement.json"));
        Assert.Equal(
            ["tavg", "tsd", "tmin", "respavg", "respsd", "fails", "tnum", "tsize", "samples"],
            measurement.EnumerateObject().Select(array => array.Name));
        Assert.Single(measurement.EnumerateObject().Select(array => array.Value.GetArrayLength()).Distinct());
        Assert.All(measurement.GetProperty("fails").EnumerateArray(), count => Assert.Equal(0, count.GetInt32()));
        AssertChartsAreValid(Path.Combine(folder, "multi"), atLeast: 5);
        AssertNodesWereWatched(Path.Combine(folder, "multi", "f-network.csv"));

        string load = await network.MustAsync(
            "bench", "load", "--seconds", "2", "--rate", "20", "--bytes", "100", "--out", Path.Combine(folder, "load"),
            "--json");
        Assert.Equal(
            "load", JsonDocument.Parse(load).RootElement.GetProperty("run").GetProperty("experiments")[0]
                .GetProperty("title").GetString(), ignoreCase: true);
        AssertChartsAreValid(Path.Combine(folder, "load"), atLeast: 3);
        Assert.False(Directory.Exists(Path.Combine(folder, "load", "contents")));   // Nothing stored is left behind.
    }

    private static async Task<JsonElement> JsonAsync(string file) =>
        JsonDocument.Parse(await File.ReadAllTextAsync(file)).RootElement;

    private static void AssertChartsAreValid(string folder, int atLeast)
    {
        string[] charts = Directory.GetFiles(folder, "*.svg");
        Assert.True(charts.Length >= atLeast, $"{charts.Length} charts in {folder}");
        Assert.All(charts, chart => Assert.Equal("svg", XDocument.Load(chart).Root?.Name.LocalName));
    }

    // At 25 tx/s every node has something to say.
    private static void AssertNodesWereWatched(string csv)
    {
        string[][] rows = [.. File.ReadLines(csv).Where(line => line.StartsWith("25 tx/s,", StringComparison.Ordinal))
            .Select(line => line.Split(','))];
        Assert.Equal(4, rows.Length);
        Assert.All(rows, row => Assert.True(
            double.Parse(row[3], CultureInfo.InvariantCulture) > 0, string.Join(',', row)));
    }
}

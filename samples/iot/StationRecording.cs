using System.Diagnostics;
using System.Globalization;
using System.Text;
using Node.Client.Recording;
using Node.Protocol;

namespace Samples.Iot;

/// <summary>
/// Records one station: its days in batches of 30 lines, and after every third batch an analysis that is derived from
/// these batches and the analysis before it, across files and years.
/// </summary>
/// <remarks>
/// What is on the ledger already is not recorded again: after a stop anywhere, or when a year was added, it goes on
/// where the ledger ends.
/// </remarks>
internal sealed class StationRecording(ProvenanceClient provenance, string station)
{
    private const int LinesPerBatch = 30;
    private const int BatchesPerAnalysis = 3;
    private const string Heading = "from,to,days,mean_f,highest_f,lowest_f,mean_wind_kn\n";

    private readonly List<ProvenanceRecord> _batchesThere = [];
    private readonly List<ProvenanceRecord> _analysesThere = [];
    private readonly List<GsodLine> _waiting = [];   // Days since the last analysis.
    private readonly List<TxId> _parents = [];       // Their batches.
    private readonly StringBuilder _analysis = new(Heading);
    private TxId _lastAnalysis;
    private int _batches;
    private int _analyses;

    public int Batches => _batches;

    public int Analyses => _analyses;

    /// <summary>Records that this run wrote.</summary>
    public int Written { get; private set; }

    /// <summary>How long the lineage of each analysis took, in milliseconds.</summary>
    public List<double> LineageTimes { get; } = [];

    private string AnalysisKey => station + "_analysed";

    public async Task RunAsync(IEnumerable<GsodFile> years)
    {
        await ReadWhatIsThereAsync(station, _batchesThere);
        await ReadWhatIsThereAsync(AnalysisKey, _analysesThere);
        foreach (GsodFile year in years)
        {
            // The last batch of a year is shorter; nothing waits for a next year that may never come.
            foreach (GsodLine[] batch in year.Read().Chunk(LinesPerBatch))
                await TakeAsync(batch);
        }
    }

    private async Task TakeAsync(GsodLine[] batch)
    {
        GsodLine last = batch[^1];
        string description =
            $"YMD: {last.Date}  T: {last.Temperature}  MaxT: {last.Highest}  MinT: {last.Lowest}  Wind: {last.Wind}  "
            + $"MaxWind: {last.StrongestWind}";
        string content = string.Concat(batch.Select(day => day.Text + "\n"));
        _parents.Add(await RecordAsync(
            station, content, new PutOptions { Description = description, Type = "Batch" }, _batchesThere, _batches++));
        _waiting.AddRange(batch);
        if (_batches % BatchesPerAnalysis == 0)
            await AnalyseAsync();
    }

    private async Task AnalyseAsync()
    {
        _analysis.Append(Row(_waiting)).Append('\n');
        if (!_lastAnalysis.IsNone)
            _parents.Add(_lastAnalysis);
        var options = new PutOptions
        {
            Description = $"Modification on {station}",
            Type = "Analysis",
            DependsOn = [.. _parents.Select(parent => parent.Value)],
        };
        _lastAnalysis = await RecordAsync(
            AnalysisKey, _analysis.ToString(), options, _analysesThere, _analyses++);
        _waiting.Clear();
        _parents.Clear();

        long began = Stopwatch.GetTimestamp();
        Lineage lineage = await provenance.LineageAsync(
            _lastAnalysis.Value, LineageDirection.Up, depth: 1000, CancellationToken.None);
        LineageTimes.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        if (lineage.Missing.Count > 0)
            throw new SampleFault($"{lineage.Missing.Count} ancestors of {_lastAnalysis} are not on the ledger");
    }

    /// <summary>Stores and records; or finds that this very step was taken before.</summary>
    private async Task<TxId> RecordAsync(
        string key, string content, PutOptions options, List<ProvenanceRecord> there, int step)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(content);
        if (step < there.Count)
        {
            return there[step].Hash == Hash32.Of(bytes).ToString()
                ? there[step].TransactionId
                : throw new SampleFault(
                    $"the ledger has other data as record {step + 1} of {key}: use a network of its own for them");
        }

        using var stream = new MemoryStream(bytes);
        PutResult result = await provenance.PutAsync(key, stream, options, CancellationToken.None);
        Written++;
        return result.TransactionId;
    }

    private async Task ReadWhatIsThereAsync(string key, List<ProvenanceRecord> records)
    {
        await foreach (ProvenanceRecord record in provenance.HistoryAsync(
            key, newestFirst: false, CancellationToken.None))
            records.Add(record);
    }

    private static string Row(List<GsodLine> days) => string.Create(
        CultureInfo.InvariantCulture,
        $"{days[0].Date},{days[^1].Date},{days.Count},{Mean(days, day => day.Temperature, GsodLine.Missing)},"
        + $"{Known(days, day => day.Highest).Max()},{Known(days, day => day.Lowest).Min()},"
        + $"{Mean(days, day => day.Wind, GsodLine.MissingWind)}");

    private static string Mean(List<GsodLine> days, Func<GsodLine, decimal> value, decimal missing)
    {
        decimal[] known = [.. days.Select(value).Where(one => one != missing)];
        return known.Length == 0 ? "" : decimal.Round(known.Average(), 2).ToString(CultureInfo.InvariantCulture);
    }

    private static IEnumerable<decimal?> Known(List<GsodLine> days, Func<GsodLine, decimal> value) =>
        days.Select(value).Where(one => one != GsodLine.Missing).Select(one => (decimal?)one);
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Node.Cli.Benching.Measuring;

/// <summary>
/// <c>measurement.json</c> as the benchmark of 2019 wrote it, for its own plot.py: nine equally long arrays, one entry
/// per iteration.
/// </summary>
/// <remarks>
/// The first five are texts with two decimals: mean and standard deviation of an iteration's total milliseconds,
/// transactions per minute, mean and standard deviation of the response milliseconds. Then numbers: failures,
/// transactions, bytes, samples. Standard deviations are those of the whole population.
/// </remarks>
internal sealed class MeasurementFile
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    [JsonPropertyName("tavg")]
    public List<string> TotalMean { get; } = [];

    [JsonPropertyName("tsd")]
    public List<string> TotalDeviation { get; } = [];

    [JsonPropertyName("tmin")]
    public List<string> PerMinute { get; } = [];

    [JsonPropertyName("respavg")]
    public List<string> ResponseMean { get; } = [];

    [JsonPropertyName("respsd")]
    public List<string> ResponseDeviation { get; } = [];

    [JsonPropertyName("fails")]
    public List<int> Failures { get; } = [];

    [JsonPropertyName("tnum")]
    public List<int> Transactions { get; } = [];

    [JsonPropertyName("tsize")]
    public List<long> Bytes { get; } = [];

    [JsonPropertyName("samples")]
    public List<int> Samples { get; } = [];

    /// <param name="count">Transactions of one sample.</param>
    /// <param name="bytes">Length of the content of each.</param>
    public void Add(IReadOnlyList<RunTimes> samples, int count, long bytes)
    {
        var totals = Summary.Of(samples.Select(sample => sample.Milliseconds));
        Summary responses = RunTimes.Join(samples).Response;
        TotalMean.Add(Text(totals.Mean));
        TotalDeviation.Add(Text(totals.StandardDeviation));
        PerMinute.Add(Text(totals.Mean > 0 ? count / (totals.Mean / 1000) * 60 : 0));
        ResponseMean.Add(Text(responses.Mean));
        ResponseDeviation.Add(Text(responses.StandardDeviation));
        Failures.Add(samples.Sum(sample => sample.Failures));
        Transactions.Add(count);
        Bytes.Add(bytes);
        Samples.Add(samples.Count);
    }

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    private static string Text(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}

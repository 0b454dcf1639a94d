using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Node.Hosting.Operating;

/// <summary>All series of one metric: one per set of labels.</summary>
/// <remarks>Any thread. Instruments of the same name share it.</remarks>
internal sealed class MetricFamily
{
    private static readonly double[] s_secondsBounds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Lock _lock = new();   // Protects what _series points to, while a series is added.
    private readonly string _name;
    private readonly string _description;
    private readonly MetricKind _kind;
    private readonly bool _isObserved;
    private readonly double[] _bounds;

    // Replaced whole, so that a measurement finds its series without a lock and without building a key.
    private volatile MetricSeries[] _series = [];

    public MetricFamily(string name, Instrument instrument)
    {
        _name = name;
        _description = instrument.Description ?? "";
        _isObserved = instrument.IsObservable;
        _kind = instrument switch
        {
            Counter<int> or Counter<long> or Counter<double> => MetricKind.Counter,
            ObservableCounter<int> or ObservableCounter<long> or ObservableCounter<double> => MetricKind.Counter,
            UpDownCounter<int> or UpDownCounter<long> or UpDownCounter<double> => MetricKind.Level,
            Histogram<int> or Histogram<long> or Histogram<double> => MetricKind.Histogram,
            _ => MetricKind.Gauge,
        };
        _bounds = _kind == MetricKind.Histogram ? BoundsOf(instrument) : [];
    }

    /// <param name="round">Of printing. An observed value is printed in the round that observed it alone.</param>
    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, long round)
    {
        MetricSeries series = Find(_series, tags) ?? Add(tags);
        if (_kind == MetricKind.Histogram)
            series.Sort(value, _bounds);
        else if (_isObserved || _kind == MetricKind.Gauge)
            series.Set(value, round);
        else
            series.Add(value);
    }

    public void Print(StringBuilder text, long round)
    {
        MetricSeries[] series = _series;
        if (!Array.Exists(series, one => IsPrinted(one, round)))
            return;

        text.Append("# HELP ").Append(_name).Append(' ').Append(Escape(_description, quotes: false)).Append('\n');
        text.Append("# TYPE ").Append(_name).Append(' ').Append(_kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Histogram => "histogram",
            _ => "gauge",
        }).Append('\n');
        foreach (MetricSeries one in series)
        {
            if (!IsPrinted(one, round))
                continue;

            if (_kind == MetricKind.Histogram)
                one.PrintHistogram(text, _name, _bounds);
            else
                one.PrintValue(text, _name);
        }
    }

    private bool IsPrinted(MetricSeries series, long round) => !_isObserved || series.Round == round;

    private static MetricSeries? Find(MetricSeries[] all, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (MetricSeries series in all)
        {
            if (series.Carries(tags))
                return series;
        }

        return null;
    }

    private MetricSeries Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            if (Find(_series, tags) is { } meanwhile)
                return meanwhile;

            var added = new MetricSeries(tags.ToArray(), LabelsOf(tags), _bounds.Length);
            MetricSeries[] next = [.. _series, added];
            Array.Sort(next, static (one, other) => string.CompareOrdinal(one.Labels, other.Labels));
            _series = next;
            return added;
        }
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach ((string label, object? value) in tags)
        {
            labels.Append(labels.Length == 0 ? "" : ",").Append(MetricsText.Spell(label)).Append("=\"");
            string words = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            labels.Append(Escape(words, quotes: true)).Append('"');
        }

        return labels.ToString();
    }

    private static string Escape(string text, bool quotes)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static double[] BoundsOf(Instrument instrument)
    {
        double[]? advised = instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries?.ToArray(),
            Histogram<long> histogram => Widen(histogram.Advice?.HistogramBucketBoundaries),
            Histogram<int> histogram => Widen(histogram.Advice?.HistogramBucketBoundaries),
            _ => null,
        };
        return advised is { Length: > 0 } ? advised : s_secondsBounds;
    }

    private static double[]? Widen<T>(IReadOnlyList<T>? bounds)
        where T : IConvertible =>
        bounds?.Select(bound => bound.ToDouble(CultureInfo.InvariantCulture)).ToArray();
}

/// <summary>How measurements become a value.</summary>
internal enum MetricKind
{
    /// <summary>The last one is the value.</summary>
    Gauge,

    /// <summary>A sum that may fall.</summary>
    Level,

    /// <summary>A sum that never falls.</summary>
    Counter,

    /// <summary>Counts by size.</summary>
    Histogram,
}

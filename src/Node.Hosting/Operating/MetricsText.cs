using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Node.Hosting.Operating;

/// <summary>Sums the measurements of some meters and prints them in the Prometheus text format.</summary>
/// <remarks>Any thread. Label sets come from code alone, so their number is bounded.</remarks>
public sealed class MetricsText : IDisposable
{
    private readonly Lock _lock = new();   // Protects _series.
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    /// <param name="meterNames">Ours, and System.Runtime for memory and collections.</param>
    public MetricsText(params string[] meterNames)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meterNames.Contains(instrument.Meter.Name))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public string Print()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        string lastName = "";
        lock (_lock)
        {
            foreach ((string key, Series series) in _series)
            {
                if (series.Name != lastName)
                {
                    text.Append("# HELP ").Append(series.Name).Append(' ').Append(series.Description).Append('\n');
                    text.Append("# TYPE ").Append(series.Name).Append(series.IsCounter ? " counter\n" : " gauge\n");
                    lastName = series.Name;
                }

                string value = series.Value.ToString("R", CultureInfo.InvariantCulture);
                text.Append(key).Append(' ').Append(value).Append('\n');
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string key = KeyOf(Spell(instrument.Name), tags);
        lock (_lock)
        {
            if (!_series.TryGetValue(key, out Series? series))
            {
                series = new Series(Spell(instrument.Name), instrument);
                _series.Add(key, series);
            }

            series.Value = series.IsSum ? series.Value + value : value;
        }
    }

    // Prometheus knows no dots.
    private static string Spell(string name) => name.Replace('.', '_');

    private static string KeyOf(string name, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
            return name;

        var key = new StringBuilder(name);
        char separator = '{';
        foreach ((string label, object? value) in tags)
        {
            key.Append(separator).Append(Spell(label)).Append("=\"").Append(value).Append('"');
            separator = ',';
        }

        return key.Append('}').ToString();
    }

    private sealed class Series(string name, Instrument instrument)
    {
        public string Name => name;

        public string Description => instrument.Description ?? "";

        /// <summary>
        /// Measurements are increments. Others, observed ones included, replace what was measured before.
        /// </summary>
        public bool IsSum { get; } = instrument is Counter<long> or Counter<double>;

        public bool IsCounter { get; } = instrument is
            Counter<long> or Counter<double> or ObservableCounter<long> or ObservableCounter<double>;

        public double Value { get; set; }
    }
}

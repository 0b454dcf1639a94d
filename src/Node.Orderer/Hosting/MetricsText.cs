using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Node.Orderer.Hosting;

/// <summary>Keeps the current figures of one meter and writes them in the text format of Prometheus.</summary>
/// <remarks>Any thread. Label sets are few: channels and statuses.</remarks>
internal sealed class MetricsText : IDisposable
{
    private readonly ConcurrentDictionary<string, double> _values = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public MetricsText(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter, meter))
                return;

            _instruments[instrument.Name] = instrument;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public string Print()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (Instrument instrument in _instruments.Values.OrderBy(known => known.Name, StringComparer.Ordinal))
        {
            string type = IsCounter(instrument) ? "counter" : "gauge";
            text.Append("# HELP ").Append(instrument.Name).Append(' ').Append(instrument.Description).Append('\n');
            text.Append("# TYPE ").Append(instrument.Name).Append(' ').Append(type).Append('\n');
            foreach ((string name, double value) in _values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                if (name.StartsWith(instrument.Name + '{', StringComparison.Ordinal))
                    text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private static bool IsCounter(Instrument instrument) => instrument is Counter<long> or Counter<double>;

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = new StringBuilder(instrument.Name).Append('{');
        foreach (KeyValuePair<string, object?> tag in tags)
            series.Append(CultureInfo.InvariantCulture, $"{(series[^1] == '{' ? "" : ",")}{tag.Key}=\"{tag.Value}\"");

        string name = series.Append('}').ToString();
        if (IsCounter(instrument))
            _values.AddOrUpdate(name, value, (_, sum) => sum + value);
        else
            _values[name] = value;
    }
}

using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Node.Hosting.Operating;

/// <summary>Collects the measurements of some meters and prints them in the Prometheus text format 0.0.4.</summary>
/// <remarks>
/// Any thread. It listens to the very meters it was given, so that several nodes in one process stay apart. Label sets
/// come from code alone, so their number is bounded.
/// </remarks>
public sealed class MetricsText : IDisposable
{
    /// <summary>Memory, collections and threads of this process; the runtime has one such meter.</summary>
    public const string RuntimeMeterName = "System.Runtime";

    private readonly Lock _lock = new();   // Protects _families, and lets one print at a time.
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private long _round;   // Of printing; what is observed belongs to one.

    /// <param name="meters">Owned by others.</param>
    public MetricsText(params Meter[] meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Contains(instrument.Meter) || instrument.Meter.Name == RuntimeMeterName)
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => Take(value, tags, family));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Take(value, tags, family));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Take(value, tags, family));
        _listener.Start();
    }

    public string Print()
    {
        var text = new StringBuilder();
        lock (_lock)
        {
            Volatile.Write(ref _round, _round + 1);
            Observe();
            foreach (MetricFamily family in _families.Values)
                family.Print(text, _round);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Observe()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException)
        {
            // All were asked; what could not be read, such as a ledger being closed, is left out of this round.
        }
    }

    private MetricFamily FamilyOf(Instrument instrument)
    {
        lock (_lock)
        {
            string name = Spell(instrument.Name);
            if (!_families.TryGetValue(name, out MetricFamily? family))
                _families.Add(name, family = new MetricFamily(name, instrument));

            return family;
        }
    }

    private void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? family) =>
        ((MetricFamily)family!).Take(value, tags, Volatile.Read(ref _round));   // Given when it was enabled.

    /// <summary>Prometheus knows letters, digits, underscores and colons.</summary>
    internal static string Spell(string name)
    {
        string spelt = string.Create(name.Length, name, static (span, from) =>
        {
            for (int index = 0; index < span.Length; index++)
                span[index] = char.IsAsciiLetterOrDigit(from[index]) || from[index] == ':' ? from[index] : '_';
        });
        return spelt.Length > 0 && char.IsAsciiDigit(spelt[0]) ? "_" + spelt : spelt;
    }

    internal static string Spell(double value) => double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : double.IsNaN(value) ? "NaN"
        : value.ToString("R", CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text;

namespace Node.Hosting.Operating;

/// <summary>One metric with one set of labels.</summary>
/// <param name="tags">Its labels as instruments give them, in this order.</param>
/// <param name="labels">The same as Prometheus writes them, without braces; empty for none.</param>
/// <param name="boundCount">Of a histogram; 0 otherwise.</param>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] tags, string labels, int boundCount)
{
    private readonly Lock _lock = new();   // Protects all below.
    private readonly long[] _buckets = new long[boundCount + 1];
    private double _value;   // Of a histogram, the sum.
    private long _round;

    public string Labels => labels;

    /// <summary>When the value was set last.</summary>
    public long Round => Volatile.Read(ref _round);

    public bool Carries(ReadOnlySpan<KeyValuePair<string, object?>> asked)
    {
        if (asked.Length != tags.Length)
            return false;

        for (int index = 0; index < tags.Length; index++)
        {
            if (tags[index].Key != asked[index].Key || !Equals(tags[index].Value, asked[index].Value))
                return false;
        }

        return true;
    }

    public void Add(double value)
    {
        lock (_lock)
            _value += value;
    }

    public void Set(double value, long round)
    {
        lock (_lock)
        {
            _value = value;
            Volatile.Write(ref _round, round);
        }
    }

    /// <summary>Counts a value in the first bucket whose bound is not below it.</summary>
    public void Sort(double value, double[] bounds)
    {
        int bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
            bucket++;

        lock (_lock)
        {
            _buckets[bucket]++;
            _value += value;
        }
    }

    public void PrintValue(StringBuilder text, string name)
    {
        double value;
        lock (_lock)
            value = _value;

        Line(text, name, suffix: "", bound: null).Append(MetricsText.Spell(value)).Append('\n');
    }

    public void PrintHistogram(StringBuilder text, string name, double[] bounds)
    {
        lock (_lock)
        {
            long upTo = 0;
            for (int index = 0; index < _buckets.Length; index++)
            {
                upTo += _buckets[index];
                double bound = index < bounds.Length ? bounds[index] : double.PositiveInfinity;
                Line(text, name, "_bucket", MetricsText.Spell(bound))
                    .Append(upTo.ToString(CultureInfo.InvariantCulture)).Append('\n');
            }

            Line(text, name, "_sum", bound: null).Append(MetricsText.Spell(_value)).Append('\n');
            Line(text, name, "_count", bound: null)
                .Append(upTo.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }
    }

    private StringBuilder Line(StringBuilder text, string name, string suffix, string? bound)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0 || bound is not null)
        {
            text.Append('{').Append(labels);
            if (bound is not null)
                text.Append(labels.Length > 0 ? "," : "").Append("le=\"").Append(bound).Append('"');
            text.Append('}');
        }

        return text.Append(' ');
    }
}

using System.Globalization;

namespace Node.Cli.Benching.Charts;

/// <summary>One axis: what it shows, in which unit, and how values lie on it.</summary>
/// <param name="Label">With the unit: "response, ms".</param>
/// <param name="IsLogarithmic">Values of 0 and below have no place on such an axis.</param>
internal sealed record ChartAxis(string Label, bool IsLogarithmic);

/// <summary>Maps values to places on the paper, and names round values for the ticks.</summary>
internal sealed class ChartScale
{
    private const int TicksWanted = 6;

    private readonly bool _isLogarithmic;
    private readonly double _min;
    private readonly double _max;
    private readonly double _from;
    private readonly double _to;

    /// <param name="from">Place of the least value.</param>
    /// <param name="to">Place of the greatest value; may be less than <paramref name="from"/>.</param>
    public ChartScale(ChartAxis axis, IEnumerable<double> values, double from, double to)
    {
        _isLogarithmic = axis.IsLogarithmic;
        _from = from;
        _to = to;
        double[] usable = [.. values.Where(value => double.IsFinite(value) && (!_isLogarithmic || value > 0))];
        double least = usable.Length > 0 ? usable.Min() : 1;
        double greatest = usable.Length > 0 ? usable.Max() : 1;
        if (_isLogarithmic)
        {
            _min = least;
            _max = Math.Max(greatest, least * 10);
            Ticks = LogarithmicTicks();
            _min = Math.Min(_min, Ticks[0]);
            _max = Math.Max(_max, Ticks[^1]);
        }
        else
        {
            _min = Math.Min(0, least);
            _max = Math.Max(greatest, _min + 1e-9);
            Ticks = LinearTicks();
            _max = Math.Max(_max, Ticks[^1]);
        }
    }

    /// <summary>Round values from the least to the greatest, at least two.</summary>
    public IReadOnlyList<double> Ticks { get; }

    public bool Holds(double value) => double.IsFinite(value) && (!_isLogarithmic || value > 0);

    public double Place(double value)
    {
        double share = _isLogarithmic
            ? (Math.Log10(value) - Math.Log10(_min)) / (Math.Log10(_max) - Math.Log10(_min))
            : (value - _min) / (_max - _min);
        return _from + (Math.Clamp(share, 0, 1) * (_to - _from));
    }

    /// <summary>Short and exact: 250, 2.5k, 6M.</summary>
    public static string Text(double value)
    {
        (double divisor, string suffix) = Math.Abs(value) switch
        {
            >= 1e9 => (1e9, "G"),
            >= 1e6 => (1e6, "M"),
            >= 1e4 => (1e3, "k"),
            _ => (1.0, ""),
        };
        return (value / divisor).ToString("0.####", CultureInfo.InvariantCulture) + suffix;
    }

    private List<double> LinearTicks()
    {
        double rough = (_max - _min) / TicksWanted;
        double magnitude = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = magnitude * (rough / magnitude) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        var ticks = new List<double>();
        for (double index = Math.Floor(_min / step); ticks.Count < 2 || ticks[^1] < _max - (step * 1e-9); index++)
            ticks.Add(index * step);

        return ticks;
    }

    private List<double> LogarithmicTicks()
    {
        int first = (int)Math.Floor(Math.Log10(_min) + 1e-9);
        int last = (int)Math.Ceiling(Math.Log10(_max) - 1e-9);
        double[] within = last - first <= 2 ? [1, 2, 5] : [1];
        var ticks = new List<double>();
        for (int decade = first; decade <= last; decade++)
        {
            foreach (double digit in within)
            {
                double tick = digit * Math.Pow(10, decade);
                if (tick <= Math.Pow(10, last) * (1 + 1e-9))
                    ticks.Add(tick);
            }
        }

        // No more empty paper than up to the next tick on each side.
        while (ticks.Count > 2 && ticks[1] <= _min)
            ticks.RemoveAt(0);
        while (ticks.Count > 2 && ticks[^2] >= _max)
            ticks.RemoveAt(ticks.Count - 1);

        return ticks;
    }
}

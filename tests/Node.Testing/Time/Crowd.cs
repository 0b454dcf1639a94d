using System.Globalization;

namespace Node.Testing.Time;

/// <summary>How many other programs want this machine's processors while a duration is measured.</summary>
public static class Crowd
{
    /// <summary>
    /// How much slower than promised this machine may be now: 1, unless other programs want several times its
    /// processors.
    /// </summary>
    /// <remarks>The network of the bad days alone has up to three processes waiting for each processor.</remarks>
    public static double Factor()
    {
        string average = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        double waiting = double.Parse(average, CultureInfo.InvariantCulture) / Environment.ProcessorCount;
        return Math.Max(1, waiting / 4);
    }
}

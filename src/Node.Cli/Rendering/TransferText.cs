using System.Globalization;

namespace Node.Cli.Rendering;

/// <summary>How far a transfer is, as a line with a bar. Any thread may report.</summary>
internal sealed class TransferText(string doing, long bytesAll, TimeProvider clock, Action<string> say)
{
    private const int BarWidth = 24;

    // The line is read by a person: more often than this is flicker, and costs.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly long _begun = clock.GetTimestamp();
    private long _bytes;
    private long _saidAt;   // Ticks since the beginning; updated by whoever says a line.

    public void Add(long bytes) => Show(Interlocked.Add(ref _bytes, bytes), more: "");

    /// <param name="bytes">In all so far.</param>
    /// <param name="more">At the end of the line: "12 of 340 files".</param>
    public void Show(long bytes, string more)
    {
        long now = clock.GetElapsedTime(_begun).Ticks;
        long said = Volatile.Read(ref _saidAt);
        if (now - said < s_pause.Ticks || Interlocked.CompareExchange(ref _saidAt, now, said) != said)
            return;

        double part = bytesAll <= 0 ? 0 : Math.Min(1, (double)bytes / bytesAll);
        int full = (int)(part * BarWidth);
        double seconds = Math.Max(0.001, TimeSpan.FromTicks(now).TotalSeconds);
        string bar = bytesAll <= 0
            ? Size(bytes)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{new string('━', full)}{new string('─', BarWidth - full)} {part * 100:0} % of {Size(bytesAll)}");
        say($"{doing} {bar}, {Size((long)(bytes / seconds))}/s{(more.Length > 0 ? ", " + more : "")}");
    }

    public static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
            value /= 1024;

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {units[unit]}");
    }
}

/// <summary>Tells on the thread that reports, at once: nothing is queued.</summary>
internal sealed class TellingProgress<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}

using System.Buffers;
using System.Globalization;

namespace Node.Membership.Channels;

/// <summary>
/// Durations as Go writes them: "2s", "250ms", "1m30s", "1.5h". Fabric's configuration carries them as text.
/// </summary>
internal static class GoDuration
{
    // Longest names first, so that "ms" is not read as minutes.
    private static readonly (string Unit, decimal Ticks)[] s_units =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond),
        ("µs", TimeSpan.TicksPerMicrosecond), ("ns", 0.01m), ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");
    private static readonly decimal s_ticksMax = TimeSpan.FromDays(365).Ticks;

    /// <summary>Takes durations from 0 to a year.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length is 0 or > 64)
            return false;

        decimal ticks = 0;
        ReadOnlySpan<char> rest = text;
        while (rest.Length > 0)
        {
            int digits = rest.IndexOfAnyExcept(s_digits);
            if (digits is <= 0 or > 16
                || !TryParseNumber(rest[..digits], out decimal n)
                || !TryTakeUnit(rest[digits..], out decimal unit, out int unitChars))
                return false;

            ticks += n * unit;
            if (ticks > s_ticksMax)
                return false;

            rest = rest[(digits + unitChars)..];
        }

        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>In the largest unit that leaves no fraction, milliseconds at the least.</summary>
    public static string Format(TimeSpan duration) =>
        duration.Ticks % TimeSpan.TicksPerSecond == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalSeconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalMilliseconds}ms");

    private static bool TryParseNumber(ReadOnlySpan<char> text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    private static bool TryTakeUnit(ReadOnlySpan<char> text, out decimal ticks, out int chars)
    {
        foreach ((string unit, decimal unitTicks) in s_units)
        {
            if (text.StartsWith(unit, StringComparison.Ordinal))
            {
                ticks = unitTicks;
                chars = unit.Length;
                return true;
            }
        }

        ticks = 0;
        chars = 0;
        return false;
    }
}

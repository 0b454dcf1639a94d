using System.Globalization;

namespace Node.Ca.Answering;

/// <summary>
/// Moments as Fabric CA's clients write them: RFC 3339, "now", or a distance from now such as "-30d".
/// </summary>
internal static class TimeText
{
    private const int DistanceDigitsMax = 9;

    /// <param name="time">Null for empty text, and for Go's zero time, which stands for none.</param>
    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset? time)
    {
        time = null;
        if (text.Length == 0)
            return true;
        if (text == "now")
        {
            time = now;
            return true;
        }

        if (text[0] is '+' or '-')
            return TryDistance(text, now, out time);
        if (text.Length < "2019-05-27".Length
            || text[4] != '-'
            || !DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset parsed))
            return false;

        time = parsed.Year == 1 ? null : parsed.ToUniversalTime();
        return true;
    }

    private static bool TryDistance(string text, DateTimeOffset now, out DateTimeOffset? time)
    {
        time = null;
        if (text.Length < "-1d".Length)
            return false;

        string digits = text[1..^1];
        if (digits.Length > DistanceDigitsMax
            || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long count))
            return false;

        long seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        if (seconds == 0)
            return false;

        long distance = checked(count * seconds) * (text[0] == '-' ? -1 : 1);
        long limit = distance < 0
            ? (now - DateTimeOffset.MinValue).Ticks / TimeSpan.TicksPerSecond
            : (DateTimeOffset.MaxValue - now).Ticks / TimeSpan.TicksPerSecond;
        if (Math.Abs(distance) > limit)
            return false;

        time = now.AddSeconds(distance);
        return true;
    }
}

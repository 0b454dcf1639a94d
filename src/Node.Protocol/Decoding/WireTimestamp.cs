namespace Node.Protocol.Decoding;

/// <summary>A google.protobuf.Timestamp as it travelled, in range or not.</summary>
public readonly record struct WireTimestamp(long Seconds, int Nanos)
{
    private const int NanosPerTick = 100;
    private const long SecondsMin = -62_135_596_800;   // 0001-01-01
    private const long SecondsMax = 253_402_300_799;   // 9999-12-31 23:59:59

    /// <summary>
    /// False when it is outside of the years 1 to 9999 or its nanoseconds are no fraction of a second.
    /// </summary>
    public bool TryToDateTimeOffset(out DateTimeOffset time)
    {
        bool valid = Seconds is >= SecondsMin and <= SecondsMax && Nanos is >= 0 and < 1_000_000_000;
        time = valid ? DateTimeOffset.FromUnixTimeSeconds(Seconds).AddTicks(Nanos / NanosPerTick) : default;
        return valid;
    }

    internal static bool TryRead(ReadOnlySpan<byte> bytes, Slice message, out WireTimestamp timestamp)
    {
        long seconds = 0;
        int nanos = 0;
        WireReader reader = WireReader.Inside(bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryInt64(out seconds);
            else if (reader.Field == 2)
                reader.TryInt32(out nanos);
        }

        timestamp = new WireTimestamp(seconds, nanos);
        return !reader.Failed;
    }
}

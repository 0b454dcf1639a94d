namespace Node.Membership.Certificates;

/// <summary>UTCTime and GeneralizedTime as RFC 5280, 4.1.2.5 allows them: seconds present, UTC, no fraction.</summary>
internal static class DerTime
{
    public static bool TryRead(ref DerReader reader, out DateTimeOffset time)
    {
        time = default;
        if (!reader.TryRead(out DerElement element))
            return false;

        ReadOnlySpan<byte> text = element.Content.Span;
        if (element.Tag == DerTag.UtcTime && text.Length == 13 && TryNumber(text[..2], out int year))
            return TryCompose(year < 50 ? 2000 + year : 1900 + year, text[2..], out time);

        return element.Tag == DerTag.GeneralizedTime
            && text.Length == 15
            && TryNumber(text[..4], out year)
            && TryCompose(year, text[4..], out time);
    }

    // The rest is MMDDHHMMSSZ.
    private static bool TryCompose(int year, ReadOnlySpan<byte> rest, out DateTimeOffset time)
    {
        time = default;
        if (!TryNumber(rest[..2], out int month)
            || !TryNumber(rest[2..4], out int day)
            || !TryNumber(rest[4..6], out int hour)
            || !TryNumber(rest[6..8], out int minute)
            || !TryNumber(rest[8..10], out int second)
            || rest[10] != (byte)'Z')
            return false;

        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
            return false;

        time = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;

            number = number * 10 + (digit - '0');
        }

        return true;
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace Grpc.Core.Framing;

/// <summary>Names and text encodings of gRPC over HTTP/2, for both sides.</summary>
/// <remarks>Source: PROTOCOL-HTTP2.md of the gRPC project.</remarks>
internal static class GrpcProtocol
{
    public const string ContentType = "application/grpc";
    public const string StatusHeader = "grpc-status";
    public const string MessageHeader = "grpc-message";
    public const string StatusDetailsHeader = "grpc-status-details-bin";
    public const string TimeoutHeader = "grpc-timeout";
    public const string EncodingHeader = "grpc-encoding";
    public const string AcceptEncodingHeader = "grpc-accept-encoding";
    public const string Identity = "identity";
    public const string Gzip = "gzip";

    /// <summary>What this side can read.</summary>
    public const string AcceptedEncodings = "identity,gzip";

    /// <summary>
    /// Largest message read unless an option says otherwise, in bytes; the default of every gRPC library.
    /// </summary>
    public const int ReceiveMessageBytesDefault = 4 * 1024 * 1024;

    // Space to tilde but for the escape character itself.
    private static readonly SearchValues<char> s_unescaped = SearchValues.Create(
        " !\"#$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>True for <c>application/grpc</c>, alone or with <c>+proto</c> or parameters.</summary>
    public static bool IsGrpcContentType(ReadOnlySpan<char> contentType)
    {
        if (!contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
            return false;

        return contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';';
    }

    /// <summary>Percent-encodes the UTF-8 of a text for <c>grpc-message</c>.</summary>
    public static string EscapeMessage(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(s_unescaped))
            return text;

        var escaped = new StringBuilder(text.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= 0x20 and <= 0x7E and not (byte)'%')
                escaped.Append((char)b);
            else
                escaped.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }

    /// <summary>Undoes <see cref="EscapeMessage"/>. What is not a valid escape stays as it is.</summary>
    public static string UnescapeMessage(string escaped)
    {
        if (!escaped.Contains('%', StringComparison.Ordinal))
            return escaped;

        byte[] bytes = Encoding.UTF8.GetBytes(escaped);
        int length = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bool isEscape = bytes[i] == '%' && i + 2 < bytes.Length
                && char.IsAsciiHexDigit((char)bytes[i + 1]) && char.IsAsciiHexDigit((char)bytes[i + 2]);
            if (!isEscape)
            {
                bytes[length++] = bytes[i];
                continue;
            }

            bytes[length++] = byte.Parse(bytes.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            i += 2;
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>Base64 without padding, as the value of a <c>-bin</c> header.</summary>
    public static string EncodeBinary(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    /// <summary>Reads the value of a <c>-bin</c> header, padded or not.</summary>
    public static bool TryDecodeBinary(ReadOnlySpan<char> value, out byte[] bytes)
    {
        value = value.TrimEnd('=');
        char[] padded = ArrayPool<char>.Shared.Rent(value.Length + 3);
        value.CopyTo(padded);
        int length = (value.Length + 3) / 4 * 4;
        padded.AsSpan(value.Length, length - value.Length).Fill('=');
        bytes = new byte[length / 4 * 3];
        bool valid = Convert.TryFromBase64Chars(padded.AsSpan(0, length), bytes, out int written);
        ArrayPool<char>.Shared.Return(padded);
        bytes = valid ? bytes[..written] : [];
        return valid;
    }

    /// <summary>Reads <c>grpc-timeout</c>: one to eight digits and a unit.</summary>
    public static bool TryParseTimeout(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9)
            return false;

        long amount = 0;
        foreach (char digit in text[..^1])
        {
            if (!char.IsAsciiDigit(digit))
                return false;

            amount = (amount * 10) + (digit - '0');
        }

        long ticksPerUnit = text[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            'n' => 0,
            _ => -1,
        };
        if (ticksPerUnit < 0)
            return false;

        // A tick is a hundred nanoseconds; rounding up keeps "1n" from meaning "no time at all".
        long ticks = ticksPerUnit == 0
            ? (amount + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick
            : amount * ticksPerUnit;
        timeout = TimeSpan.FromTicks(ticks);
        return true;
    }

    /// <summary>
    /// Writes <c>grpc-timeout</c>, rounded up, in the finest unit that needs no more than eight digits.
    /// </summary>
    public static string FormatTimeout(TimeSpan timeout)
    {
        const long AmountMax = 99_999_999;
        if (timeout <= TimeSpan.Zero)
            return "1n";

        ReadOnlySpan<(long Ticks, char Unit)> units =
        [
            (TimeSpan.TicksPerMicrosecond, 'u'), (TimeSpan.TicksPerMillisecond, 'm'), (TimeSpan.TicksPerSecond, 'S'),
            (TimeSpan.TicksPerMinute, 'M'), (TimeSpan.TicksPerHour, 'H'),
        ];
        foreach ((long ticks, char unit) in units)
        {
            long amount = ((timeout.Ticks - 1) / ticks) + 1;
            if (amount <= AmountMax)
                return string.Create(CultureInfo.InvariantCulture, $"{amount}{unit}");
        }

        return "99999999H";
    }
}

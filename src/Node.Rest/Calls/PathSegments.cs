using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Node.Rest.Calls;

/// <summary>Reads keys from the path as it was sent.</summary>
/// <remarks>
/// The server decodes a path once and leaves %2F alone, so "a%2Fb" and "a%252Fb" look the same afterwards. Keys are
/// exact, so they are read from the raw target.
/// </remarks>
internal static class PathSegments
{
    private static readonly UTF8Encoding s_strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="fault">Goes behind "The key in the path".</param>
    public static bool TryKey(
        HttpContext context, int index, out string key, [NotNullWhen(false)] out string? fault) =>
        TryKey(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, index, out key, out fault);

    /// <inheritdoc cref="TryKey(HttpContext, int, out string, out string?)"/>
    public static bool TryKey(string rawTarget, int index, out string key, [NotNullWhen(false)] out string? fault)
    {
        key = "";
        ReadOnlySpan<char> path = PathOf(rawTarget);
        int at = -1;
        foreach (Range range in path.Split('/'))
        {
            ReadOnlySpan<char> segment = path[range];
            if (!TryDecode(segment, out string? decoded))
            {
                fault = "is not percent-encoded UTF-8";
                return false;
            }

            // The server has removed such segments before it chose the route: the segments no longer count alike.
            if (decoded is "." or "..")
            {
                fault = "or another part of the path is a dot segment";
                return false;
            }

            // The first one is what stands before the leading slash.
            if (at++ == index)
                key = decoded;
        }

        fault = key.Length == 0 ? "is empty" : null;
        return fault is null;
    }

    private static ReadOnlySpan<char> PathOf(string rawTarget)
    {
        ReadOnlySpan<char> target = rawTarget;
        int query = target.IndexOf('?');
        if (query >= 0)
            target = target[..query];

        // The absolute form, as a proxy sends it.
        int scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || target[0] == '/')
            return target;

        int slash = target[(scheme + 3)..].IndexOf('/');
        return slash < 0 ? "/" : target[(scheme + 3 + slash)..];
    }

    private static bool TryDecode(ReadOnlySpan<char> segment, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        var bytes = new byte[segment.Length * 3];
        int length = 0;
        for (int index = 0; index < segment.Length; index++)
        {
            char c = segment[index];
            if (c == '%')
            {
                if (index + 2 >= segment.Length || !byte.TryParse(
                    segment.Slice(index + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier,
                    System.Globalization.CultureInfo.InvariantCulture, out byte value))
                    return false;

                bytes[length++] = value;
                index += 2;
            }
            else
            {
                if (c >= 0x80)
                    return false;

                bytes[length++] = (byte)c;
            }
        }

        try
        {
            decoded = s_strict.GetString(bytes, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}

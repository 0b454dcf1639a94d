using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Node.Protocol;

/// <summary>The name of a channel: a lower-case letter, then lower-case letters, digits, '.' and '-'.</summary>
/// <remarks>
/// At most <see cref="Limits.ChannelIdCharsMax"/> characters. The default value is no channel, the empty text.
/// </remarks>
public readonly record struct ChannelId
{
    private readonly string? _value;

    private ChannelId(string value) => _value = value;

    public string Value => _value ?? "";

    /// <summary>True for the default value, which proposals outside of any channel carry.</summary>
    public bool IsNone => _value is null;

    /// <summary>For names that this program wrote itself or has checked before.</summary>
    public static ChannelId Of(string value)
    {
        bool valid = TryParse(value, out ChannelId id, out string? fault);
        Invariant.Require(valid, fault ?? "");
        return id;
    }

    public static bool TryParse(string? text, out ChannelId id, [NotNullWhen(false)] out string? fault)
    {
        string value = text ?? "";
        fault = FaultOf(value);
        id = fault is null ? new ChannelId(value) : default;
        return fault is null;
    }

    public static bool TryParse(ReadOnlySpan<byte> utf8, out ChannelId id, [NotNullWhen(false)] out string? fault)
    {
        if (utf8.Length <= Limits.ChannelIdCharsMax)
            return TryParse(Encoding.UTF8.GetString(utf8), out id, out fault);

        id = default;
        fault = $"a channel name has at most {Limits.ChannelIdCharsMax} characters, this one has {utf8.Length} bytes";
        return false;
    }

    public override string ToString() => Value;

    private static string? FaultOf(string text)
    {
        if (text.Length == 0)
            return "a channel name is not empty";
        if (text.Length > Limits.ChannelIdCharsMax)
            return $"a channel name has at most {Limits.ChannelIdCharsMax} characters, this one has {text.Length}";
        if (!char.IsAsciiLetterLower(text[0]))
            return $"a channel name starts with a lower-case letter, not with '{Printable(text[0])}'";

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '.' && c != '-')
                return $"a channel name holds a-z, 0-9, '.' and '-', not '{Printable(c)}'";
        }

        return null;
    }

    private static char Printable(char c) => c is > ' ' and < (char)127 ? c : '?';
}

using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Node.Protocol;

/// <summary>The name of a membership provider: who vouches for an identity. Compared as text, case included.</summary>
/// <remarks>
/// Not empty, no control characters, at most <see cref="Limits.MspIdBytesMax"/> bytes of UTF-8. The default value is no
/// name, the empty text.
/// </remarks>
public readonly record struct MspId
{
    // Unpaired surrogates and broken UTF-8 are refused, since two different inputs would become one name.
    private static readonly UTF8Encoding s_strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string? _value;

    private MspId(string value) => _value = value;

    public string Value => _value ?? "";

    public bool IsNone => _value is null;

    /// <summary>For names that this program wrote itself or has checked before.</summary>
    public static MspId Of(string value)
    {
        bool valid = TryParse(value, out MspId id, out string? fault);
        Invariant.Require(valid, fault ?? "");
        return id;
    }

    public static bool TryParse(string? text, out MspId id, [NotNullWhen(false)] out string? fault)
    {
        string value = text ?? "";
        fault = FaultOf(value);
        id = fault is null ? new MspId(value) : default;
        return fault is null;
    }

    public static bool TryParse(ReadOnlySpan<byte> utf8, out MspId id, [NotNullWhen(false)] out string? fault)
    {
        if (utf8.Length <= Limits.MspIdBytesMax && System.Text.Unicode.Utf8.IsValid(utf8))
            return TryParse(Encoding.UTF8.GetString(utf8), out id, out fault);

        id = default;
        fault = $"an MSP id is UTF-8 of at most {Limits.MspIdBytesMax} bytes, these are {utf8.Length} bytes";
        return false;
    }

    public override string ToString() => Value;

    private static string? FaultOf(string text)
    {
        if (text.Length == 0)
            return "an MSP id is not empty";
        if (text.Length > Limits.MspIdBytesMax || BytesOf(text) is not { } bytes || bytes > Limits.MspIdBytesMax)
            return $"an MSP id is text of at most {Limits.MspIdBytesMax} bytes of UTF-8";

        foreach (char c in text)
        {
            if (char.IsControl(c))
                return "an MSP id holds no control characters";
        }

        return null;
    }

    private static int? BytesOf(string text)
    {
        try
        {
            return s_strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }
}

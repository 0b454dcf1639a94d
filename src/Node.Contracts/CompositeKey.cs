using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Node.Contracts;

/// <summary>Keys made of a type and attributes, apart from all simple keys of their namespace.</summary>
/// <remarks>
/// U+0000 ‖ type ‖ U+0000 ‖ (attribute ‖ U+0000)*, as the shims of other languages build them. Parts hold neither
/// U+0000 nor U+10FFFF, so that a partial key's entries are the range from the key to the key ‖ U+10FFFF.
/// </remarks>
public static class CompositeKey
{
    /// <summary>First character of every composite key, and the separator of its parts.</summary>
    public const char Separator = '\0';

    /// <summary>U+10FFFF: above every character a part may hold.</summary>
    public const string UpperBound = "\U0010FFFF";

    /// <exception cref="ArgumentException">A part holds U+0000, U+10FFFF or a lone surrogate.</exception>
    public static string Create(string objectType, params ReadOnlySpan<string> attributes)
    {
        var key = new StringBuilder();
        key.Append(Separator);
        AppendPart(key, objectType);
        foreach (string attribute in attributes)
            AppendPart(key, attribute);
        return key.ToString();
    }

    /// <summary>False for simple keys.</summary>
    public static bool TrySplit(
        string key, [NotNullWhen(true)] out string? objectType, [NotNullWhen(true)] out string[]? attributes)
    {
        objectType = null;
        attributes = null;
        if (key.Length < 2 || key[0] != Separator || key[^1] != Separator)
            return false;

        string[] parts = key[1..^1].Split(Separator);
        objectType = parts[0];
        attributes = parts[1..];
        return true;
    }

    /// <summary>True when every character may stand in a part, and in a simple key.</summary>
    public static bool IsValidPart(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == Separator)
                return false;
            if (!char.IsSurrogate(c))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(c, text[i + 1]) || text.Slice(i, 2) is UpperBound)
                return false;
            i++;
        }

        return true;
    }

    private static void AppendPart(StringBuilder key, string part)
    {
        if (!IsValidPart(part))
            throw new ArgumentException(
                "A part of a composite key holds U+0000, U+10FFFF or a lone surrogate.", nameof(part));
        key.Append(part).Append(Separator);
    }
}

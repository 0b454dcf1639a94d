using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>Pointers that are made of a checksum: <c>sha256/ab/cdef…</c>, and a suffix for encrypted content.</summary>
public static class ContentAddress
{
    /// <summary>The suffix of content that was encrypted before it was stored.</summary>
    public const string EncryptedSuffix = ".hpe";

    internal const string Root = "sha256/";

    private const int PrefixChars = 2;
    private const int HexChars = 2 * Hash32.Bytes;

    public static string PointerOf(Hash32 checksum) => PointerOf(checksum, suffix: "");

    public static string PointerOf(Hash32 checksum, string suffix)
    {
        string hex = checksum.ToString();
        return $"{Root}{hex[..PrefixChars]}/{hex[PrefixChars..]}{suffix}";
    }

    /// <summary>False for pointers of any other form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? pointer, out Hash32 checksum)
    {
        checksum = default;
        if (pointer is null || !pointer.StartsWith(Root, StringComparison.Ordinal))
            return false;

        string hex = pointer[Root.Length..];
        hex = hex.EndsWith(EncryptedSuffix, StringComparison.Ordinal) ? hex[..^EncryptedSuffix.Length] : hex;
        return hex.Length == HexChars + 1 && hex[PrefixChars] == '/'
            && Hash32.TryParseHex(hex.Remove(PrefixChars, 1), out checksum)
            && pointer == PointerOf(checksum, SuffixOf(pointer));
    }

    internal static string SuffixOf(string pointer) =>
        pointer.EndsWith(EncryptedSuffix, StringComparison.Ordinal) ? EncryptedSuffix : "";
}

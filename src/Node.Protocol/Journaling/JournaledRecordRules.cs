using System.Text;

namespace Node.Protocol.Journaling;

/// <summary>
/// What a record must be to stand in a journal: never less strict than the contract, so that whatever a device takes
/// in while it is alone can be recorded later.
/// </summary>
public static class JournaledRecordRules
{
    public const int KeyBytesMax = 4 << 10;
    public const int ChecksumBytesMax = 256;
    public const int LocationBytesMax = 4 << 10;
    public const int PointerBytesMax = 4 << 10;
    public const int DescriptionBytesMax = 256 << 10;
    public const int TypeBytesMax = 64;
    public const int ParentsMax = 1_024;

    /// <summary>The algorithm of a checksum that is free text.</summary>
    public const string Unspecified = "unspecified";

    private const string ReservedType = "Init";

    private static readonly (string Name, int HexDigits)[] s_algorithms =
    [
        ("SHA-256", 64), ("SHA-384", 96), ("SHA-512", 128), ("SHA3-256", 64), ("BLAKE2b-256", 64), ("SHA-1", 40),
        ("MD5", 32),
    ];

    /// <summary>Null when the record may be journaled.</summary>
    public static string? FaultOf(JournaledRecord record)
    {
        if (record.Key.Length == 0)
            return "its key is empty";
        if (!IsKeyText(record.Key))
            return "its key holds U+0000, U+10FFFF or a lone surrogate, which no key may";

        return FaultOfText("key", record.Key, KeyBytesMax)
            ?? FaultOfText("location", record.Location, LocationBytesMax)
            ?? FaultOfText("pointer", record.Pointer, PointerBytesMax)
            ?? FaultOfText("description", record.Description, DescriptionBytesMax)
            ?? FaultOfChecksum(record.Hash, record.Algorithm)
            ?? FaultOfType(record.Type)
            ?? FaultOfParents(record.Parents);
    }

    private static string? FaultOfText(string what, string text, int bytesMax)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        return bytes > bytesMax ? $"its {what} has {bytes} bytes, at most {bytesMax} are accepted" : null;
    }

    private static string? FaultOfChecksum(string hash, string algorithm)
    {
        if (hash.Length == 0)
            return "its hash is empty";
        if (algorithm == Unspecified)
            return FaultOfText("hash", hash, ChecksumBytesMax);

        foreach ((string name, int digits) in s_algorithms)
        {
            if (name == algorithm)
                return hash.Length == digits && IsLowerHex(hash)
                    ? null
                    : $"its {name} checksum is not {digits} lower-case hex digits";
        }

        return $"its checksum algorithm is unknown; known are "
            + $"{string.Join(", ", s_algorithms.Select(known => known.Name))} and {Unspecified}";
    }

    private static string? FaultOfType(string type)
    {
        if (type == ReservedType)
            return $"the type {ReservedType} is reserved";
        foreach (char c in type)
        {
            if (char.IsControl(c))
                return "its type holds a control character";
        }

        return FaultOfText("type", type, TypeBytesMax);
    }

    private static string? FaultOfParents(IReadOnlyList<TxId> parents)
    {
        if (parents.Count > ParentsMax)
            return $"it has {parents.Count} parents, at most {ParentsMax} are accepted";
        return parents.Count > 1 && new HashSet<TxId>(parents).Count < parents.Count
            ? "it names a parent twice"
            : null;
    }

    private static bool IsKeyText(string key)
    {
        const string Highest = "\U0010FFFF";
        for (int i = 0; i < key.Length; i++)
        {
            char c = key[i];
            if (c == '\0')
                return false;
            if (!char.IsSurrogate(c))
                continue;
            if (i + 1 == key.Length || !char.IsSurrogatePair(c, key[i + 1]) || key.AsSpan(i, 2).SequenceEqual(Highest))
                return false;
            i++;
        }

        return true;
    }

    private static bool IsLowerHex(string text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
                return false;
        }

        return true;
    }
}

namespace Node.Contracts.Provenance;

/// <summary>
/// A checksum as text, and the name of what computed it. The ledger keeps it; clients compute and compare.
/// </summary>
/// <param name="Text">Lower-case hex for a known algorithm, else as it was given.</param>
internal readonly record struct Checksum(string Text, string Algorithm)
{
    /// <summary>The algorithm of free text, which the 2019 contract accepted.</summary>
    public const string Unspecified = "unspecified";

    public const string Sha256 = "SHA-256";
    public const string Md5 = "MD5";

    private static readonly (string Name, int HexDigits)[] s_algorithms =
    [
        (Sha256, 64), ("SHA-384", 96), ("SHA-512", 128), ("SHA3-256", 64), ("BLAKE2b-256", 64),
        ("SHA-1", 40), (Md5, 32),
    ];

    /// <summary>
    /// Takes a checksum whose algorithm the caller named: its length must fit, and every character be a hex digit.
    /// </summary>
    public static bool TryCreate(string text, string algorithm, out Checksum checksum, out string fault)
    {
        checksum = default;
        fault = "";
        if (Same(algorithm, Unspecified))
        {
            checksum = new Checksum(text, Unspecified);
            return true;
        }

        foreach ((string name, int digits) in s_algorithms)
        {
            if (!Same(algorithm, name))
                continue;
            if (text.Length == digits && IsHex(text))
                checksum = new Checksum(text.ToLowerInvariant(), name);
            else
                fault = $"a {name} checksum has {digits} hex digits, {Quoted.Text(text)} is not one";
            return fault.Length == 0;
        }

        fault = $"unknown checksum algorithm {Quoted.Text(algorithm)}; known are {Known()} and {Unspecified}";
        return false;
    }

    /// <summary>
    /// Takes a checksum without a named algorithm: 64 hex digits are SHA-256, 32 are MD5 (records of 2019), all else is
    /// free text.
    /// </summary>
    public static Checksum Guess(string text)
    {
        if (text.Length == 64 && IsHex(text))
            return new Checksum(text.ToLowerInvariant(), Sha256);
        if (text.Length == 32 && IsHex(text))
            return new Checksum(text.ToLowerInvariant(), Md5);
        return new Checksum(text, Unspecified);
    }

    /// <summary>"sha256" means "SHA-256".</summary>
    private static bool Same(string given, string name) =>
        string.Equals(
            given.Replace("-", "", StringComparison.Ordinal),
            name.Replace("-", "", StringComparison.Ordinal),
            StringComparison.OrdinalIgnoreCase);

    private static bool IsHex(string text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }

        return true;
    }

    private static string Known() => string.Join(", ", Array.ConvertAll(s_algorithms, algorithm => algorithm.Name));
}

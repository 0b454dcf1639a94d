using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>
/// A checksum that can be recomputed: an algorithm of this machine, and its result in lower-case hex.
/// </summary>
public sealed record Checksum
{
    private static readonly (string Recorded, HashAlgorithmName Name, int Bytes)[] s_algorithms =
    [
        ("SHA-256", HashAlgorithmName.SHA256, 32),
        ("SHA-384", HashAlgorithmName.SHA384, 48),
        ("SHA-512", HashAlgorithmName.SHA512, 64),
        ("SHA-1", HashAlgorithmName.SHA1, 20),
        ("MD5", HashAlgorithmName.MD5, 16),   // Records of 2019; new ones are SHA-256.
    ];

    private Checksum(string algorithm, HashAlgorithmName name, string hex)
    {
        Algorithm = algorithm;
        Name = name;
        Hex = hex;
    }

    /// <summary>As records name it: SHA-256.</summary>
    public string Algorithm { get; }

    public string Hex { get; }

    internal HashAlgorithmName Name { get; }

    public static Checksum Of(Hash32 sha256) => new("SHA-256", HashAlgorithmName.SHA256, sha256.ToString());

    /// <summary>False for free text and for algorithms that this program cannot compute.</summary>
    public static bool TryParse(string algorithm, string hex, [NotNullWhen(true)] out Checksum? checksum)
    {
        checksum = null;
        foreach ((string recorded, HashAlgorithmName name, int bytes) in s_algorithms)
        {
            if (recorded == algorithm && hex.Length == 2 * bytes && hex.All(char.IsAsciiHexDigit))
                checksum = new Checksum(recorded, name, hex.ToLowerInvariant());
        }

        return checksum is not null;
    }

    public override string ToString() => $"{Algorithm} {Hex}";

    /// <summary>The checksum of what was appended, by the same algorithm.</summary>
    internal Checksum Finish(IncrementalHash hash) =>
        new(Algorithm, Name, Convert.ToHexStringLower(hash.GetHashAndReset()));
}

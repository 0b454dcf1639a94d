using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;
using Node.Protocol;

namespace Node.Rest.Contents;

/// <summary>The fields Content-Digest and Repr-Digest of RFC 9530, as far as they name SHA-256.</summary>
internal static class DigestHeader
{
    private const string Algorithm = "sha-256=:";

    public static string Of(Hash32 digest) => $"{Algorithm}{Convert.ToBase64String(digest.AsSpan())}:";

    /// <param name="digest">Null when the field names other algorithms only, which may be ignored.</param>
    /// <returns>False when a SHA-256 is there and is none.</returns>
    public static bool TryRead(StringValues field, out Hash32? digest, [NotNullWhen(false)] out string? fault)
    {
        digest = null;
        fault = null;
        string? member = field.ToString().Split(',', StringSplitOptions.TrimEntries)
            .FirstOrDefault(one => one.StartsWith(Algorithm, StringComparison.OrdinalIgnoreCase));
        if (member is null)
            return true;

        Span<byte> bytes = stackalloc byte[Hash32.Bytes + 16];
        string text = member[Algorithm.Length..].TrimEnd(':');
        if (!Convert.TryFromBase64String(text, bytes, out int written)
            || !Hash32.TryRead(bytes[..written], out Hash32 read))
        {
            fault = "it must be sha-256=:BASE64: with 32 bytes";
            return false;
        }

        digest = read;
        return true;
    }
}

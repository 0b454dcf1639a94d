using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Node.Rest.Identities;

/// <summary>An API key as its bearer holds it: <c>hpk_ID_SECRET</c>. Only the hash of it is kept.</summary>
/// <remarks>
/// The secret is 256 random bits, so nobody finds it by trying, and one SHA-256 hides it as well as a slow hash would.
/// </remarks>
internal static class ApiKey
{
    private const string Prefix = "hpk_";
    private const int IdBytes = 6;
    private const int SecretBytes = 32;
    private const int IdChars = 2 * IdBytes;

    private static readonly int s_chars = Prefix.Length + IdChars + 1 + Base64Url.GetEncodedLength(SecretBytes);

    public static (string Id, string Text) Create()
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (id, $"{Prefix}{id}_{secret}");
    }

    /// <summary>False for what cannot be a key; nothing is compared yet.</summary>
    public static bool TryReadId(string text, [NotNullWhen(true)] out string? id)
    {
        id = text.Length == s_chars && text.StartsWith(Prefix, StringComparison.Ordinal)
            && text[Prefix.Length + IdChars] == '_'
                ? text.Substring(Prefix.Length, IdChars)
                : null;
        return id is not null;
    }

    /// <summary>SHA-256 of the whole key.</summary>
    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

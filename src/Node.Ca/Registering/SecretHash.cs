using System.Security.Cryptography;
using System.Text;

namespace Node.Ca.Registering;

/// <summary>An enrolment secret as it is kept: PBKDF2 with SHA-512 and a salt of its own.</summary>
internal sealed record SecretHash(int Iterations, byte[] Salt, byte[] Hash)
{
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    private const int GeneratedBytes = 20;

    /// <summary>
    /// What a secret for an unknown id is compared with, so that asking tells nobody which ids exist.
    /// </summary>
    public static SecretHash Nobody(int iterations) => new(iterations, new byte[SaltBytes], new byte[HashBytes]);

    public static SecretHash Of(string secret, int iterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new SecretHash(iterations, salt, Derive(secret, salt, iterations));
    }

    /// <summary>Takes as long for a wrong secret as for the right one.</summary>
    public bool Matches(string secret) =>
        CryptographicOperations.FixedTimeEquals(Derive(secret, Salt, Iterations), Hash);

    /// <summary>Random letters that need no quoting anywhere: not in a shell, not in a URL.</summary>
    public static string Generate() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(GeneratedBytes));

    private static byte[] Derive(string secret, byte[] salt, int iterations) => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.UTF8.GetBytes(secret), salt, iterations, HashAlgorithmName.SHA512, HashBytes);
}

using System.Security.Cryptography;
using System.Text;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;

namespace Node.Simulation.Members;

/// <summary>Ed25519 keys that are derived from names: known to everybody, and the same in every run.</summary>
internal static class SimulatedKeys
{
    // RFC 8410: PKCS#8 around the 32 bytes of the private key.
    private static readonly byte[] s_prefix = Convert.FromHexString("302e020100300506032b657004220420");

    /// <returns>PKCS#8 as PEM.</returns>
    public static string PemOf(string owner)
    {
        byte[] seed = SHA256.HashData(Encoding.UTF8.GetBytes($"simulated key of {owner}"));
        return Pem.Encode(Pem.PrivateKeyLabel, [.. s_prefix, .. seed]);
    }

    public static SigningKey Of(string owner)
    {
        bool imported = SigningKey.TryImport(PemOf(owner), out SigningKey? key, out string? fault);
        Invariant.Require(imported && key is not null, fault ?? "");
        return key;
    }

    /// <summary>16 bytes, positive, never shortened.</summary>
    public static byte[] SerialNumberOf(string owner)
    {
        byte[] number = SHA256.HashData(Encoding.UTF8.GetBytes($"serial number of {owner}"))[..16];
        number[0] = (byte)((number[0] & 0x7f) | 0x40);
        return number;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;
using Node.Protocol.Canonical;

namespace Node.Membership;

/// <summary>An identity whose private key we hold: it signs as a member of its organisation.</summary>
/// <remarks>Any thread may sign; whoever loaded it disposes it after the last signature.</remarks>
public sealed class SigningIdentity : IDisposable
{
    private const int NonceBytes = 24;

    private readonly SigningKey _key;

    private SigningIdentity(MspId mspId, byte[] pem, Certificate certificate, SigningKey key)
    {
        MspId = mspId;
        CertificateDer = certificate.Der;
        CommonName = certificate.SubjectName.CommonName;
        NotAfter = certificate.NotAfter;
        Serialized = SerializedIdentityBytes.Encode(mspId, pem);
        _key = key;
    }

    public MspId MspId { get; }

    /// <summary>The encoded SerializedIdentity: creator and endorser bytes.</summary>
    public ReadOnlyMemory<byte> Serialized { get; }

    public ReadOnlyMemory<byte> CertificateDer { get; }

    public string CommonName { get; }

    public DateTimeOffset NotAfter { get; }

    /// <summary>Where nonces come from; a simulated world draws its own.</summary>
    internal Func<int, byte[]> NonceSource { get; set; } = RandomNumberGenerator.GetBytes;

    /// <summary>Reads the one certificate in signcerts and the key that belongs to it from keystore.</summary>
    /// <param name="fault">Names the folder and what is missing or wrong there.</param>
    public static bool TryLoad(
        MspId mspId,
        string mspFolder,
        [NotNullWhen(true)] out SigningIdentity? identity,
        [NotNullWhen(false)] out string? fault)
    {
        identity = null;
        try
        {
            string[] certificates = FilesIn(Path.Combine(mspFolder, "signcerts"));
            string[] keys = FilesIn(Path.Combine(mspFolder, "keystore"));
            if (certificates.Length != 1)
            {
                fault = $"The MSP folder {mspFolder} must hold 1 certificate in signcerts, not {certificates.Length}.";
                return false;
            }

            fault = $"The MSP folder {mspFolder} holds no private key in keystore.";
            string certificate = File.ReadAllText(certificates[0]);
            foreach (string key in keys)
            {
                if (TryFromPem(mspId, certificate, File.ReadAllText(key), out identity, out fault))
                    return true;
            }

            fault = $"The identity in {mspFolder} cannot be used: {fault}";
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"The MSP folder {mspFolder} cannot be read: {e.Message}";
            return false;
        }
    }

    /// <param name="certPem">Kept as it is, line ends included: it becomes part of <see cref="Serialized"/>.</param>
    /// <param name="keyPem">PKCS#8 or SEC 1, not encrypted.</param>
    public static bool TryFromPem(
        MspId mspId,
        string certPem,
        string keyPem,
        [NotNullWhen(true)] out SigningIdentity? identity,
        [NotNullWhen(false)] out string? fault)
    {
        identity = null;
        byte[] pem = Encoding.UTF8.GetBytes(certPem);
        if (!Certificate.TryReadPem(pem, out Certificate? certificate, out fault))
        {
            fault = $"The certificate cannot be read: {fault}.";
            return false;
        }

        string name = certificate.SubjectName.CommonName;
        if (!SigningKey.TryImport(keyPem, out SigningKey? key, out fault))
        {
            fault = $"The identity {name} cannot sign: {fault}.";
            return false;
        }

        if (!BelongsTo(certificate, key))
        {
            key.Dispose();
            fault = $"The private key does not belong to the certificate {name}.";
            return false;
        }

        identity = new SigningIdentity(mspId, pem, certificate, key);
        return true;
    }

    /// <summary>
    /// ECDSA over SHA-256 as DER with low s, or Ed25519 over the message, as the certificate's key demands.
    /// </summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => _key.Sign(message);

    /// <summary>A fresh nonce for a signature header.</summary>
    public byte[] NewNonce() => NonceSource(NonceBytes);

    public override string ToString() => $"{CommonName} of {MspId}";

    public void Dispose() => _key.Dispose();

    // Compared by the key alone: two encoders may spell the same algorithm with and without parameters.
    private static bool BelongsTo(Certificate certificate, SigningKey key)
    {
        var reader = new DerReader(key.SubjectPublicKeyInfo);
        return reader.TryRead(out DerElement element)
            && SubjectKey.TryRead(element, out SubjectKey? own)
            && own is not null
            && own.KeyBits.Span.SequenceEqual(certificate.Key.KeyBits.Span);
    }

    private static string[] FilesIn(string folder) =>
        Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder).Where(IsVisible).Order(StringComparer.Ordinal)]
            : [];

    private static bool IsVisible(string file) => !Path.GetFileName(file).StartsWith('.');
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Client.Storing.Encrypting;

/// <summary>The beginning of encrypted content: for whom it is, and the content's key wrapped for each.</summary>
/// <remarks>docs/formats.md, "Encrypted content".</remarks>
internal static class EncryptedHeader
{
    public const int RecipientsMax = 32;
    public const int KeyBytes = 32;
    public const int TagBytes = 16;
    public const int NonceBytes = 12;

    /// <summary>Up to where every header is the same length.</summary>
    public const int FixedBytes = 72;

    /// <summary>Plaintext bytes of every chunk but the last.</summary>
    public const int ChunkBytes = 1 << ChunkExponent;

    private const byte ChunkExponent = 16;
    private const int SaltAt = 8;
    private const int SaltBytes = 32;
    private const int CommitmentAt = SaltAt + SaltBytes;
    private const int PointBytes = 65;
    private const int EntryBytes = RecipientKey.IdBytes + PointBytes + KeyBytes + TagBytes;

    private static ReadOnlySpan<byte> Magic => "HPENC1"u8;

    /// <summary>Draws a key for one content and wraps it.</summary>
    /// <param name="contentKey">Encrypts the chunks; the caller wipes it.</param>
    public static byte[] Create(IReadOnlyList<RecipientKey> recipients, out byte[] contentKey)
    {
        Invariant.Require(recipients.Count is > 0 and <= RecipientsMax, "callers check the count of recipients");
        byte[] header = new byte[FixedBytes + (recipients.Count * EntryBytes)];
        Magic.CopyTo(header);
        header[Magic.Length] = ChunkExponent;
        header[Magic.Length + 1] = (byte)recipients.Count;
        RandomNumberGenerator.Fill(header.AsSpan(SaltAt, SaltBytes));
        ReadOnlySpan<byte> salt = header.AsSpan(SaltAt, SaltBytes);
        byte[] drawn = RandomNumberGenerator.GetBytes(KeyBytes);
        Derive(drawn, salt, "hyperprov commitment 1"u8, []).CopyTo(header, CommitmentAt);
        for (int index = 0; index < recipients.Count; index++)
            Wrap(recipients[index], drawn, salt, header.AsSpan(FixedBytes + (index * EntryBytes), EntryBytes));

        contentKey = ContentKey(drawn, header);
        CryptographicOperations.ZeroMemory(drawn);
        return header;
    }

    /// <summary>The length of the whole header, from its fixed part.</summary>
    public static bool TryGetLength(
        ReadOnlySpan<byte> start, out int bytes, [NotNullWhen(false)] out string? fault)
    {
        bytes = 0;
        fault = null;
        if (start.Length < FixedBytes || !start.StartsWith(Magic))
            fault = "it is not in the format of encrypted content";
        else if (start[Magic.Length] != ChunkExponent)
            fault = $"its chunks have 2^{start[Magic.Length]} bytes, this program reads 2^{ChunkExponent}";
        else if (start[Magic.Length + 1] is 0 or > RecipientsMax)
            fault = $"it names {start[Magic.Length + 1]} recipients, expected 1 to {RecipientsMax}";
        else
            bytes = FixedBytes + (start[Magic.Length + 1] * EntryBytes);

        return fault is null;
    }

    /// <summary>Finds the key of the content with one of the reader's keys.</summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> header, IReadOnlyList<ReadingKey> keys, [NotNullWhen(true)] out byte[]? contentKey,
        [NotNullWhen(false)] out string? fault)
    {
        contentKey = null;
        fault = null;
        ReadOnlySpan<byte> salt = header.Slice(SaltAt, SaltBytes);
        var ids = new List<string>();
        for (int at = FixedBytes; at < header.Length; at += EntryBytes)
        {
            ReadOnlySpan<byte> entry = header.Slice(at, EntryBytes);
            ids.Add(Convert.ToHexStringLower(entry[..RecipientKey.IdBytes]));
            foreach (ReadingKey key in keys)
            {
                if (!entry.StartsWith(key.IdSpan) || !TryUnwrap(key, entry, salt, out byte[]? drawn))
                    continue;

                // The commitment binds the key: without it one ciphertext could open to two contents under two keys.
                byte[] commitment = Derive(drawn, salt, "hyperprov commitment 1"u8, []);
                bool isBound = CryptographicOperations.FixedTimeEquals(
                    commitment, header.Slice(CommitmentAt, KeyBytes));
                byte[] found = ContentKey(drawn, header);
                CryptographicOperations.ZeroMemory(drawn);
                if (!isBound)
                    continue;

                contentKey = found;
                return true;
            }
        }

        fault = $"it is encrypted for {string.Join(", ", ids)}, and " + (keys.Count == 0
            ? "no key was given"
            : $"none of the keys given ({string.Join(", ", keys.Select(key => key.Id))}) opens it");
        return false;
    }

    private static void Wrap(RecipientKey recipient, byte[] drawn, ReadOnlySpan<byte> salt, Span<byte> entry)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        recipient.IdSpan.CopyTo(entry);
        ECPoint point = ephemeral.ExportParameters(includePrivateParameters: false).Q;
        entry[RecipientKey.IdBytes] = 4;   // Uncompressed, SEC 1.
        point.X.CopyTo(entry[(RecipientKey.IdBytes + 1)..]);
        point.Y.CopyTo(entry[(RecipientKey.IdBytes + 1 + KeyBytes)..]);
        int wrappedAt = RecipientKey.IdBytes + PointBytes;
        byte[] secret = ephemeral.DeriveRawSecretAgreement(recipient.PublicKey);
        byte[] wrapping = Derive(secret, salt, "hyperprov wrap 1"u8, entry[..wrappedAt]);
        using var gcm = new AesGcm(wrapping, TagBytes);
        Span<byte> nonce = stackalloc byte[NonceBytes];   // Zero: every wrapping key is used once.
        nonce.Clear();
        gcm.Encrypt(
            nonce, drawn, entry.Slice(wrappedAt, KeyBytes), entry.Slice(wrappedAt + KeyBytes, TagBytes));
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(wrapping);
    }

    private static bool TryUnwrap(
        ReadingKey key, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> salt, [NotNullWhen(true)] out byte[]? drawn)
    {
        drawn = null;
        int wrappedAt = RecipientKey.IdBytes + PointBytes;
        ReadOnlySpan<byte> point = entry.Slice(RecipientKey.IdBytes, PointBytes);
        try
        {
            // Importing checks that the point is on the curve.
            using var ephemeral = ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = point.Slice(1, KeyBytes).ToArray(), Y = point[(1 + KeyBytes)..].ToArray() },
            });
            byte[] secret = key.Key.DeriveRawSecretAgreement(ephemeral.PublicKey);
            byte[] wrapping = Derive(secret, salt, "hyperprov wrap 1"u8, entry[..wrappedAt]);
            using var gcm = new AesGcm(wrapping, TagBytes);
            Span<byte> nonce = stackalloc byte[NonceBytes];
            nonce.Clear();
            byte[] unwrapped = new byte[KeyBytes];
            gcm.Decrypt(
                nonce, entry.Slice(wrappedAt, KeyBytes), entry.Slice(wrappedAt + KeyBytes, TagBytes), unwrapped);
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(wrapping);
            drawn = unwrapped;
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    // Under the hash of the whole header, so that nobody adds, removes or swaps recipients without breaking all chunks.
    private static byte[] ContentKey(byte[] drawn, ReadOnlySpan<byte> header) => Derive(
        drawn, header.Slice(SaltAt, SaltBytes), "hyperprov content 1"u8, SHA256.HashData(header));

    private static byte[] Derive(
        byte[] secret, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> more)
    {
        byte[] key = new byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt, [.. label, .. more]);
        return key;
    }
}

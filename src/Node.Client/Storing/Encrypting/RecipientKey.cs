using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Node.Client.Storing.Encrypting;

/// <summary>A public key that content is encrypted for: P-256, in a PEM file.</summary>
/// <remarks>Made for this alone: a key that signs must not decrypt.</remarks>
public sealed class RecipientKey : IDisposable
{
    internal const int IdBytes = 16;

    private readonly ECDiffieHellman _key;
    private readonly byte[] _id;

    private RecipientKey(ECDiffieHellman key)
    {
        _key = key;
        _id = IdOf(key);
    }

    /// <summary>First 16 bytes of SHA-256 over the SubjectPublicKeyInfo, in hex: what messages name it by.</summary>
    public string Id => Convert.ToHexStringLower(_id);

    internal ReadOnlySpan<byte> IdSpan => _id;

    internal ECDiffieHellmanPublicKey PublicKey => _key.PublicKey;

    public static bool TryLoad(
        string path, [NotNullWhen(true)] out RecipientKey? key, [NotNullWhen(false)] out string? fault)
    {
        key = null;
        if (!KeyFile.TryRead(path, out ECDiffieHellman? found, out fault))
            return false;

        key = new RecipientKey(found);
        return true;
    }

    public void Dispose() => _key.Dispose();

    internal static byte[] IdOf(ECDiffieHellman key) => SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..IdBytes];
}

/// <summary>A private key that reads what was encrypted for its public half.</summary>
public sealed class ReadingKey : IDisposable
{
    private readonly byte[] _id;

    private ReadingKey(ECDiffieHellman key)
    {
        Key = key;
        _id = RecipientKey.IdOf(key);
    }

    /// <inheritdoc cref="RecipientKey.Id"/>
    public string Id => Convert.ToHexStringLower(_id);

    internal ReadOnlySpan<byte> IdSpan => _id;

    internal ECDiffieHellman Key { get; }

    public static bool TryLoad(
        string path, [NotNullWhen(true)] out ReadingKey? key, [NotNullWhen(false)] out string? fault)
    {
        key = null;
        if (!KeyFile.TryRead(path, out ECDiffieHellman? found, out fault))
            return false;

        try
        {
            CryptographicOperations.ZeroMemory(found.ExportParameters(includePrivateParameters: true).D);
            key = new ReadingKey(found);
            return true;
        }
        catch (CryptographicException)
        {
            found.Dispose();
            fault = $"{path} holds a public key; reading needs the private one.";
            return false;
        }
    }

    /// <summary>
    /// Makes a pair: the private key in <paramref name="path"/>, readable by its owner alone, the public one in
    /// <c>path.pub</c>.
    /// </summary>
    /// <exception cref="IOException">One of the files exists: a key is never overwritten.</exception>
    public static ReadingKey Create(string path)
    {
        var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        using (StreamWriter file = new(path, options))
            file.Write(key.ExportPkcs8PrivateKeyPem() + "\n");

        var readable = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        using (StreamWriter file = new(path + ".pub", readable))
            file.Write(key.ExportSubjectPublicKeyInfoPem() + "\n");

        return new ReadingKey(key);
    }

    public void Dispose() => Key.Dispose();
}

/// <summary>Reads PEM files of P-256 keys.</summary>
internal static class KeyFile
{
    private const int FileBytesMax = 1 << 14;
    private const int KeyBits = 256;

    public static bool TryRead(
        string path, [NotNullWhen(true)] out ECDiffieHellman? key, [NotNullWhen(false)] out string? fault)
    {
        key = null;
        var found = ECDiffieHellman.Create();
        try
        {
            if (new FileInfo(path).Length > FileBytesMax)
                throw new CryptographicException("it is too long");

            found.ImportFromPem(File.ReadAllText(path));
            bool isP256 = found.KeySize == KeyBits
                && found.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == "1.2.840.10045.3.1.7";
            fault = isP256 ? null : $"{path} holds no P-256 key.";
            key = isP256 ? found : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"the key {path} cannot be read: {e.Message}";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            fault = $"{path} is no key in PEM: {e.Message} Make one with: ./hyperprov store key {path}";
        }

        if (key is null)
            found.Dispose();

        return fault is null;
    }
}

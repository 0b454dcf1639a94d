using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;

namespace Node.Membership.Material;

/// <summary>Writes the files of generated material, and counts them. Nothing that exists is ever replaced.</summary>
internal sealed class KeyFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public int Written { get; private set; }

    public void WriteText(string path, string text) => Write(path, text, mode: null);

    public void WriteCertificate(string path, byte[] der) => WriteText(path, Pem.Encode(Pem.CertificateLabel, der));

    /// <summary>
    /// The key of a pair. Keys are written before their certificates, so a run that was cut short leaves a key that
    /// the next run takes up.
    /// </summary>
    /// <remarks>Readable by its owner alone, from the moment it exists.</remarks>
    /// <exception cref="StorageFailedException">
    /// The certificate is there without its key, or the key cannot be read.
    /// </exception>
    public SigningKey OpenOrCreateKey(string keyFile, string certificateFile, KeyType keyType)
    {
        if (File.Exists(keyFile))
        {
            return SigningKey.TryImport(File.ReadAllText(keyFile), out SigningKey? existing, out string? fault)
                ? existing
                : throw new StorageFailedException("read a key", keyFile, fault, inner: null);
        }

        if (File.Exists(certificateFile))
        {
            throw new StorageFailedException(
                "make a key", keyFile, $"its certificate {certificateFile} is there and fits no new key", inner: null);
        }

        SigningKey created = SigningKey.Create(keyType);
        Write(keyFile, created.ExportPem(), OwnerOnly);
        return created;
    }

    private void Write(string path, string text, UnixFileMode? mode)
    {
        if (File.Exists(path))
            return;

        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (mode is { } value && !OperatingSystem.IsWindows())
            options.UnixCreateMode = value;

        using var writer = new StreamWriter(path, options);
        writer.Write(text);
        Written++;
    }
}

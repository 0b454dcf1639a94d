using System.Security.Cryptography;
using Node.Client.Storing;

namespace Node.Cli.Networks;

/// <summary>
/// Where the first registrar of one organisation is kept: <c>registrar-secret</c> holds <c>id:secret</c>, as the
/// authority's environment takes it, and <c>wallet</c> its certificate and key once it enrolled.
/// </summary>
internal sealed record RegistrarFiles(string Folder)
{
    public const string Id = "admin";

    private const int SecretBytes = 24;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string SecretFile => Path.Combine(Folder, "registrar-secret");

    public string WalletFolder => Path.Combine(Folder, "wallet");

    /// <summary>The credential that is there, or a new one of random letters, readable by its owner alone.</summary>
    public string ReadOrCreate()
    {
        if (File.Exists(SecretFile))
            return File.ReadAllText(SecretFile).Trim();

        OwnedFile.CreateFolder(Folder);
        string credential = $"{Id}:{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes))}";
        string next = SecretFile + ".next";
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;

        using (var stream = new FileStream(next, options))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(credential + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, SecretFile);
        return credential;
    }
}

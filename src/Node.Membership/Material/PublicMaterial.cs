using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Node.Membership.Certificates;
using Node.Protocol;

namespace Node.Membership.Material;

/// <summary>
/// The part of an organisation's material that others need to trust it and to reach its nodes: the MSP folder and its
/// nodes' certificates. Never a key, never its users.
/// </summary>
public static class PublicMaterial
{
    private const int FileBytesMax = 1 << 20;
    private static readonly string[] s_mspFolders =
        ["cacerts", "tlscacerts", "intermediatecerts", "tlsintermediatecerts", "admincerts", "signcerts", "crls"];

    /// <summary>
    /// Its certificates are here and its authority's key is not: it makes its keys elsewhere.
    /// </summary>
    public static bool IsAllThereIs(OrganizationLayout organization) =>
        Directory.Exists(Path.Combine(organization.Msp, "cacerts")) && !Directory.Exists(organization.Ca);

    /// <summary>Every public file of an organisation, in the order of paths.</summary>
    /// <param name="fault">Names a file that is no part of it: too large, a link, or one that holds a key.</param>
    public static bool TryRead(
        OrganizationLayout organization,
        [NotNullWhen(true)] out IReadOnlyList<PublicFile>? files,
        [NotNullWhen(false)] out string? fault)
    {
        files = null;
        var read = new List<PublicFile>();
        try
        {
            foreach (string path in PathsOf(organization).Order(StringComparer.Ordinal))
            {
                if (!TryReadFile(organization, path, out PublicFile? file, out fault))
                    return false;

                read.Add(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"The certificates in {organization.Root} cannot be read: {e.Message}";
            return false;
        }

        files = read;
        fault = read.Count > 0 ? null : $"There are no certificates of {organization.Domain} in {organization.Root}.";
        return fault is null;
    }

    /// <summary>
    /// Writes what is missing. A file that is there with other content is a fault: whoever replaces certificates of
    /// others does so knowingly, by deleting the old ones.
    /// </summary>
    /// <returns>How many files were written.</returns>
    /// <exception cref="StorageFailedException">A file differs, or cannot be written.</exception>
    public static int Write(IReadOnlyList<PublicFile> files, OrganizationLayout organization)
    {
        try
        {
            int written = 0;
            foreach (PublicFile file in files)
            {
                string path = Path.Combine(organization.Root, file.Path);
                if (File.Exists(path))
                {
                    RequireSame(file, path);
                    continue;
                }

                Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
                File.WriteAllBytes(path, file.Content);
                written++;
            }

            return written;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("write certificates", organization.Root, e.Message, e);
        }
    }

    /// <summary>
    /// What people compare over a second channel: SHA-256 over the organisation's root certificates, in order.
    /// </summary>
    public static string FingerprintOf(IReadOnlyList<PublicFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (PublicFile file in files.Where(file => file.IsRoot))
        {
            if (Certificate.TryReadPem(file.Content, out Certificate? certificate, out _))
                hash.AppendData(certificate.Der.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<string> PathsOf(OrganizationLayout organization)
    {
        foreach (string path in MspPaths(organization.Msp))
            yield return path;

        string nodes = Path.Combine(organization.Root, organization.NodesFolder);
        if (!Directory.Exists(nodes))
            yield break;

        foreach (string node in Directory.GetDirectories(nodes))
        {
            MemberLayout member = organization.Node(Path.GetFileName(node));
            string[] tls = [member.TlsRootFile, member.TlsCertificateFile];
            foreach (string path in MspPaths(member.Msp).Concat(tls.Where(File.Exists)))
                yield return path;
        }
    }

    private static IEnumerable<string> MspPaths(string msp)
    {
        string config = Path.Combine(msp, "config.yaml");
        return s_mspFolders.Select(name => Path.Combine(msp, name)).Where(Directory.Exists)
            .SelectMany(Directory.GetFiles)
            .Concat(File.Exists(config) ? [config] : []);
    }

    private static bool TryReadFile(
        OrganizationLayout organization,
        string path,
        [NotNullWhen(true)] out PublicFile? file,
        [NotNullWhen(false)] out string? fault)
    {
        file = null;
        var found = new FileInfo(path);
        if (found.LinkTarget is not null || found.Length > FileBytesMax)
        {
            fault = $"{path} is a link, or larger than {FileBytesMax} bytes: that is no certificate.";
            return false;
        }

        var read = new PublicFile(Path.GetRelativePath(organization.Root, path), File.ReadAllBytes(path));
        if (read.Content.AsSpan().IndexOf("PRIVATE KEY"u8) >= 0)
        {
            fault = $"{path} holds a private key, which belongs to its owner alone. Ask for the public part.";
            return false;
        }

        if (read.IsCertificate && !Certificate.TryReadPem(read.Content, out _, out string? unfit))
        {
            fault = $"{path} is no certificate: {unfit}.";
            return false;
        }

        file = read;
        fault = null;
        return true;
    }

    private static void RequireSame(PublicFile file, string path)
    {
        if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(file.Content))
            throw new StorageFailedException(
                "take over a certificate", path,
                "another one is there already; delete the old one first if this is meant to replace it", inner: null);
    }
}

/// <summary>One public file of an organisation.</summary>
/// <param name="Path">Below the organisation's folder.</param>
public sealed record PublicFile(string Path, byte[] Content)
{
    /// <summary>One of the certificates that vouch for everything else of the organisation.</summary>
    public bool IsRoot =>
        System.IO.Path.GetDirectoryName(Path) is { } folder && (folder is "msp/cacerts" or "msp/tlscacerts");

    public bool IsCertificate =>
        !Path.EndsWith("config.yaml", StringComparison.Ordinal)
        && System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Path)) is not ("crls" or "old");
}

using System.Diagnostics.CodeAnalysis;
using Node.Client.Storing;
using Node.Membership.Material;

namespace Node.Client.Enrolling;

/// <summary>
/// A member's folder in cryptogen's layout, whose certificates come from the authority. Of a user it is
/// <c>users/NAME@DOMAIN</c>: once it is written, <c>--user NAME</c> and <see cref="Gateway.FromNetworkFolder"/> work. A
/// node takes what is written into its own while it runs.
/// </summary>
public sealed class MemberFolder
{
    private const string KeyName = "priv_sk";
    private const int NameCharsMax = 128;

    private readonly OrganizationLayout _organization;
    private readonly MemberLayout _member;

    private MemberFolder(OrganizationLayout organization, MemberLayout member, string name)
    {
        _organization = organization;
        _member = member;
        Name = name;
    }

    public string Name { get; }

    public string Root => _member.Root;

    public bool Exists => Directory.Exists(_member.Msp);

    private string CertificateFile =>
        Path.Combine(_member.Msp, "signcerts", $"{Name}@{_organization.Domain}-cert.pem");

    private string KeyFile => Path.Combine(_member.Msp, "keystore", KeyName);

    /// <param name="fault">The name cannot be one of a folder.</param>
    public static bool TryOpen(
        OrganizationLayout organization,
        string name,
        [NotNullWhen(true)] out MemberFolder? folder,
        [NotNullWhen(false)] out string? fault)
    {
        bool fits = name.Length is > 0 and <= NameCharsMax
            && !name.StartsWith('.')
            && !name.Any(c => char.IsControl(c) || c is '/' or '\\');
        folder = fits ? new MemberFolder(organization, organization.User(name), name) : null;
        fault = fits
            ? null
            : $"\"{name}\" cannot be a user's name: 1 to {NameCharsMax} characters, no slash, no dot in front.";
        return fits;
    }

    /// <summary>Every member whose folder lies in an organisation's material: its nodes, then its users.</summary>
    public static IReadOnlyList<MemberFolder> AllOf(OrganizationLayout organization)
    {
        string users = Path.Combine(organization.Root, "users");
        string nodes = Path.Combine(organization.Root, organization.NodesFolder);
        string suffix = $"@{organization.Domain}";
        return
        [
            .. NamesIn(nodes).Select(name => new MemberFolder(organization, organization.Node(name), name)),
            .. NamesIn(users).Where(name => name.EndsWith(suffix, StringComparison.Ordinal))
                .Select(name => name[..^suffix.Length])
                .Select(name => new MemberFolder(organization, organization.User(name), name)),
        ];
    }

    /// <summary>The certificate and key that are there now.</summary>
    /// <returns>The caller disposes of it.</returns>
    public bool TryLoad([NotNullWhen(true)] out Enrollment? enrollment, [NotNullWhen(false)] out string? fault)
    {
        enrollment = null;
        try
        {
            string[] certificates = FilesIn("signcerts");
            if (certificates.Length != 1)
            {
                fault = $"The folder {_member.Msp} must hold 1 certificate in signcerts, not {certificates.Length}.";
                return false;
            }

            fault = $"The folder {_member.Msp} holds no private key in keystore.";
            string certificate = File.ReadAllText(certificates[0]);
            foreach (string key in FilesIn("keystore"))
            {
                if (Enrollment.TryCreate(certificate, File.ReadAllText(key), "", out enrollment, out fault))
                    return true;
            }

            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"The folder {_member.Msp} cannot be read: {e.Message}";
            return false;
        }
    }

    /// <summary>
    /// Writes a new user's folder, or puts a new certificate into one that exists: what was there is kept aside in
    /// <c>old/SERIAL</c> first. At every instant the folder holds a certificate and the key that belongs to it.
    /// </summary>
    /// <returns>Where the old certificate and key are kept; null where there were none.</returns>
    public string? Write(Enrollment enrollment)
    {
        string? old = KeepAside();
        CopyOrganization();
        string next = Path.Combine(_member.Msp, "keystore", $"{enrollment.Certificate.Number.SerialNumber}_sk");
        OwnedFile.Write(next, enrollment.KeyToPem(), isPrivate: true);
        string[] former = FilesIn("signcerts");
        string certificateFile = former.Length == 1 ? former[0] : CertificateFile;
        OwnedFile.Write(certificateFile, enrollment.CertificatePem, isPrivate: false);

        // Only now the old key may go: readers take whichever key belongs to the certificate.
        File.Move(next, KeyFile, overwrite: true);
        foreach (string key in FilesIn("keystore").Where(key => key != KeyFile))
            File.Delete(key);

        return old;
    }

    /// <summary>The TLS certificate and key that are there now.</summary>
    /// <returns>False where there are none. The caller disposes of it.</returns>
    public bool TryLoadTls([NotNullWhen(true)] out Enrollment? tls, [NotNullWhen(false)] out string? fault)
    {
        tls = null;
        try
        {
            return Enrollment.TryCreate(
                File.ReadAllText(_member.TlsCertificateFile), File.ReadAllText(_member.TlsKeyFile), "", out tls,
                out fault);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"The folder {_member.Tls} cannot be read: {e.Message}";
            return false;
        }
    }

    /// <summary>
    /// Writes a TLS certificate with its key beside the enrolment; what was there is kept aside in <c>old/SERIAL</c>.
    /// With the same key only one file changes, in one step.
    /// </summary>
    public void WriteTls(Enrollment tls)
    {
        if (TryLoadTls(out Enrollment? former, out _))
        {
            using (former)
            {
                string folder = Path.Combine(_member.Root, "old", former.Certificate.Number.SerialNumber);
                OwnedFile.CreateFolder(folder);
                OwnedFile.Write(Path.Combine(folder, "tls.key"), former.KeyToPem(), isPrivate: true);
                OwnedFile.Write(Path.Combine(folder, "tls.crt"), former.CertificatePem, isPrivate: false);
            }
        }

        OwnedFile.Write(_member.TlsKeyFile, tls.KeyToPem(), isPrivate: true);
        OwnedFile.Write(_member.TlsCertificateFile, tls.CertificatePem, isPrivate: false);
    }

    private string? KeepAside()
    {
        if (!TryLoad(out Enrollment? former, out _))
            return null;

        using (former)
        {
            string folder = Path.Combine(_member.Root, "old", former.Certificate.Number.SerialNumber);
            OwnedFile.CreateFolder(folder);
            OwnedFile.Write(Path.Combine(folder, KeyName), former.KeyToPem(), isPrivate: true);
            OwnedFile.Write(Path.Combine(folder, "cert.pem"), former.CertificatePem, isPrivate: false);
            return folder;
        }
    }

    // The organisation's own MSP folder says whom its members trust, and how roles are told.
    private void CopyOrganization()
    {
        foreach (string name in (string[])["cacerts", "intermediatecerts", "tlscacerts"])
        {
            string source = Path.Combine(_organization.Msp, name);
            if (!Directory.Exists(source))
                continue;

            foreach (string file in Directory.GetFiles(source))
                OwnedFile.Write(
                    Path.Combine(_member.Msp, name, Path.GetFileName(file)), File.ReadAllText(file), isPrivate: false);
        }

        string config = Path.Combine(_organization.Msp, "config.yaml");
        if (File.Exists(config))
            OwnedFile.Write(Path.Combine(_member.Msp, "config.yaml"), File.ReadAllText(config), isPrivate: false);

        string tlsRoots = Path.Combine(_organization.Msp, "tlscacerts");
        if (Directory.Exists(tlsRoots) && Directory.GetFiles(tlsRoots) is [var root, ..])
            OwnedFile.Write(_member.TlsRootFile, File.ReadAllText(root), isPrivate: false);
    }

    private static IEnumerable<string> NamesIn(string folder) => Directory.Exists(folder)
        ? Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
        : [];

    private string[] FilesIn(string name)
    {
        string path = Path.Combine(_member.Msp, name);
        return Directory.Exists(path)
            ? [.. Directory.GetFiles(path).Where(file => !file.EndsWith(".next", StringComparison.Ordinal))]
            : [];
    }
}

using System.Diagnostics.CodeAnalysis;
using Node.Client.Storing;
using Node.Membership.Material;

namespace Node.Client.Enrolling;

/// <summary>
/// A user's folder in cryptogen's layout, <c>users/NAME@DOMAIN</c>, whose certificate comes from the authority: once
/// it is written, <c>--user NAME</c> and <see cref="Gateway.FromNetworkFolder"/> work.
/// </summary>
public sealed class MemberFolder
{
    private const string KeyName = "priv_sk";
    private const int NameCharsMax = 128;

    private readonly OrganizationLayout _organization;
    private readonly MemberLayout _member;

    private MemberFolder(OrganizationLayout organization, string name)
    {
        _organization = organization;
        _member = organization.User(name);
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
        folder = fits ? new MemberFolder(organization, name) : null;
        fault = fits
            ? null
            : $"\"{name}\" cannot be a user's name: 1 to {NameCharsMax} characters, no slash, no dot in front.";
        return fits;
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

    /// <summary>Writes a TLS certificate with its key beside the enrolment.</summary>
    public void WriteTls(Enrollment tls)
    {
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

    private string[] FilesIn(string name)
    {
        string path = Path.Combine(_member.Msp, name);
        return Directory.Exists(path)
            ? [.. Directory.GetFiles(path).Where(file => !file.EndsWith(".next", StringComparison.Ordinal))]
            : [];
    }
}

using System.Text;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;

namespace Node.Membership.Material;

/// <summary>A certificate authority whose key lies in a folder: made on the first run, read on every later one.</summary>
internal sealed class Authority : IDisposable
{
    private readonly SigningKey _key;

    private Authority(string fileName, string pem, Certificate certificate, SigningKey key)
    {
        FileName = fileName;
        Pem = pem;
        _key = key;
        Issuer = new CertificateIssuer(certificate, key);
    }

    public string FileName { get; }

    public string Pem { get; }

    public CertificateIssuer Issuer { get; }

    /// <exception cref="StorageFailedException">The folder holds half of an authority, or one that cannot be read.</exception>
    public static Authority OpenOrCreate(string folder, CertificateContent content, KeyType keyType, KeyFiles files)
    {
        string fileName = $"{content.Subject.CommonName}-cert.pem";
        string certificateFile = Path.Combine(folder, fileName);
        string keyFile = Path.Combine(folder, "priv_sk");
        if (File.Exists(certificateFile) != File.Exists(keyFile))
        {
            throw new StorageFailedException(
                "open a certificate authority", folder, "certificate and key belong together, one of them is missing", inner: null);
        }

        if (!File.Exists(keyFile))
        {
            using var created = SigningKey.Create(keyType);
            files.WriteText(certificateFile, Certificates.Pem.Encode(
                Certificates.Pem.CertificateLabel, CertificateIssuer.IssueRoot(content, created)));
            files.WriteKey(keyFile, created.ExportPem());
        }

        string pem = File.ReadAllText(certificateFile);
        if (!Certificate.TryReadPem(Encoding.UTF8.GetBytes(pem), out Certificate? certificate, out string? fault)
            || !SigningKey.TryImport(File.ReadAllText(keyFile), out SigningKey? key, out fault))
            throw new StorageFailedException("open a certificate authority", folder, fault, inner: null);

        return new Authority(fileName, pem, certificate, key);
    }

    public void Dispose() => _key.Dispose();
}

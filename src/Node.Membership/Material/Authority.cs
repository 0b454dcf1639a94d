using System.Text;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;

namespace Node.Membership.Material;

/// <summary>
/// A certificate authority whose key lies in a folder: made on the first run, read on every later one.
/// </summary>
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

    /// <exception cref="StorageFailedException">
    /// The folder holds a certificate without its key, or files that cannot be read.
    /// </exception>
    public static Authority OpenOrCreate(string folder, CertificateContent content, KeyType keyType, KeyFiles files)
    {
        string fileName = $"{content.Subject.CommonName}-cert.pem";
        string certificateFile = Path.Combine(folder, fileName);
        string keyFile = Path.Combine(folder, "priv_sk");
        SigningKey key = files.OpenOrCreateKey(keyFile, certificateFile, keyType);
        if (!File.Exists(certificateFile))
            files.WriteCertificate(certificateFile, CertificateIssuer.IssueRoot(content, key));

        string pem = File.ReadAllText(certificateFile);
        if (!Certificate.TryReadPem(Encoding.UTF8.GetBytes(pem), out Certificate? certificate, out string? fault))
            throw new StorageFailedException("read a certificate authority", certificateFile, fault, inner: null);

        return new Authority(fileName, pem, certificate, key);
    }

    public void Dispose() => _key.Dispose();
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Node.Hosting.Tests.Tls;

/// <summary>A TLS root in memory that issues for localhost, and a folder for the files.</summary>
internal sealed class TestCertificates : IDisposable
{
    public static readonly DateTimeOffset Beginning = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _root;
    private int _serial;

    public TestCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=tlsca.test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(Beginning.AddYears(-1), Beginning.AddYears(20));
        Roots = [Encoding.UTF8.GetBytes(_root.ExportCertificatePem())];
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("hyperprov-hosting-").FullName;

    public IReadOnlyList<ReadOnlyMemory<byte>> Roots { get; }

    public string FileOf(string name) => Path.Combine(Folder, name);

    /// <summary>Writes NAME.crt and NAME.key with a key of their own.</summary>
    /// <returns>The serial number, as logs show it.</returns>
    public string Write(string name, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        (string certificate, string key, string serial) = Issue(name, notBefore, notAfter);
        File.WriteAllText(FileOf($"{name}.crt"), certificate);
        File.WriteAllText(FileOf($"{name}.key"), key);
        return serial;
    }

    public (string Certificate, string Key, string Serial) Issue(
        string name, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        byte[] serial = [1, (byte)Interlocked.Increment(ref _serial)];
        using X509Certificate2 issued = request.Create(_root, notBefore, notAfter, serial);
        return (issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), $"10{serial[1]:x}"[..3]);
    }

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Node.Hosting.Tls;

/// <summary>PEM files of root certificates that a node's configuration names.</summary>
public static class RootFiles
{
    /// <summary>Their bytes, in order; what they hold is looked at when a chain is built.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static ReadOnlyMemory<byte>[] Read(IEnumerable<string> files) => [.. files.Select(ReadBytes)];

    /// <summary>As <see cref="Read"/>, and each holds certificates.</summary>
    /// <param name="setting">What names them in the configuration, for the message.</param>
    /// <exception cref="ArgumentException">A file cannot be read or used.</exception>
    public static ReadOnlyMemory<byte>[] ReadCertificates(IEnumerable<string> files, string setting) =>
        [.. files.Select(file => ReadCertificates(file, setting))];

    private static ReadOnlyMemory<byte> ReadBytes(string file) => File.ReadAllBytes(file);

    private static ReadOnlyMemory<byte> ReadCertificates(string file, string setting)
    {
        try
        {
            ReadOnlyMemory<byte> pem = ReadBytes(file);
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(Encoding.UTF8.GetString(pem.Span));
            return certificates.Count > 0 ? pem : throw new CryptographicException("it holds no certificate");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"{setting}, {file}: {e.Message}", nameof(file), e);
        }
    }
}

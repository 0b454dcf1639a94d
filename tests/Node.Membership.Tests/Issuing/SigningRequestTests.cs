using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Node.Membership.Issuing;

namespace Node.Membership.Tests.Issuing;

/// <summary>Certification requests: of the framework's own writer, of ours, and of nobody in his senses.</summary>
public class SigningRequestTests
{
    [Fact]
    public void A_request_of_another_writer_is_read()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest(
            "CN=somebody, OU=admin, O=House, L=Tromso, S=Troms, C=NO", key, HashAlgorithmName.SHA384);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("node.local");
        names.AddIpAddress(IPAddress.Parse("10.0.0.7"));
        names.AddEmailAddress("a@b.no");
        names.AddUri(new Uri("https://b.no/a"));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 3, true));

        string pem = request.CreateSigningRequestPem();
        byte[] text = Encoding.ASCII.GetBytes(pem);
        Assert.True(SigningRequest.TryReadPem(text, out SigningRequest? read, out string? fault), fault);

        Assert.Equal(
            ("somebody", "House", "Tromso", "Troms", "NO"),
            (read.CommonName, read.Organization, read.Locality, read.Province, read.Country));
        Assert.Equal(["node.local"], read.AlternativeNames.DnsNames);
        Assert.Equal([IPAddress.Parse("10.0.0.7")], read.AlternativeNames.Addresses);
        Assert.Equal(["a@b.no"], read.AlternativeNames.EmailAddresses);
        Assert.Equal(["https://b.no/a"], read.AlternativeNames.Uris);
    }

    [Theory]
    [InlineData(KeyType.P256)]
    [InlineData(KeyType.Ed25519)]
    public void Our_own_request_is_read_by_us_and_by_the_framework(KeyType type)
    {
        using EnrollmentKey key = EnrollmentKey.Create(type);
        string pem = key.WriteRequest("é-user", ["node.local", "::1"]);

        byte[] text = Encoding.ASCII.GetBytes(pem);
        Assert.True(SigningRequest.TryReadPem(text, out SigningRequest? read, out string? fault), fault);
        Assert.Equal("é-user", read.CommonName);
        Assert.Equal(["node.local"], read.AlternativeNames.DnsNames);
        if (type == KeyType.P256)
        {
            CertificateRequest theirs = CertificateRequest.LoadSigningRequestPem(
                pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            Assert.Equal("CN=é-user", theirs.SubjectName.Name);
        }
    }

    [Fact]
    public void A_request_without_names_has_an_empty_set_of_attributes()
    {
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        string pem = key.WriteRequest("u", []);
        CertificateRequest theirs = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256);
        Assert.Equal("CN=u", theirs.SubjectName.Name);
    }

    [Fact]
    public void A_request_with_an_RSA_key_is_refused()
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=u", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Assert.False(SigningRequest.TryReadPem(
            Encoding.ASCII.GetBytes(request.CreateSigningRequestPem()), out _, out string? fault));
        Assert.Contains("Rsa", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("C=NOR, CN=u", "two letters")]
    [InlineData("O=House, CN=12345678901234567890123456789012345678901234567890123456789012345678901234567890"
        + "1234567890123456789012345678901234567890123456789", "longer than")]
    public void A_subject_beyond_reason_is_refused(string subject, string expected)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        foreach (string part in subject.Split(", "))
        {
            string oid = part[..part.IndexOf('=')] switch { "C" => "2.5.4.6", "O" => "2.5.4.10", _ => "2.5.4.3" };
            name.Add(oid, part[(part.IndexOf('=') + 1)..]);
        }

        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        Assert.False(SigningRequest.TryReadPem(
            Encoding.ASCII.GetBytes(request.CreateSigningRequestPem()), out _, out string? fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    // Whatever byte is bent, the signature or the form is broken: no bent request is taken, and none makes it throw.
    [Fact]
    public void Every_bent_bit_of_a_request_is_refused()
    {
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        string pem = key.WriteRequest("u", ["node.local"]);
        PemFields fields = PemEncoding.Find(pem);
        byte[] der = Convert.FromBase64String(pem[fields.Base64Data]);
        for (int bit = 0; bit < der.Length * 8; bit++)
        {
            byte[] bent = [.. der];
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            byte[] text = Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE REQUEST", bent));
            bool taken = SigningRequest.TryReadPem(text, out SigningRequest? read, out _);

            // The version and the signature's algorithm parameters are what a signature may not cover.
            Assert.False(taken && read!.CommonName != "u", $"bit {bit}");
            Assert.False(taken && der.AsSpan(0, bit / 8).Length < 4, $"bit {bit}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("no PEM")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public void What_is_no_request_is_refused(string text) =>
        Assert.False(SigningRequest.TryReadPem(Encoding.ASCII.GetBytes(text), out _, out _));

    [Theory]
    [InlineData("AB:CD", "abcd")]
    [InlineData("00ab", "ab")]
    [InlineData("0", "")]
    [InlineData("xy", null)]
    [InlineData("", null)]
    public void Numbers_of_certificates_have_one_spelling(string text, string? expected)
    {
        bool parsed = CertificateNumber.TryParseHex(text, out string number);
        Assert.Equal(expected, parsed ? number : null);
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Node.Ca.Hosting;
using Node.Hosting.Tls;
using Node.Membership.Issuing;
using Node.Testing;
using Node.Testing.Time;

namespace Node.Ca.Tests;

/// <summary>An authority looks after the certificate of its own port.</summary>
public sealed class OwnTlsRenewalTests : IDisposable
{
    private readonly TestNetwork _network = TestNetwork.Create();
    private readonly CaTlsFiles _files;
    private readonly IssuingAuthority _authority;
    private readonly ServerIdentity _tls;
    private readonly string _organization;

    public OwnTlsRenewalTests()
    {
        _organization = Path.Combine(_network.MaterialFolder, "peerOrganizations/org1.example.com");
        _files = new CaTlsFiles
        {
            CertificateFile = Path.Combine(_organization, "ca/tls/server.crt"),
            KeyFile = Path.Combine(_organization, "ca/tls/server.key"),
        };
        _authority = Load("tlsca/tlsca.org1.example.com-cert.pem", "tlsca/priv_sk");

        // One that ends before its issuer does: those of the generator end together.
        _tls = ServerIdentity.Load(_files.CertificateFile, _files.KeyFile);
        Assert.Null(RenewalAt(_tls.Current.NotAfter.AddDays(-3000)).FaultOfRenewal());
    }

    public void Dispose()
    {
        _authority.Dispose();
        _network.Dispose();
    }

    [Fact]
    public void Is_left_alone_while_there_is_time_and_where_its_issuer_ends_no_later()
    {
        string before = _tls.Current.SerialNumber;

        Assert.Null(RenewalAt(_tls.Current.NotAfter.AddDays(-31)).FaultOfRenewal());
        Assert.Null(RenewalAt(_tls.Current.NotAfter.AddDays(-1)).FaultOfRenewal());

        Assert.False(_tls.Refresh(_tls.Current.NotBefore.AddDays(1)));
        Assert.Equal(before, _tls.Current.SerialNumber);
    }

    [Theory]
    [InlineData(-29)]
    [InlineData(100)]   // Long expired.
    public void Is_renewed_with_its_key_and_names_when_it_ends_soon(int days)
    {
        DateTimeOffset end = Shorten();
        byte[] key = _tls.Current.Own.GetPublicKey();
        string[] names = NamesOf();
        DateTimeOffset now = end.AddDays(days);

        Assert.Null(RenewalAt(now).FaultOfRenewal());

        Assert.True(_tls.Refresh(now));
        Assert.True(_tls.Current.NotAfter > now.AddDays(300));
        Assert.Equal(key, _tls.Current.Own.GetPublicKey());
        Assert.Equal(names, NamesOf());
        Assert.Contains("localhost", names);
    }

    [Fact]
    public void One_of_another_issuer_is_left_alone_and_a_file_that_cannot_be_read_is_told()
    {
        DateTimeOffset end = Shorten();
        using IssuingAuthority other = Load("ca/ca.org1.example.com-cert.pem", "ca/priv_sk");
        var clock = new ManualClock(end.AddDays(-1));
        string before = File.ReadAllText(_files.CertificateFile);

        Assert.Null(new OwnTlsRenewal(_files, _tls, other, clock, NullLogger.Instance).FaultOfRenewal());
        Assert.Equal(before, File.ReadAllText(_files.CertificateFile));

        File.Delete(_files.KeyFile);
        Assert.NotNull(RenewalAt(end.AddDays(-1)).FaultOfRenewal());
    }

    // A year, as the authority gives from now on.
    private DateTimeOffset Shorten()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        string pem = File.ReadAllText(_files.KeyFile);
        Assert.True(EnrollmentKey.TryFromPem(pem, out EnrollmentKey? key, out string? fault), fault);
        using (key)
        {
            string asked = key.WriteRequest("ca.org1.example.com", ["ca.org1.example.com", "localhost", "127.0.0.1"]);
            byte[] bytes = System.Text.Encoding.ASCII.GetBytes(asked);
            Assert.True(SigningRequest.TryReadPem(bytes, out SigningRequest? request, out fault), fault);
            var terms = new IssueTerms("ca.org1.example.com", IssueProfile.Tls, now.AddMinutes(-5), now.AddDays(365))
            {
                AlternativeNames = request.AlternativeNames,
            };
            Assert.True(_authority.TryIssue(request, terms, out PresentedCertificate? issued, out fault), fault);
            File.WriteAllText(_files.CertificateFile, issued.ToPem());
        }

        Assert.True(_tls.Refresh(now));
        return _tls.Current.NotAfter;
    }

    private string[] NamesOf() =>
    [
        .. _tls.Current.Own.Extensions
            .OfType<System.Security.Cryptography.X509Certificates.X509SubjectAlternativeNameExtension>()
            .SelectMany(names => names.EnumerateDnsNames()),
    ];

    private OwnTlsRenewal RenewalAt(DateTimeOffset now) =>
        new(_files, _tls, _authority, new ManualClock(now), NullLogger.Instance);

    private IssuingAuthority Load(string certificate, string key)
    {
        Assert.True(
            IssuingAuthority.TryLoad(
                Path.Combine(_organization, certificate), Path.Combine(_organization, key),
                out IssuingAuthority? authority, out string? fault),
            fault);
        return authority;
    }
}

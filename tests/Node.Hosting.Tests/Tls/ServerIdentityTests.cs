using Node.Hosting.Tls;

namespace Node.Hosting.Tests.Tls;

public sealed class ServerIdentityTests : IDisposable
{
    private static readonly DateTimeOffset s_now = TestCertificates.Beginning.AddDays(10);

    private readonly TestCertificates _files = new();
    private readonly string _first;

    public ServerIdentityTests() => _first = WriteNode();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_renewed_pair_is_taken_and_the_same_files_are_no_renewal()
    {
        ServerIdentity identity = Load();
        Assert.Equal(_first, identity.Current.SerialNumber);
        Assert.False(identity.Refresh(s_now));

        string second = WriteNode();

        Assert.True(identity.Refresh(s_now));
        Assert.Equal(second, identity.Current.SerialNumber);
        Assert.False(identity.Refresh(s_now));
        Assert.Null(identity.Fault);
    }

    // Two files cannot be replaced in one step: what a node sees between them is no reason to complain, yet.
    [Fact]
    public void Between_two_files_of_a_renewal_the_former_pair_stays_in_use()
    {
        ServerIdentity identity = Load();
        (string certificate, string key, string serial) = _files.Issue("node", s_now, s_now.AddDays(300));

        File.WriteAllText(_files.FileOf("node.key"), key);
        Assert.False(identity.Refresh(s_now));
        Assert.Null(identity.Fault);
        Assert.Equal(_first, identity.Current.SerialNumber);

        File.WriteAllText(_files.FileOf("node.crt"), certificate);
        Assert.True(identity.Refresh(s_now));
        Assert.Equal(serial, identity.Current.SerialNumber);
    }

    [Theory]
    [InlineData("foreign key")]
    [InlineData("no certificate")]
    [InlineData("empty")]
    [InlineData("missing")]
    [InlineData("expired")]
    [InlineData("not yet valid")]
    public void What_cannot_be_used_is_a_fault_once_it_stays_and_the_former_pair_goes_on(string what)
    {
        ServerIdentity identity = Load();
        Spoil(what);

        Assert.False(identity.Refresh(s_now));
        Assert.Null(identity.Fault);
        Assert.False(identity.Refresh(s_now));

        Assert.NotNull(identity.Fault);
        Assert.Contains("node.crt", identity.Fault, StringComparison.Ordinal);
        Assert.Equal(_first, identity.Current.SerialNumber);

        // Mended, it is taken, and nothing is wrong any more.
        string mended = WriteNode();
        Assert.True(identity.Refresh(s_now));
        Assert.Equal(mended, identity.Current.SerialNumber);
        Assert.Null(identity.Fault);
    }

    [Fact]
    public void One_that_begins_later_is_taken_when_it_does()
    {
        ServerIdentity identity = Load();
        string later = _files.Write("node", s_now.AddDays(1), s_now.AddDays(300));

        Assert.False(identity.Refresh(s_now));
        Assert.True(identity.Refresh(s_now.AddDays(1)));
        Assert.Equal(later, identity.Current.SerialNumber);
    }

    [Fact]
    public void A_pair_that_does_not_fit_does_not_open()
    {
        Spoil("foreign key");

        ArgumentException refused = Assert.Throws<ArgumentException>(Load);
        Assert.Contains("node.key", refused.Message, StringComparison.Ordinal);
    }

    private ServerIdentity Load() => ServerIdentity.Load(_files.FileOf("node.crt"), _files.FileOf("node.key"));

    private string WriteNode() => _files.Write("node", TestCertificates.Beginning, s_now.AddDays(300));

    private void Spoil(string what)
    {
        switch (what)
        {
            case "foreign key":
                File.WriteAllText(_files.FileOf("node.key"), _files.Issue("x", s_now, s_now.AddDays(1)).Key);
                break;
            case "no certificate":
                File.WriteAllText(_files.FileOf("node.crt"), "something else");
                break;
            case "empty":
                File.WriteAllText(_files.FileOf("node.crt"), "");
                break;
            case "missing":
                File.Delete(_files.FileOf("node.crt"));
                break;
            case "expired":
                _files.Write("node", TestCertificates.Beginning, s_now.AddDays(-1));
                break;
            default:
                _files.Write("node", s_now.AddDays(1), s_now.AddDays(2));
                break;
        }
    }
}

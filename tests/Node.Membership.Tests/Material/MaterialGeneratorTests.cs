using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Protocol;

namespace Node.Membership.Tests.Material;

public sealed class MaterialGeneratorTests : IDisposable
{
    private const string OneOrganization = """
        OrdererOrgs:
          - Name: Orderer
            Domain: example.com
            EnableNodeOUs: true
            Specs:
              - Hostname: orderer
                SANS: [ordering.local, 10.0.0.7, "{{.Hostname}}.alt.{{.Domain}}"]
        PeerOrgs:
          - Name: Org1
            Domain: org1.example.com
            EnableNodeOUs: true
            CA: { Hostname: ca, Country: NO, Province: Troms, Locality: Tromso }
            Template: { Count: 2, Start: 1, SANS: ["{{.Hostname}}.local"] }
            Specs:
              - { Hostname: edge, CommonName: edge-of-org1.example.com, OrganizationalUnit: devices }
            Users: { Count: 1 }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-material-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Writes_the_folders_that_cryptogen_writes()
    {
        MaterialReport report = Generate(OneOrganization);

        Assert.Equal(2, report.Organizations);
        Assert.Equal(7, report.Identities);   // orderer and its Admin; two peers, edge, Admin and User1.
        string[] expected =
        [
            "ordererOrganizations/example.com/msp/config.yaml",
            "ordererOrganizations/example.com/orderers/orderer.example.com/tls/server.crt",
            "ordererOrganizations/example.com/users/Admin@example.com/tls/client.key",
            "peerOrganizations/org1.example.com/ca/ca.org1.example.com-cert.pem",
            "peerOrganizations/org1.example.com/ca/priv_sk",
            "peerOrganizations/org1.example.com/msp/cacerts/ca.org1.example.com-cert.pem",
            "peerOrganizations/org1.example.com/msp/config.yaml",
            "peerOrganizations/org1.example.com/msp/tlscacerts/tlsca.org1.example.com-cert.pem",
            "peerOrganizations/org1.example.com/peers/edge-of-org1.example.com/msp/keystore/priv_sk",
            "peerOrganizations/org1.example.com/peers/peer1.org1.example.com/msp/cacerts/ca.org1.example.com-cert.pem",
            "peerOrganizations/org1.example.com/peers/peer1.org1.example.com/msp/config.yaml",
            "peerOrganizations/org1.example.com/peers/peer1.org1.example.com/msp/keystore/priv_sk",
            "peerOrganizations/org1.example.com/peers/peer2.org1.example.com/msp/signcerts/"
                + "peer2.org1.example.com-cert.pem",
            "peerOrganizations/org1.example.com/peers/peer2.org1.example.com/tls/ca.crt",
            "peerOrganizations/org1.example.com/peers/peer2.org1.example.com/tls/server.key",
            "peerOrganizations/org1.example.com/tlsca/priv_sk",
            "peerOrganizations/org1.example.com/tlsca/tlsca.org1.example.com-cert.pem",
            "peerOrganizations/org1.example.com/users/Admin@org1.example.com/msp/signcerts/"
                + "Admin@org1.example.com-cert.pem",
            "peerOrganizations/org1.example.com/users/User1@org1.example.com/tls/client.crt",
        ];
        Assert.Empty(expected.Except(Files().Keys));
        Assert.Equal(report.FilesWritten, Files().Count);
    }

    [Fact]
    public void Private_keys_are_readable_by_their_owner_alone()
    {
        Generate(OneOrganization);

        string[] keys = [.. Files().Keys.Where(path => path.EndsWith("priv_sk", StringComparison.Ordinal)
            || path.EndsWith(".key", StringComparison.Ordinal))];

        Assert.Equal(20, keys.Length);   // The two of each member, CA, TLS CA, and the server of the CA.
        Assert.All(keys, key => Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(Path.Combine(_folder, key)).UnixFileMode));
        Assert.All(keys, key => Assert.StartsWith(
            "-----BEGIN PRIVATE KEY-----", File.ReadAllText(Path.Combine(_folder, key)), StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_run_changes_nothing_and_adds_what_is_missing()
    {
        Generate(OneOrganization);
        Dictionary<string, string> before = Files();
        OrganizationLayout org1 = new MaterialLayout(_folder).PeerOrganization("org1.example.com");
        File.Delete(Path.Combine(org1.User("User1").Msp, "keystore", "priv_sk"));
        File.Delete(Path.Combine(org1.User("User1").Msp, "signcerts", "User1@org1.example.com-cert.pem"));

        MaterialReport again = Generate(OneOrganization.Replace(
            "Users: { Count: 1 }", "Users: { Count: 2 }", StringComparison.Ordinal));

        Dictionary<string, string> after = Files();
        Assert.Equal(10, again.FilesWritten);   // Eight of User2, and the pair of User1 that was lost.
        Assert.Equal(2, before.Count(file => after[file.Key] != file.Value));
        Assert.Equal(0, Generate(OneOrganization).FilesWritten);
        AssertMember("Org1MSP", org1, "User2", NodeRole.Client);
    }

    [Fact]
    public void A_key_that_lost_its_certificate_is_taken_up_and_a_certificate_that_lost_its_key_is_a_clear_error()
    {
        Generate(OneOrganization);
        OrganizationLayout org1 = new MaterialLayout(_folder).PeerOrganization("org1.example.com");
        string key = Path.Combine(org1.User("User1").Msp, "keystore", "priv_sk");
        string certificate = Path.Combine(org1.User("User1").Msp, "signcerts", "User1@org1.example.com-cert.pem");
        string keyText = File.ReadAllText(key);

        File.Delete(certificate);
        Generate(OneOrganization);
        Assert.Equal(keyText, File.ReadAllText(key));
        AssertMember("Org1MSP", org1, "User1", NodeRole.Client);

        File.Delete(key);
        var failure = Assert.Throws<StorageFailedException>(() => Generate(OneOrganization));
        Assert.Contains("fits no new key", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KeyType.P256)]
    [InlineData(KeyType.Ed25519)]
    public void Members_have_the_role_of_their_folder(KeyType keyType)
    {
        Generate(OneOrganization, keyType);
        OrganizationLayout org1 = new MaterialLayout(_folder).PeerOrganization("org1.example.com");

        AssertMember("Org1MSP", org1, "User1", NodeRole.Client);
        AssertMember("Org1MSP", org1, "Admin", NodeRole.Admin);
        Identity peer = Resolve("Org1MSP", org1, org1.Node("edge-of-org1.example.com").Msp);
        Assert.Equal(NodeRole.Peer, peer.Role);
        Assert.Equal(["peer", "devices"], peer.OrganizationalUnits);
        Assert.Equal("edge", peer.EnrollmentId);
        Assert.Equal("peer", peer.Attributes["hf.Type"]);
    }

    [Fact]
    public void Without_role_units_the_administrator_is_listed_in_every_folder()
    {
        Generate(OneOrganization.Replace("EnableNodeOUs: true", "EnableNodeOUs: false", StringComparison.Ordinal));
        OrganizationLayout org1 = new MaterialLayout(_folder).PeerOrganization("org1.example.com");

        Assert.True(Resolve("Org1MSP", org1, org1.User("Admin").Msp).IsAdmin);
        Assert.False(Resolve("Org1MSP", org1, org1.User("User1").Msp).IsAdmin);
        Assert.True(File.Exists(Path.Combine(
            org1.Node("peer1.org1.example.com").Msp, "admincerts", "Admin@org1.example.com-cert.pem")));
    }

    [Fact]
    public void The_frameworks_own_chain_check_accepts_enrolment_and_TLS_certificates()
    {
        Generate(OneOrganization);
        OrganizationLayout org1 = new MaterialLayout(_folder).PeerOrganization("org1.example.com");

        AssertChain(
            Path.Combine(org1.Node("peer1.org1.example.com").Msp, "signcerts", "peer1.org1.example.com-cert.pem"),
            Path.Combine(org1.Ca, "ca.org1.example.com-cert.pem"));
        AssertChain(
            org1.Node("peer1.org1.example.com").TlsCertificateFile, org1.Node("peer1.org1.example.com").TlsRootFile);
    }

    [Theory]
    [InlineData("orderer.example.com", true)]
    [InlineData("orderer", true)]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("ordering.local", true)]
    [InlineData("10.0.0.7", true)]
    [InlineData("orderer.alt.example.com", true)]
    [InlineData("elsewhere.example.com", false)]
    public void TLS_certificates_carry_the_names_of_their_node(string name, bool matches)
    {
        Generate(OneOrganization);
        OrganizationLayout organization = new MaterialLayout(_folder).OrdererOrganization("example.com");
        MemberLayout orderer = organization.Node("orderer.example.com");
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(orderer.TlsCertificateFile);

        Assert.Equal(matches, certificate.MatchesHostname(name));
    }

    [Theory]
    [InlineData(KeyType.P256)]
    [InlineData(KeyType.Ed25519)]
    public async Task A_TLS_session_with_client_certificate_comes_about(KeyType keyType)
    {
        Generate(OneOrganization, keyType);
        var layout = new MaterialLayout(_folder);
        MemberLayout server = layout.OrdererOrganization("example.com").Node("orderer.example.com");
        MemberLayout client = layout.PeerOrganization("org1.example.com").User("User1");
        using X509Certificate2 serverCertificate = Load(server);
        using X509Certificate2 clientCertificate = Load(client);
        using X509Certificate2 serverRoot = X509CertificateLoader.LoadCertificateFromFile(server.TlsRootFile);
        using X509Certificate2 clientRoot = X509CertificateLoader.LoadCertificateFromFile(client.TlsRootFile);
        (Stream left, Stream right) = await ConnectAsync();
        await using var serverStream = new SslStream(left);
        await using var clientStream = new SslStream(right);

        await Task.WhenAll(
            serverStream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = serverCertificate,
                ClientCertificateRequired = true,
                CertificateChainPolicy = PolicyFor(clientRoot),
            }),
            clientStream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificates = [clientCertificate],
                CertificateChainPolicy = PolicyFor(serverRoot),
            }));

        Assert.True(serverStream.IsMutuallyAuthenticated);
    }

    [Fact]
    public void The_sample_in_the_repository_is_the_default_network()
    {
        string sample = Path.Combine(RepositoryRoot(), "crypto-config", "crypto-config.yaml");

        Assert.True(CryptoConfig.TryLoad(sample, out CryptoConfig? config, out string? fault), fault);
        CryptoConfig expected = NetworkTopology
            .Default(orderers: 1, NetworkTopology.DefaultBasePort, KeyType.P256).ToCryptoConfig();
        Assert.Equal(Names(expected), Names(config));
    }

    private static IEnumerable<string> Names(CryptoConfig config) => config.OrdererOrganizations
        .Concat(config.PeerOrganizations)
        .Select(org => $"{org.Name} {org.Domain} {org.EnableNodeOus} {org.Ca.CommonName} {org.UserCount} "
            + string.Join(' ', org.Nodes.Select(node => node.CommonName)));

    private static string RepositoryRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Hyperprov.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Hyperprov.sln");

        return folder;
    }

    private static async Task<(Stream Left, Stream Right)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new TcpClient();
        Task<TcpClient> accepted = listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        return ((await accepted).GetStream(), client.GetStream());
    }

    private static X509ChainPolicy PolicyFor(X509Certificate2 root) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { root },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    private static X509Certificate2 Load(MemberLayout member) =>
        X509Certificate2.CreateFromPemFile(member.TlsCertificateFile, member.TlsKeyFile);

    private static void AssertChain(string certificateFile, string rootFile)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(certificateFile);
        using X509Certificate2 root = X509CertificateLoader.LoadCertificateFromFile(rootFile);
        using var chain = new X509Chain { ChainPolicy = PolicyFor(root) };

        Assert.True(
            chain.Build(certificate), string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation)));
    }

    private static void AssertMember(string mspId, OrganizationLayout layout, string user, NodeRole role)
    {
        Identity identity = Resolve(mspId, layout, layout.User(user).Msp);
        Assert.Equal(role, identity.Role);
        Assert.Equal(user, identity.EnrollmentId);
        Assert.Equal($"{user}@{layout.Domain}", identity.CommonName);
    }

    private static Identity Resolve(string mspId, OrganizationLayout layout, string mspFolder)
    {
        Assert.True(Msp.TryLoadFolder(MspId.Of(mspId), layout.Msp, out Msp? msp, out string? fault), fault);
        Assert.True(
            SigningIdentity.TryLoad(MspId.Of(mspId), mspFolder, out SigningIdentity? signer, out fault), fault);
        using (signer)
        {
            string pem = File.ReadAllText(Assert.Single(Directory.GetFiles(Path.Combine(mspFolder, "signcerts"))));
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(pem);
            Assert.True(msp.TryResolve(bytes, out Identity? identity, out fault), fault);
            Assert.True(identity.Verify([1], signer.Sign([1])));
            return identity;
        }
    }

    private MaterialReport Generate(string yaml) => Generate(yaml, KeyType.P256);

    private MaterialReport Generate(string yaml, KeyType keyType)
    {
        Assert.True(CryptoConfig.TryParse("yaml", yaml, out CryptoConfig? config, out string? fault), fault);
        return MaterialGenerator.Generate(config, _folder, keyType, TimeProvider.System);
    }

    private Dictionary<string, string> Files() => Directory
        .GetFiles(_folder, "*", SearchOption.AllDirectories)
        .ToDictionary(path => Path.GetRelativePath(_folder, path), File.ReadAllText);
}

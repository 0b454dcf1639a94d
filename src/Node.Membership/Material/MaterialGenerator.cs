using System.Globalization;
using System.Net;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;

namespace Node.Membership.Material;

/// <summary>What a run has done.</summary>
/// <param name="FilesWritten">0 when everything was there already.</param>
public sealed record MaterialReport(int FilesWritten, int Organizations, int Identities);

/// <summary>Makes keys and certificates for whole organisations, in cryptogen's folder layout.</summary>
/// <remarks>
/// A second run adds what is missing and touches nothing that exists. Private keys are readable by their owner alone.
/// An organisation of which only the public part is there is left out: it makes its keys itself.
/// </remarks>
public static class MaterialGenerator
{
    /// <summary>How long certificates hold from now.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromDays(3652);

    /// <param name="folder">Receives peerOrganizations and ordererOrganizations.</param>
    /// <param name="keyType">Of enrolment keys; TLS keys are always P-256.</param>
    /// <exception cref="StorageFailedException">A file cannot be read or written.</exception>
    public static MaterialReport Generate(CryptoConfig config, string folder, KeyType keyType, TimeProvider clock)
    {
        var files = new KeyFiles();
        var layout = new MaterialLayout(folder);
        int organizations = 0;
        int identities = 0;
        try
        {
            var all = config.OrdererOrganizations
                .Select(spec => (Spec: spec, Layout: layout.OrdererOrganization(spec.Domain), Role: "orderer"))
                .Concat(config.PeerOrganizations
                    .Select(spec => (Spec: spec, Layout: layout.PeerOrganization(spec.Domain), Role: "peer")));
            foreach ((OrganizationSpec spec, OrganizationLayout place, string role) in all)
            {
                if (PublicMaterial.IsAllThereIs(place))
                    continue;

                using var organization = new OrganizationMaterial(spec, place, role, keyType, files, clock);
                identities += organization.Generate();
                organizations++;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("write keys and certificates", folder, e.Message, e);
        }

        return new MaterialReport(files.Written, organizations, identities);
    }
}

/// <summary>Makes the material of one organisation.</summary>
internal sealed class OrganizationMaterial : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly OrganizationSpec _spec;
    private readonly OrganizationLayout _layout;
    private readonly string _nodeRole;
    private readonly KeyType _keyType;
    private readonly KeyFiles _files;
    private readonly DateTimeOffset _notBefore;
    private readonly DateTimeOffset _notAfter;
    private readonly Authority _ca;
    private readonly Authority _tlsCa;

    public OrganizationMaterial(
        OrganizationSpec spec,
        OrganizationLayout layout,
        string nodeRole,
        KeyType keyType,
        KeyFiles files,
        TimeProvider clock)
    {
        _spec = spec;
        _layout = layout;
        _nodeRole = nodeRole;
        _keyType = keyType;
        _files = files;

        // Machines whose clocks differ by as much as proposals may must be able to use them at once.
        _notBefore = clock.GetUtcNow() - Limits.ProposalSkewMax;
        _notAfter = _notBefore + MaterialGenerator.Validity;
        _ca = Authority.OpenOrCreate(layout.Ca, AuthorityContent(spec.Ca.CommonName), keyType, files);
        CertificateContent tlsCa = AuthorityContent($"tls{spec.Ca.CommonName}");
        _tlsCa = Authority.OpenOrCreate(layout.TlsCa, tlsCa, KeyType.P256, files);
    }

    public void Dispose()
    {
        _ca.Dispose();
        _tlsCa.Dispose();
    }

    /// <returns>How many identities the organisation has now.</returns>
    public int Generate()
    {
        WriteMspFolder(_layout.Msp);
        WriteTls(_layout.CaServer, _spec.Ca);
        foreach (NodeSpec node in _spec.Nodes)
            WriteMember(_layout.Node(node.CommonName), node, node.Hostname, _nodeRole);

        var users = new List<string> { "Admin" };
        for (int i = 1; i <= _spec.UserCount; i++)
            users.Add(string.Create(CultureInfo.InvariantCulture, $"User{i}"));
        foreach (string user in users)
        {
            var spec = new NodeSpec { Hostname = user, CommonName = $"{user}@{_spec.Domain}" };
            WriteMember(_layout.User(user), spec, user, user == "Admin" ? "admin" : "client");
        }

        if (!_spec.EnableNodeOus)
            CopyAdministrator(users);

        return _spec.Nodes.Count + users.Count;
    }

    private void WriteMspFolder(string msp)
    {
        _files.WriteText(Path.Combine(msp, "cacerts", _ca.FileName), _ca.Pem);
        _files.WriteText(Path.Combine(msp, "tlscacerts", _tlsCa.FileName), _tlsCa.Pem);
        Directory.CreateDirectory(Path.Combine(msp, "admincerts"));
        if (_spec.EnableNodeOus)
            _files.WriteText(Path.Combine(msp, "config.yaml"), NodeOusYaml());
    }

    private void WriteMember(MemberLayout member, NodeSpec node, string enrollmentId, string role)
    {
        WriteMspFolder(member.Msp);
        string certificateFile = Path.Combine(member.Msp, "signcerts", $"{node.CommonName}-cert.pem");
        string keyFile = Path.Combine(member.Msp, "keystore", "priv_sk");
        var units = new List<string>();
        if (_spec.EnableNodeOus)
            units.Add(role);
        if (node.OrganizationalUnit.Length > 0)
            units.Add(node.OrganizationalUnit);

        var content = new CertificateContent(Subject(node, units), _notBefore, _notAfter)
        {
            AttributesJson = IdentityAttributes.Write(enrollmentId, role),
        };
        WritePair(certificateFile, keyFile, _ca, _keyType, content);
        WriteTls(member, node);
    }

    private void WriteTls(MemberLayout member, NodeSpec node)
    {
        _files.WriteText(member.TlsRootFile, _tlsCa.Pem);
        WritePair(member.TlsCertificateFile, member.TlsKeyFile, _tlsCa, KeyType.P256, TlsContent(node));
    }

    private void WritePair(
        string certificateFile, string keyFile, Authority authority, KeyType keyType, CertificateContent content)
    {
        if (File.Exists(certificateFile) && File.Exists(keyFile))
            return;

        using SigningKey key = _files.OpenOrCreateKey(keyFile, certificateFile, keyType);
        _files.WriteCertificate(certificateFile, authority.Issuer.Issue(content, key.SubjectPublicKeyInfo));
    }

    // Without role units an administrator is known by its certificate, which then stands in every folder.
    private void CopyAdministrator(List<string> users)
    {
        string name = $"Admin@{_spec.Domain}-cert.pem";
        string pem = File.ReadAllText(Path.Combine(_layout.User("Admin").Msp, "signcerts", name));
        IEnumerable<string> folders = _spec.Nodes.Select(node => _layout.Node(node.CommonName).Msp)
            .Concat(users.Select(user => _layout.User(user).Msp))
            .Append(_layout.Msp);
        foreach (string msp in folders)
            _files.WriteText(Path.Combine(msp, "admincerts", name), pem);
    }

    private CertificateContent AuthorityContent(string commonName)
    {
        SubjectParts subject = Subject(_spec.Ca with { CommonName = commonName }, []);
        return new CertificateContent(subject with { Organization = _spec.Domain }, _notBefore, _notAfter)
        {
            IsAuthority = true,
            ExtendedKeyUsages = [ClientAuthentication, ServerAuthentication],
        };
    }

    private CertificateContent TlsContent(NodeSpec node)
    {
        string[] names = [node.CommonName, node.Hostname, "localhost", .. node.Sans, "127.0.0.1", "::1"];
        IEnumerable<string> hosts = names.Where(name => !IPAddress.TryParse(name, out _));
        return new CertificateContent(Subject(node, []), _notBefore, _notAfter)
        {
            ExtendedKeyUsages = [ServerAuthentication, ClientAuthentication],
            DnsNames = [.. hosts.Where(IsDnsName).Distinct(StringComparer.Ordinal)],
            Addresses = [.. names.Where(name => IPAddress.TryParse(name, out _)).Select(IPAddress.Parse).Distinct()],
        };
    }

    // "User1@org1.example.com" is a good common name, but no DNS name.
    private static bool IsDnsName(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '*');

    private static SubjectParts Subject(NodeSpec node, IReadOnlyList<string> units) => new(node.CommonName)
    {
        Country = node.Country,
        Province = node.Province,
        Locality = node.Locality,
        Street = node.StreetAddress,
        PostalCode = node.PostalCode,
        OrganizationalUnits = units,
    };

    private string NodeOusYaml()
    {
        string certificate = $"cacerts/{_ca.FileName}";
        string[] roles = ["Client", "Peer", "Admin", "Orderer"];
        IEnumerable<string> units = roles.Select(role =>
            $"  {role}OUIdentifier:\n"
            + $"    Certificate: {certificate}\n"
            + $"    OrganizationalUnitIdentifier: {role.ToLowerInvariant()}\n");
        return $"NodeOUs:\n  Enable: true\n{string.Concat(units)}";
    }
}

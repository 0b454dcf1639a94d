using System.Text;
using Google.Protobuf;
using Node.Membership;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;
using Node.Protocol.Wire.Msp;
using Node.Simulation.Worlds;

namespace Node.Simulation.Members;

/// <summary>An organisation whose keys and certificates are the same in every run.</summary>
internal sealed class SimulatedOrganization
{
    private readonly CertificateIssuer _issuer;
    private readonly string _rootPem;

    public SimulatedOrganization(string name, string mspId, string domain)
    {
        Name = name;
        MspId = MspId.Of(mspId);
        Domain = domain;
        SigningKey key = SimulatedKeys.Of($"ca.{domain}");
        CertificateContent content = ContentOf($"ca.{domain}", unit: null) with { IsAuthority = true };
        byte[] der = CertificateIssuer.IssueRoot(content, key);
        _rootPem = Pem.Encode(Pem.CertificateLabel, der);
        bool isRead = Certificate.TryReadPem(
            Encoding.UTF8.GetBytes(_rootPem), out Certificate? root, out string? fault);
        Invariant.Require(isRead && root is not null, fault ?? "");
        _issuer = new CertificateIssuer(root, key);
    }

    /// <summary>The key of its group in the channel's configuration.</summary>
    public string Name { get; }

    public MspId MspId { get; }

    public string Domain { get; }

    /// <param name="unit">client, peer, admin or orderer.</param>
    public SigningIdentity Issue(string commonName, string unit)
    {
        using SigningKey key = SimulatedKeys.Of(commonName);
        byte[] der = _issuer.Issue(ContentOf(commonName, unit), key.SubjectPublicKeyInfo);
        bool loaded = SigningIdentity.TryFromPem(
            MspId,
            Pem.Encode(Pem.CertificateLabel, der),
            SimulatedKeys.PemOf(commonName),
            out SigningIdentity? identity,
            out string? fault);
        Invariant.Require(loaded && identity is not null, fault ?? "");
        return identity;
    }

    public FabricMSPConfig ToMsp()
    {
        ByteString root = ByteString.CopyFromUtf8(_rootPem);
        return new FabricMSPConfig
        {
            Name = MspId.Value,
            RootCerts = { root },
            CryptoConfig = new FabricCryptoConfig
            {
                SignatureHashFamily = "SHA2",
                IdentityIdentifierHashFunction = "SHA256",
            },
            FabricNodeOus = new FabricNodeOUs
            {
                Enable = true,
                ClientOuIdentifier = Unit("client"),
                PeerOuIdentifier = Unit("peer"),
                AdminOuIdentifier = Unit("admin"),
                OrdererOuIdentifier = Unit("orderer"),
            },
        };

        FabricOUIdentifier Unit(string name) => new() { Certificate = root, OrganizationalUnitIdentifier = name };
    }

    private static CertificateContent ContentOf(string commonName, string? unit) => new(
        new SubjectParts(commonName) { OrganizationalUnits = unit is null ? [] : [unit] },
        VirtualClock.Epoch.AddYears(-1),
        VirtualClock.Epoch.AddYears(10))
    {
        SerialNumber = SimulatedKeys.SerialNumberOf(commonName),
    };
}

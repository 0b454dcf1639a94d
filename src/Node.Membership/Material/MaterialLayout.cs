namespace Node.Membership.Material;

/// <summary>Where cryptogen puts what: the folders of one crypto-config.</summary>
/// <param name="Root">The folder that holds peerOrganizations and ordererOrganizations.</param>
public sealed record MaterialLayout(string Root)
{
    public OrganizationLayout PeerOrganization(string domain) =>
        new(Path.Combine(Root, "peerOrganizations", domain), domain, "peers");

    public OrganizationLayout OrdererOrganization(string domain) =>
        new(Path.Combine(Root, "ordererOrganizations", domain), domain, "orderers");
}

/// <summary>The folders of one organisation.</summary>
/// <param name="Root">Its own folder.</param>
/// <param name="NodesFolder">"peers" or "orderers".</param>
public sealed record OrganizationLayout(string Root, string Domain, string NodesFolder)
{
    /// <summary>The MSP folder that describes the organisation, without any private key.</summary>
    public string Msp => Path.Combine(Root, "msp");

    public string Ca => Path.Combine(Root, "ca");

    /// <summary>The TLS files of whoever serves this CA, in the folder tls beside its key.</summary>
    public MemberLayout CaServer => new(Ca, "server");

    public string TlsCa => Path.Combine(Root, "tlsca");

    /// <param name="name">Full name, as "peer0.org1.example.com".</param>
    public MemberLayout Node(string name) => new(Path.Combine(Root, NodesFolder, name), "server");

    /// <param name="user">Short name, as "User1".</param>
    public MemberLayout User(string user) => new(Path.Combine(Root, "users", $"{user}@{Domain}"), "client");
}

/// <summary>The folders of one node or user.</summary>
/// <param name="TlsName">"server" or "client": how its TLS files are called.</param>
public sealed record MemberLayout(string Root, string TlsName)
{
    /// <summary>With signcerts and keystore: an identity to sign with.</summary>
    public string Msp => Path.Combine(Root, "msp");

    public string Tls => Path.Combine(Root, "tls");

    /// <summary>PEM of the root that vouches for TLS certificates of this organisation.</summary>
    public string TlsRootFile => Path.Combine(Tls, "ca.crt");

    public string TlsCertificateFile => Path.Combine(Tls, $"{TlsName}.crt");

    public string TlsKeyFile => Path.Combine(Tls, $"{TlsName}.key");
}

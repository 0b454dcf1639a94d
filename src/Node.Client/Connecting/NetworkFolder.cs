using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;

namespace Node.Client.Connecting;

/// <summary>
/// Reads from a network's folder what a client needs: where the organisation's peer is, whom to trust, whom to be.
/// </summary>
internal static class NetworkFolder
{
    private const string MaterialFolder = "crypto-config";

    /// <param name="organization">Name, MSP id or domain, in any case: org1, Org1MSP, org1.example.com.</param>
    /// <param name="user">Short name: User1, Admin.</param>
    /// <returns>Options that sign with the identity, which the caller disposes of after the last signature.</returns>
    /// <exception cref="NetworkFolderException">Something is missing or wrong there.</exception>
    public static (GatewayOptions Options, SigningIdentity Signer) Read(string folder, string organization, string user)
    {
        string file = Path.Combine(folder, NetworkTopology.FileName);
        if (!File.Exists(file))
            throw new NetworkFolderException($"There is no {file}: {folder} is not the folder of a network.");
        if (!NetworkTopology.TryLoad(file, out NetworkTopology? network, out string? fault))
            throw new NetworkFolderException(fault);

        OrganizationTopology found = Find(network, organization)
            ?? throw new NetworkFolderException(
                $"There is no organisation \"{organization}\" in {file}; it has {Names(network)}.");
        if (found.Nodes.Count == 0)
            throw new NetworkFolderException($"The organisation {found.Name} has no peer in {file} to connect to.");

        OrganizationLayout layout = new MaterialLayout(Path.Combine(folder, MaterialFolder)).PeerOrganization(
            found.Domain);
        string msp = layout.User(user).Msp;
        if (!Directory.Exists(msp))
            throw new NetworkFolderException(
                $"The organisation {found.Name} has no user \"{user}\": there is no folder {msp}.");
        if (!SigningIdentity.TryLoad(found.MspId, msp, out SigningIdentity? signer, out fault))
            throw new NetworkFolderException(fault);

        return (OptionsOf(network, found.Nodes[0], layout, signer), signer);
    }

    private static GatewayOptions OptionsOf(
        NetworkTopology network, NodeTopology peer, OrganizationLayout layout, SigningIdentity signer) => new()
        {
            Endpoint = FormattableString.Invariant($"{network.HostOf(peer)}:{peer.Port}"),
            Identity = new ClientIdentity(signer.MspId, signer.Serialized),
            Signer = signer.Sign,
            TlsRootsPem = network.Insecure ? null : ReadText(layout.Node(peer.Name).TlsRootFile),
            ServerName = peer.Name,
        };

    private static OrganizationTopology? Find(NetworkTopology network, string text) =>
        network.Organizations.FirstOrDefault(organization =>
            Same(organization.Name, text) || Same(organization.MspId.Value, text) || Same(organization.Domain, text));

    private static bool Same(string name, string text) => string.Equals(name, text, StringComparison.OrdinalIgnoreCase);

    private static string Names(NetworkTopology network) =>
        string.Join(", ", network.Organizations.Select(organization => organization.Name.ToLowerInvariant()));

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NetworkFolderException($"The TLS root {path} cannot be read: {e.Message}");
        }
    }
}

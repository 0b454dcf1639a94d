using Node.Membership.Certificates;
using Node.Protocol;
using Node.Protocol.Wire.Msp;

namespace Node.Membership;

/// <summary>
/// The organisational units by which one organisation tells clients, peers, administrators and orderers apart.
/// </summary>
internal sealed class NodeOrganizationalUnits
{
    // One entry per role that has a unit; a few at most, so a list is searched.
    private readonly List<(NodeRole Role, string Unit, Hash32? Certifier)> _units = [];

    public bool HasAdministrators => _units.Exists(unit => unit.Role == NodeRole.Admin);

    /// <param name="certifierOf">Finds the certifier id of a certificate that a unit is bound to.</param>
    /// <returns>Why the configuration is refused; null when it is taken.</returns>
    public string? Add(
        FabricNodeOUs configured, MspRules rules, Func<FabricOUIdentifier, (Hash32? Id, string? Fault)> certifierOf)
    {
        string? fault = AddUnit(NodeRole.Client, configured.ClientOuIdentifier, certifierOf)
            ?? AddUnit(NodeRole.Peer, configured.PeerOuIdentifier, certifierOf);
        if (fault is not null || rules < MspRules.Fabric143)
            return fault;

        return AddUnit(NodeRole.Admin, configured.AdminOuIdentifier, certifierOf)
            ?? AddUnit(NodeRole.Orderer, configured.OrdererOuIdentifier, certifierOf);
    }

    /// <summary>The one role that a certificate's units give.</summary>
    /// <returns>Why there is no single role; null when there is.</returns>
    public string? Classify(Certificate certificate, Hash32 certifierId, out NodeRole role)
    {
        role = NodeRole.None;
        foreach (string unit in certificate.SubjectName.OrganizationalUnits)
        {
            int index = _units.FindIndex(known => known.Unit == unit);
            if (index < 0)
                continue;
            if (_units[index].Certifier is { } certifier && certifier != certifierId)
                return $"its organisational unit {unit} is not vouched for by the authority that may";
            if (role != NodeRole.None)
                return "it has more than one role among its organisational units";

            role = _units[index].Role;
        }

        return role == NodeRole.None ? $"no organisational unit gives it a role (expected one of {Expected()})" : null;
    }

    private string? AddUnit(
        NodeRole role,
        FabricOUIdentifier? identifier,
        Func<FabricOUIdentifier, (Hash32? Id, string? Fault)> certifierOf)
    {
        if (identifier is null || identifier.OrganizationalUnitIdentifier.Length == 0)
            return null;
        if (_units.Exists(unit => unit.Unit == identifier.OrganizationalUnitIdentifier))
            return $"the organisational unit {identifier.OrganizationalUnitIdentifier} stands for two roles";

        Hash32? certifier = null;
        if (!identifier.Certificate.IsEmpty)
        {
            (certifier, string? fault) = certifierOf(identifier);
            if (fault is not null)
                return fault;
        }

        _units.Add((role, identifier.OrganizationalUnitIdentifier, certifier));
        return null;
    }

    private string Expected() => string.Join(", ", _units.Select(unit => unit.Unit));
}

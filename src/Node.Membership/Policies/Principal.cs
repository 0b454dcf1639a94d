using Google.Protobuf;
using Node.Membership.Certificates;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Msp;

namespace Node.Membership.Policies;

/// <summary>Whom a leaf of a policy asks for.</summary>
internal abstract class Principal
{
    public abstract bool IsSatisfiedBy(Identity identity);

    public abstract string Describe();

    /// <summary>A principal that cannot be read is one nobody satisfies: the policy around it stays usable.</summary>
    public static Principal Create(MSPPrincipal message) => Create(message, depth: 0);

    private static Principal Create(MSPPrincipal message, int depth)
    {
        try
        {
            return message.PrincipalClassification switch
            {
                MSPPrincipal.Types.Classification.Role => CreateRole(MSPRole.Parser.ParseFrom(message.Principal)),
                MSPPrincipal.Types.Classification.OrganizationUnit =>
                    CreateUnit(OrganizationUnit.Parser.ParseFrom(message.Principal)),
                MSPPrincipal.Types.Classification.Identity => CreateIdentity(message.Principal),
                MSPPrincipal.Types.Classification.Anonymity =>
                    CreateAnonymity(MSPIdentityAnonymity.Parser.ParseFrom(message.Principal)),
                MSPPrincipal.Types.Classification.Combined when depth < Limits.PolicyDepthMax =>
                    CreateCombined(CombinedPrincipal.Parser.ParseFrom(message.Principal), depth + 1),
                _ => new NobodyPrincipal("an unknown kind of principal"),
            };
        }
        catch (InvalidProtocolBufferException)
        {
            return new NobodyPrincipal("a malformed principal");
        }
    }

    private static Principal CreateRole(MSPRole role) =>
        MspId.TryParse(role.MspIdentifier, out MspId mspId, out _) && Enum.IsDefined(role.Role)
            ? new RolePrincipal(mspId, role.Role)
            : new NobodyPrincipal("an unknown role");

    private static Principal CreateUnit(OrganizationUnit unit) =>
        MspId.TryParse(unit.MspIdentifier, out MspId mspId, out _)
        && Hash32.TryRead(unit.CertifiersIdentifier.Span, out Hash32 certifier)
            ? new UnitPrincipal(mspId, unit.OrganizationalUnitIdentifier, certifier)
            : new NobodyPrincipal("a malformed organisational unit");

    private static Principal CreateIdentity(ByteString serialized)
    {
        SerializedIdentity identity = SerializedIdentity.Parser.ParseFrom(serialized);
        return MspId.TryParse(identity.Mspid, out MspId mspId, out _)
            && Certificate.TryReadPem(identity.IdBytes.Span, out Certificate? certificate, out _)
                ? new IdentityPrincipal(mspId, certificate)
                : new NobodyPrincipal("a malformed identity");
    }

    private static Principal CreateAnonymity(MSPIdentityAnonymity anonymity) =>
        anonymity.AnonymityType == MSPIdentityAnonymity.Types.MSPIdentityAnonymityType.Nominal
            ? new NominalPrincipal()
            : new NobodyPrincipal("an anonymous identity");

    private static Principal CreateCombined(CombinedPrincipal combined, int depth)
    {
        if (combined.Principals.Count is 0 or > Limits.PolicyPrincipalsMax)
            return new NobodyPrincipal("an empty or oversized combination");

        var parts = new Principal[combined.Principals.Count];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = Create(combined.Principals[i], depth);

        return new AllOfPrincipal(parts);
    }
}

internal sealed class RolePrincipal(MspId mspId, MSPRole.Types.MSPRoleType role) : Principal
{
    public override bool IsSatisfiedBy(Identity identity)
    {
        if (identity.MspId != mspId)
            return false;

        return role switch
        {
            MSPRole.Types.MSPRoleType.Member => true,
            MSPRole.Types.MSPRoleType.Admin => identity.IsAdmin,
            MSPRole.Types.MSPRoleType.Client => identity.Role == NodeRole.Client,
            MSPRole.Types.MSPRoleType.Peer => identity.Role == NodeRole.Peer,
            MSPRole.Types.MSPRoleType.Orderer => identity.Role == NodeRole.Orderer,
            _ => false,
        };
    }

    public override string Describe() => role switch
    {
        MSPRole.Types.MSPRoleType.Admin => $"an administrator of {mspId}",
        MSPRole.Types.MSPRoleType.Orderer => $"an orderer of {mspId}",
        _ => $"a {role.ToString().ToLowerInvariant()} of {mspId}",
    };
}

internal sealed class UnitPrincipal(MspId mspId, string unit, Hash32 certifierId) : Principal
{
    public override bool IsSatisfiedBy(Identity identity)
    {
        if (identity.MspId != mspId || identity.CertifierId != certifierId)
            return false;

        foreach (string own in identity.OrganizationalUnits)
        {
            if (own == unit)
                return true;
        }

        return false;
    }

    public override string Describe() => $"a member of unit {unit} of {mspId}";
}

internal sealed class IdentityPrincipal(MspId mspId, Certificate certificate) : Principal
{
    private readonly string _name = certificate.SubjectName.CommonName;

    public override bool IsSatisfiedBy(Identity identity) =>
        identity.MspId == mspId && identity.ToBeSigned.Span.SequenceEqual(certificate.ToBeSigned.Span);

    public override string Describe() => $"the identity {_name} of {mspId}";
}

/// <summary>Anonymity "nominal": every X.509 identity shows its name, so everybody satisfies it.</summary>
internal sealed class NominalPrincipal : Principal
{
    public override bool IsSatisfiedBy(Identity identity) => true;

    public override string Describe() => "an identity that shows its name";
}

internal sealed class AllOfPrincipal(Principal[] parts) : Principal
{
    public override bool IsSatisfiedBy(Identity identity)
    {
        foreach (Principal part in parts)
        {
            if (!part.IsSatisfiedBy(identity))
                return false;
        }

        return true;
    }

    public override string Describe() => $"one who is {string.Join(" and ", parts.Select(part => part.Describe()))}";
}

internal sealed class NobodyPrincipal(string what) : Principal
{
    public override bool IsSatisfiedBy(Identity identity) => false;

    public override string Describe() => $"nobody ({what})";
}

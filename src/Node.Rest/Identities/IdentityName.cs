namespace Node.Rest.Identities;

/// <summary>A user of an organisation whose MSP folder the server holds.</summary>
/// <param name="MspId">As network.yaml spells it.</param>
/// <param name="User">Short name: User1.</param>
public sealed record IdentityName(string MspId, string User)
{
    public override string ToString() => $"{User} of {MspId}";
}

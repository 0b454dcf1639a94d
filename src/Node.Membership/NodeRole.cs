namespace Node.Membership;

/// <summary>
/// What an identity's organisation says it is for, by an organisational unit in its certificate (NodeOUs).
/// </summary>
/// <remarks><see cref="None"/> where the organisation does not classify its identities.</remarks>
public enum NodeRole
{
    None,
    Client,
    Peer,
    Admin,
    Orderer,
}

namespace Node.Membership;

/// <summary>The kind of key that new identities get. TLS keys are always P-256.</summary>
public enum KeyType
{
    P256,

    /// <summary>Needs the channel capability V3_0.</summary>
    Ed25519,
}

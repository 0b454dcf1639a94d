namespace Node.Membership;

/// <summary>
/// Which version of the identity rules holds. A channel's capabilities choose; a node's own MSP uses the newest.
/// </summary>
public enum MspRules
{
    /// <summary>Channel capability V1_1: roles client and peer.</summary>
    Fabric11,

    /// <summary>V1_3: adds combined and anonymous principals.</summary>
    Fabric13,

    /// <summary>V1_4_3 and V2_0: adds roles admin and orderer.</summary>
    Fabric143,

    /// <summary>V3_0: adds Ed25519.</summary>
    Fabric30,
}

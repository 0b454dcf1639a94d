namespace Node.Peer.Pulling;

/// <summary>How an orderer failed this peer, from the least to the worst.</summary>
internal enum OrdererFault
{
    /// <summary>Refused, reset or ended the connection, or answered with a status other than success.</summary>
    Unreachable,

    /// <summary>Gives blocks, but clearly later than others, or is behind this peer.</summary>
    Lagging,

    /// <summary>Does not give a block that others have: it is silent, trickles or withholds.</summary>
    Stalling,

    /// <summary>Sent what no honest orderer sends: a bad signature, a fork, a gap, something unreadable.</summary>
    Lying,
}

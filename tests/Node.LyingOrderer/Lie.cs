namespace Node.LyingOrderer;

/// <summary>What a malicious orderer does from some block on. Its signatures are good but in one case.</summary>
public enum Lie
{
    /// <summary>None: it is an honest orderer.</summary>
    None,

    /// <summary>A chain of its own: each block lacks or repeats a transaction.</summary>
    Fork,

    /// <summary>A chain of its own in which the transactions of each block stand in another order.</summary>
    Reorder,

    /// <summary>One altered block, signed again; the blocks behind it are the honest ones.</summary>
    Resign,

    /// <summary>Honest blocks that it signs with another chain root.</summary>
    WrongCommitment,

    /// <summary>Honest blocks that name another block before them, signed.</summary>
    WrongPrevious,

    /// <summary>Honest blocks under signatures that are none.</summary>
    BadSignature,

    /// <summary>It leaves out a block.</summary>
    Gap,

    /// <summary>It gives headers and no blocks.</summary>
    Withhold,

    /// <summary>It says nothing any more, and keeps its connections.</summary>
    Silent,

    /// <summary>A byte at a time.</summary>
    Trickle,

    /// <summary>Bytes that mean nothing.</summary>
    Garbage,

    /// <summary>It resets the connection in the middle of each block.</summary>
    Reset,
}

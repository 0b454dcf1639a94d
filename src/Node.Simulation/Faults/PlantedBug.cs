namespace Node.Simulation.Faults;

/// <summary>A bug of the simulated world, planted to see that its checker fires. None is in the product.</summary>
internal enum PlantedBug
{
    None,

    /// <summary>Disks say synced of what a crash may lose.</summary>
    UnsyncedDisks,

    /// <summary>The log says durable of what only one member has, which may be lost.</summary>
    EarlyAcknowledgement,

    /// <summary>Peers find no transaction id, so that none is a duplicate, and clients submit twice.</summary>
    BlindDuplicateCheck,

    /// <summary>The same on one peer alone, which then judges otherwise than the others.</summary>
    OneBlindPeer,

    /// <summary>Orderers take every configuration update, they say.</summary>
    YesToUpdates,

    /// <summary>One orderer's log gives an entry twice.</summary>
    RepeatedEntry,

    /// <summary>One peer's disk changes a value that it keeps.</summary>
    ChangedValue,

    /// <summary>A peer says that a transaction is committed when it has only endorsed it.</summary>
    EarlyCommitStatus,

    /// <summary>A cut is never mended.</summary>
    LastingPartition,
}

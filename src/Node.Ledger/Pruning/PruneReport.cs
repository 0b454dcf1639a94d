namespace Node.Ledger.Pruning;

/// <param name="Blocks">Bodies removed so far.</param>
/// <param name="End">Bodies below this number go, if the rule lets them.</param>
public readonly record struct PruneProgress(ulong Blocks, ulong End);

/// <summary>What a prune removed, or would remove.</summary>
/// <param name="FirstHeldBefore">The first whole block when it began.</param>
/// <param name="FirstHeld">The first whole block now. Configurations below it are whole as well.</param>
/// <param name="BlocksPruned">Bodies removed.</param>
/// <param name="BodyBytes">What they take uncompressed; on disk it is less.</param>
/// <param name="DiskBytesBefore">Of the ledger's folder.</param>
/// <param name="DiskBytes">Of the ledger's folder, once space was reclaimed.</param>
public sealed record PruneReport(
    ulong Height,
    ulong FirstHeldBefore,
    ulong FirstHeld,
    ulong BlocksPruned,
    long BodyBytes,
    long DiskBytesBefore,
    long DiskBytes);

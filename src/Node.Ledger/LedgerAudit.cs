using System.Diagnostics.CodeAnalysis;
using Node.Ledger.Auditing;
using Node.Ledger.Snapshots;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Ledger;

/// <summary>Who may sign a channel's blocks. Asked for each block in order, from block 0.</summary>
public interface IBlockAuthority
{
    /// <summary>
    /// Checks the orderer's signatures on a block against the configuration that the blocks before it made, and takes
    /// over the configuration that this one brings.
    /// </summary>
    bool TryCheck(BlockBytes block, [NotNullWhen(false)] out string? fault);
}

/// <param name="Block">The first block that is bad; null when no single block is to blame.</param>
/// <param name="What">What does not agree, as a phrase with both values where there are two.</param>
public sealed record AuditFault(ulong? Block, string What);

/// <param name="Blocks">Blocks checked so far.</param>
public readonly record struct AuditProgress(ulong Blocks, ulong Height);

/// <summary>What an audit found.</summary>
/// <param name="Height">Blocks that the ledger says it has.</param>
/// <param name="BlocksChecked">Blocks found good, counted from the first.</param>
/// <param name="Fault">Null when everything agrees.</param>
public sealed record AuditReport(
    string Channel, ulong Height, ulong BlocksChecked, Hash32? CommitHash, AuditFault? Fault)
{
    /// <summary>Blocks from here on were replayed; those before it were checked without their bodies.</summary>
    public ulong FirstHeld { get; init; }

    /// <summary>The snapshot that the ledger began with; null where it began with its genesis block.</summary>
    public SnapshotOrigin? Origin { get; init; }
}

/// <summary>Checks a whole ledger against itself, offline, trusting nothing but the bytes of its blocks.</summary>
/// <remarks>
/// Every block is taken through the commit path again into a scratch database: hash chain, data hash, Merkle roots,
/// signatures, duplicates, read conflicts, phantoms, commit hash. Then each record of state, history and indexes is
/// compared with what came out. What needs the keys of clients and endorsers (their signatures and policies) is taken
/// from the stored validation codes, over which the commit hash chains. Of a pruned ledger, and of one that began in a
/// snapshot, blocks without bodies are checked as a signed chain, and the replay begins behind them, on the state of
/// that time as far as state and history agree on it; read conflicts are then taken from the codes as well.
/// </remarks>
public static class LedgerAudit
{
    /// <summary>
    /// Reads the ledger only; the scratch database lies in the system's temporary folder and is removed.
    /// </summary>
    /// <param name="folder">As given to <see cref="ChannelLedger.Open"/>. A peer may have it open meanwhile.</param>
    /// <exception cref="StorageFailedException">There is no ledger, or reading or scratch space failed.</exception>
    public static AuditReport Verify(string folder, IBlockAuthority authority, IProgress<AuditProgress> progress)
    {
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("hyperprov-verify-");
        try
        {
            return new Audit(folder, scratch.FullName, authority, progress).Run();
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }
}

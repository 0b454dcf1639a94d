using Node.Ledger.Snapshots;
using Node.Peer.Auditing;
using Node.Peer.Hosting;
using Node.Protocol;

namespace Node.Peer.Joining;

/// <summary>Makes a peer's ledger of a snapshot, before the peer opens it.</summary>
public static class SnapshotJoin
{
    /// <summary>Checks a snapshot and puts the ledger where the peer of that data folder looks for it.</summary>
    /// <param name="genesisHash">Of the channel's block 0: where trust begins.</param>
    /// <param name="organizationsMin">Peers of so many organisations must have signed it; at least 1.</param>
    /// <exception cref="SnapshotRefusedException">Something in it is wrong, or it is of another channel.</exception>
    /// <exception cref="StorageFailedException">The peer has a ledger of the channel, or writing failed.</exception>
    public static SnapshotImportReport Import(
        string snapshot,
        string dataFolder,
        Hash32 genesisHash,
        int organizationsMin,
        IProgress<SnapshotProgress> progress)
    {
        var folder = new ChannelFolder(dataFolder);
        string ledger = folder.FolderOf(LedgerSnapshots.ReadManifest(snapshot).Channel);
        Directory.CreateDirectory(Path.GetDirectoryName(ledger)!);
        return LedgerSnapshots.Import(snapshot, ledger, new ChannelAuthority(genesisHash), organizationsMin, progress);
    }
}

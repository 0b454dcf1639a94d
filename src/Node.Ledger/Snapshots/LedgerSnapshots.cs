using Node.Ledger.Storage;
using Node.Protocol;

namespace Node.Ledger.Snapshots;

/// <summary>What an import made.</summary>
/// <param name="Organizations">Those whose peers signed the snapshot, by MSP id.</param>
public sealed record SnapshotImportReport(SnapshotManifest Manifest, IReadOnlyList<string> Organizations);

/// <summary>
/// Snapshots of ledgers: all that a peer needs to go on from a height, without the blocks before it.
/// </summary>
/// <remarks>A folder appears whole or not at all, whatever ends the call, a power cut included.</remarks>
public static class LedgerSnapshots
{
    /// <summary>Exports the ledger in a folder at its height of now, beside the peer that writes it, or none.</summary>
    /// <param name="ledgerFolder">As given to <see cref="ChannelLedger.Open"/>. It is only read.</param>
    /// <param name="target">A folder that does not exist yet, or is empty.</param>
    /// <exception cref="StorageFailedException">There is no ledger, or reading or writing failed.</exception>
    /// <exception cref="LedgerCorruptException">The ledger cannot be read.</exception>
    /// <exception cref="SnapshotRefusedException">A channel without commitments has no snapshots.</exception>
    public static SnapshotManifest Export(
        string ledgerFolder, string target, SnapshotSigner signer, IProgress<SnapshotProgress> progress)
    {
        DirectoryInfo log = Directory.CreateTempSubdirectory("hyperprov-snapshot-");
        try
        {
            using LedgerDatabase database = LedgerDatabase.OpenReadOnly(ledgerFolder, log.FullName);
            return Export(database, at: null, TipCheck.Load(database), target, signer, progress);
        }
        finally
        {
            log.Delete(recursive: true);
        }
    }

    /// <summary>The height of the ledger in a folder, beside the peer that writes it, or none.</summary>
    /// <inheritdoc cref="Export(string, string, SnapshotSigner, IProgress{SnapshotProgress})" path="/exception"/>
    public static ulong ReadHeight(string ledgerFolder)
    {
        DirectoryInfo log = Directory.CreateTempSubdirectory("hyperprov-snapshot-");
        try
        {
            using LedgerDatabase database = LedgerDatabase.OpenReadOnly(ledgerFolder, log.FullName);
            return TipCheck.Load(database).Height;
        }
        finally
        {
            log.Delete(recursive: true);
        }
    }

    /// <summary>Reads what a snapshot says it is. Nothing is checked against its other files.</summary>
    /// <exception cref="SnapshotRefusedException">There is no manifest, or it cannot be read.</exception>
    public static SnapshotManifest ReadManifest(string snapshot)
    {
        string path = Path.Combine(snapshot, SnapshotLayout.Manifest);
        byte[] bytes = SnapshotFiles.ReadSmall(path);
        return SnapshotManifest.TryRead(bytes, out SnapshotManifest? manifest, out string? fault)
            ? manifest
            : throw new SnapshotRefusedException(path, fault, SnapshotFiles.AnotherCopy);
    }

    /// <summary>Checks a snapshot and makes a ledger of it.</summary>
    /// <param name="ledgerFolder">Where <see cref="ChannelLedger.Open"/> will find it; there must be none yet.</param>
    /// <param name="organizationsMin">Peers of so many organisations must have signed it; at least 1.</param>
    /// <exception cref="SnapshotRefusedException">Something in it is wrong.</exception>
    /// <exception cref="StorageFailedException">There is a ledger already, or writing failed.</exception>
    public static SnapshotImportReport Import(
        string snapshot,
        string ledgerFolder,
        ISnapshotAuthority authority,
        int organizationsMin,
        IProgress<SnapshotProgress> progress)
    {
        RequireAbsent(ledgerFolder, "import a snapshot", "there is a ledger already. A peer begins with a snapshot "
            + "or has a ledger; to begin anew, stop the peer and move that folder away");
        string parent = Path.GetDirectoryName(Path.GetFullPath(ledgerFolder))!;
        string unfinished = Path.Combine(parent, $".incoming-{Path.GetFileName(ledgerFolder)}");
        var import = new SnapshotImport(snapshot, authority, organizationsMin, progress);
        SnapshotManifest manifest = import.ReadManifest();
        try
        {
            Begin(unfinished);
            IReadOnlyList<string> organizations;
            using (LedgerDatabase database =
                LedgerDatabase.Open(unfinished, manifest.Channel, LedgerOptions.Default))
            {
                organizations = import.Load(database, manifest);

                // Opening the ledger for the first time is then no replay of everything.
                database.Reclaim(database.Meta, end: []);
                TipCheck.Load(database);
            }

            SnapshotFiles.Publish(unfinished, ledgerFolder);
            return new SnapshotImportReport(manifest, organizations);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("import a snapshot", ledgerFolder, error.Message, error);
        }
        finally
        {
            Remove(unfinished);
        }
    }

    internal static SnapshotManifest Export(
        LedgerDatabase database,
        StorageSnapshot? at,
        LedgerTip tip,
        string target,
        SnapshotSigner signer,
        IProgress<SnapshotProgress> progress)
    {
        RequireAbsent(target, "export a snapshot", "the folder is there and not empty; name another one");
        if (tip.Height == 0)
            throw new StorageFailedException("export a snapshot", database.Folder, "it holds no block", inner: null);

        string parent = Path.GetDirectoryName(Path.GetFullPath(target))!;
        string unfinished = Path.Combine(parent, $".incomplete-{Path.GetFileName(target)}");
        try
        {
            Begin(unfinished);
            SnapshotManifest manifest = new SnapshotExport(database, at, unfinished, progress)
                .Write(ChannelId.Of(database.ChannelName), tip);
            byte[] bytes = manifest.ToBytes();
            string signatures = Path.Combine(unfinished, SnapshotLayout.Signatures);
            Directory.CreateDirectory(signatures);
            byte[] signature = signer.Sign(SnapshotSignature.ToSign(bytes));
            SnapshotFiles.WriteSmall(
                Path.Combine(signatures, signer.Name + ".json"),
                new SnapshotSignature(signer.Identity, signature).ToBytes());
            FileSync.SyncFolder(signatures);
            SnapshotFiles.WriteSmall(Path.Combine(unfinished, SnapshotLayout.Manifest), bytes);
            SnapshotFiles.Publish(unfinished, target);
            return manifest;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("export a snapshot", target, error.Message, error);
        }
        finally
        {
            Remove(unfinished);
        }
    }

    // An empty folder is in nobody's way, but a rename needs it gone.
    private static void RequireAbsent(string folder, string operation, string reason)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new StorageFailedException(operation, folder, reason, inner: null);
        if (Directory.Exists(folder))
            Directory.Delete(folder);
    }

    private static void Begin(string unfinished)
    {
        Remove(unfinished);   // What one that was killed left.
        Directory.CreateDirectory(unfinished);
    }

    private static void Remove(string unfinished)
    {
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
    }
}

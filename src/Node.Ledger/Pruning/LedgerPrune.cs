using Node.Ledger.Storage;
using Node.Protocol;

namespace Node.Ledger.Pruning;

/// <summary>What a prune would do to a ledger on disk, whoever has it open.</summary>
public static class LedgerPrune
{
    /// <summary>Reads the ledger as it is now, beside the peer that writes it, or none. Writes nothing.</summary>
    /// <param name="ledgerFolder">As given to <see cref="ChannelLedger.Open"/>.</param>
    /// <exception cref="StorageFailedException">There is no ledger, or reading failed.</exception>
    /// <exception cref="LedgerCorruptException">A block cannot be read.</exception>
    public static PruneReport Plan(string ledgerFolder, PruneRule rule, CancellationToken cancellationToken)
    {
        DirectoryInfo log = Directory.CreateTempSubdirectory("hyperprov-prune-");
        try
        {
            using LedgerDatabase database = LedgerDatabase.OpenReadOnly(ledgerFolder, log.FullName);
            ulong height = TipCheck.Load(database).Height;
            var pruner = new Pruner(database, rule, height);
            ulong before = pruner.FirstHeld;
            using StorageBatch batch = database.NewBatch();
            while (!cancellationToken.IsCancellationRequested && pruner.Next(batch))
                batch.Clear();

            long bytes = DiskBytes(ledgerFolder);
            return new PruneReport(
                height, before, pruner.FirstHeld, pruner.BlocksPruned, pruner.BodyBytes, bytes, bytes);
        }
        finally
        {
            log.Delete(recursive: true);
        }
    }

    /// <summary>Of the files in a folder; 0 where there is none, as of a simulated disk.</summary>
    internal static long DiskBytes(string folder) =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles().Sum(BytesOf) : 0;

    // The engine removes files while they are counted.
    private static long BytesOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}

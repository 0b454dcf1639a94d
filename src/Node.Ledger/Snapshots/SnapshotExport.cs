using Node.Ledger.Blocks;
using Node.Ledger.State;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;

namespace Node.Ledger.Snapshots;

/// <param name="File">Which file is written or read.</param>
/// <param name="Records">Of it, so far.</param>
public readonly record struct SnapshotProgress(string File, ulong Records);

/// <summary>Writes the files of one snapshot into an empty folder.</summary>
/// <remarks>
/// Reads the state at one height, from the engine's snapshot or from a database that nobody moves. Holds one record in
/// memory. Equal ledgers give equal files, whether or not they are pruned; only the orderers' signatures may differ.
/// </remarks>
internal sealed class SnapshotExport(
    LedgerDatabase database, StorageSnapshot? at, string folder, IProgress<SnapshotProgress> progress)
{
    private const string Operation = "export a snapshot";
    private const int ReportEvery = 10_000;

    /// <exception cref="SnapshotRefusedException">The channel's blocks commit to no roots.</exception>
    public SnapshotManifest Write(ChannelId channel, LedgerTip tip)
    {
        Hash32 genesisHash = Read(number: 0).Hash;
        (SnapshotFileEntry blocks, SnapshotFileEntry orderers) = WriteBlocks(tip);
        SnapshotFiles.WriteSmall(
            Path.Combine(folder, SnapshotLayout.OrderersEntry), SnapshotManifest.ToBytes(orderers));
        return new SnapshotManifest(
            channel,
            tip.Height,
            genesisHash,
            tip.LastBlockHash,
            tip.CommitHash,
            tip.Chain.Root,
            [
                blocks,
                WriteFamily(SnapshotLayout.State, database.State, lower: [], upper: []),
                WriteFamily(SnapshotLayout.History, database.History, lower: [], upper: []),
                WriteFamily(SnapshotLayout.Transactions, database.TxIds, lower: [], upper: []),
                WriteFamily(
                    SnapshotLayout.Namespaces, database.Meta, NamespaceTraits.KeysFrom, NamespaceTraits.KeysBehind),
            ]);
    }

    private (SnapshotFileEntry Blocks, SnapshotFileEntry Orderers) WriteBlocks(LedgerTip tip)
    {
        using var blocks = new RecordFileWriter(folder, SnapshotLayout.Blocks);
        using var orderers = new RecordFileWriter(folder, SnapshotLayout.Orderers);
        for (ulong number = 0; number < tip.Height; number++)
        {
            BlockBytes block = Read(number);
            RequireRoots(block);
            bool isWhole = number == tip.Height - 1 || BlockOutline.IsConfig(block);
            byte[] key = HeldBlocks.BlockKey(number);
            blocks.Add(key, BlockOutline.WithoutSignatures(block, isWhole, out byte[] signatures));
            if (signatures.Length > 0)
                orderers.Add(key, signatures);
            if (number % ReportEvery == 0)
                progress.Report(new SnapshotProgress(SnapshotLayout.Blocks, number));
        }

        return (blocks.Finish(), orderers.Finish());
    }

    // As the block was at that height: its body may have gone since.
    private BlockBytes Read(ulong number)
    {
        using StoredValue stored = database.GetPinned(HeldBlocks.BlockKey(number), database.Blocks, at, Operation);
        if (!stored.Found)
            throw new LedgerCorruptException("the block is missing", database.Folder, number);

        return BlockBytes.TryDecode(stored.Bytes.ToArray(), out BlockBytes? block, out string? fault)
            ? block
            : throw new LedgerCorruptException(fault, database.Folder, number);
    }

    // Without roots nothing under the orderer's signature covers the blocks whose bodies stay behind.
    private void RequireRoots(BlockBytes block)
    {
        if (DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? slot, out string? fault)
            && slot.TryGetRoots(out _, out fault))
            return;

        throw new SnapshotRefusedException(
            database.Folder,
            $"block {block.Number} commits to no Merkle roots ({fault}), as blocks of a Fabric orderer",
            "A peer of this channel joins from its genesis block.");
    }

    private SnapshotFileEntry WriteFamily(
        string name, StorageFamily family, ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        using var file = new RecordFileWriter(folder, name);
        using StorageIterator records = database.NewIterator(family, lower, upper, at, Operation);
        ulong count = 0;
        for (records.SeekToFirst(); records.Valid(); records.Next())
        {
            file.Add(records.GetKeySpan()[lower.Length..], records.GetValueSpan());
            if (++count % ReportEvery == 0)
                progress.Report(new SnapshotProgress(name, count));
        }

        records.CheckError(Operation);
        return file.Finish();
    }
}

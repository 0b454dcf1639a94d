using Node.Ledger.Blocks;
using Node.Ledger.History;
using Node.Ledger.State;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Ledger.Snapshots;

/// <summary>Checks a snapshot and writes it into an empty database.</summary>
/// <remarks>
/// First every file against its hash, then the chain of blocks, then who signed, then each record. Whatever is wrong is
/// a <see cref="SnapshotRefusedException"/>, and the database is to be thrown away.
/// </remarks>
internal sealed class SnapshotImport(
    string folder, ISnapshotAuthority authority, int organizationsMin, IProgress<SnapshotProgress> progress)
{
    private const string Operation = "import a snapshot";
    private const int BatchBytes = 4 << 20;
    private const int ReportEvery = 10_000;

    private readonly byte[] _manifestBytes = SnapshotFiles.ReadSmall(Path.Combine(folder, SnapshotLayout.Manifest));

    private string ManifestPath => Path.Combine(folder, SnapshotLayout.Manifest);

    public SnapshotManifest ReadManifest()
    {
        if (!SnapshotManifest.TryRead(_manifestBytes, out SnapshotManifest? manifest, out string? fault))
            throw Refuse(ManifestPath, fault);
        if (!manifest.Files.Select(file => file.Name).SequenceEqual(SnapshotLayout.Listed))
        {
            throw Refuse(
                ManifestPath,
                $"expected the files {string.Join(", ", SnapshotLayout.Listed)}, found "
                + string.Join(", ", manifest.Files.Select(file => file.Name)));
        }

        return manifest.Height == 0 ? throw Refuse(ManifestPath, "it is of no block at all") : manifest;
    }

    /// <returns>The organisations whose peers vouch for it, sorted.</returns>
    public IReadOnlyList<string> Load(LedgerDatabase database, SnapshotManifest manifest)
    {
        SnapshotFileEntry orderers = ReadOrderersEntry();
        foreach (SnapshotFileEntry file in (SnapshotFileEntry[])[.. manifest.Files, orderers])
            SnapshotFiles.Verify(folder, file);

        LedgerTip tip = LoadBlocks(database, manifest, orderers);
        IReadOnlyList<string> organizations = CheckSignatures();
        ulong height = manifest.Height;
        LoadFamily(database, manifest.Files[1], database.State, [], (key, value) => FaultOfState(key, value, height));
        LoadFamily(
            database, manifest.Files[2], database.History, [], (key, value) => FaultOfHistory(key, value, height));
        LoadFamily(
            database, manifest.Files[3], database.TxIds, [], (key, value) => FaultOfTransaction(key, value, height));
        LoadFamily(database, manifest.Files[4], database.Meta, NamespaceTraits.KeysFrom.ToArray(), FaultOfNamespace);

        using StorageBatch batch = database.NewBatch();
        batch.Put(TipRecord.Key, TipRecord.Encode(tip), database.Meta);
        if (height > 1)   // With the genesis block alone it is as any ledger begins.
        {
            HeldBlocks.PutFirst(batch, database, height - 1);
            new SnapshotOrigin(height, Hash32.Of(_manifestBytes)).Put(batch, database);
        }

        database.Write(batch, Operation);
        return organizations;
    }

    private LedgerTip LoadBlocks(LedgerDatabase database, SnapshotManifest manifest, SnapshotFileEntry orderersEntry)
    {
        using var blocks = new RecordFileReader(folder, manifest.Files[0]);
        using var orderers = new RecordFileReader(folder, orderersEntry);
        using StorageBatch batch = database.NewBatch();
        var chain = new SnapshotChain(database, manifest.Height, authority);
        bool hasSignatures = orderers.Next();
        long bytes = 0;
        for (ulong number = 0; number < manifest.Height; number++)
        {
            byte[] key = HeldBlocks.BlockKey(number);
            if (!blocks.Next() || !blocks.Key.SequenceEqual(key))
                throw blocks.Refuse($"expected block {number}, found none");

            bool isSigned = hasSignatures && orderers.Key.SequenceEqual(key);
            BlockBytes block = Join(blocks, isSigned ? orderers.Value : []);
            hasSignatures = isSigned ? orderers.Next() : hasSignatures;
            if (chain.Add(block, batch) is { } fault)
                throw blocks.Refuse($"block {number}: {fault}");

            bytes = WriteWhenFull(database, batch, bytes + block.Bytes.Length);
            if (number % ReportEvery == 0)
                progress.Report(new SnapshotProgress(SnapshotLayout.Blocks, number));
        }

        if (blocks.Next())
            throw blocks.Refuse($"it holds more than the {manifest.Height} blocks of the manifest");
        if (hasSignatures)
            throw orderers.RefuseRecord("there is no such block, or it came before");

        database.WriteUnsynced(batch, Operation);
        RequireSame(manifest, chain);
        return chain.Tip;
    }

    private static BlockBytes Join(RecordFileReader blocks, ReadOnlySpan<byte> signatures)
    {
        return BlockBytes.TryDecode(blocks.TakeValue(), out BlockBytes? unsigned, out string? fault)
            && BlockOutline.TryWithSignatures(unsigned, signatures, out byte[]? whole)
            && BlockBytes.TryDecode(whole, out BlockBytes? block, out fault)
            ? block
            : throw blocks.RefuseRecord(fault ?? "its signature slot cannot be read");
    }

    private void RequireSame(SnapshotManifest manifest, SnapshotChain chain)
    {
        LedgerTip tip = chain.Tip;
        Require("the genesis block's hash", manifest.GenesisHash.ToString(), chain.GenesisHash.ToString());
        Require("the channel", manifest.Channel.ToString(), authority.Channel?.ToString());
        Require("the last block's hash", manifest.LastBlockHash.ToString(), tip.LastBlockHash.ToString());
        Require("the commit hash", manifest.CommitHash?.ToString(), tip.CommitHash?.ToString());
        Require("the chain root", manifest.ChainRoot.ToString(), tip.Chain.Root.ToString());

        void Require(string what, string? named, string? given)
        {
            if (named != given)
                throw Refuse(ManifestPath, $"{what}: expected {given}, which its blocks give, found {named}");
        }
    }

    private string[] CheckSignatures()
    {
        string signatures = Path.Combine(folder, SnapshotLayout.Signatures);
        string[] files = Directory.Exists(signatures) ? Directory.GetFiles(signatures, "*.json") : [];
        if (files.Length == 0)
            throw Refuse(signatures, "expected the signature of at least 1 peer, found none");

        byte[] message = SnapshotSignature.ToSign(_manifestBytes);
        var organizations = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            if (!SnapshotSignature.TryRead(
                SnapshotFiles.ReadSmall(file), out SnapshotSignature? signature, out string? fault)
                || !authority.TryCheckSigner(signature, message, out string? organization, out fault))
                throw Refuse(file, fault);

            organizations.Add(organization);
        }

        return organizations.Count >= organizationsMin
            ? [.. organizations]
            : throw Refuse(
                signatures,
                $"expected signatures of peers of {organizationsMin} organisations, found {organizations.Count}: "
                + string.Join(", ", organizations));
    }

    private delegate string? RecordCheck(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    private void LoadFamily(
        LedgerDatabase database,
        SnapshotFileEntry entry,
        StorageFamily family,
        ReadOnlySpan<byte> keyPrefix,
        RecordCheck faultOf)
    {
        using var records = new RecordFileReader(folder, entry);
        using StorageBatch batch = database.NewBatch();
        long bytes = 0;
        for (ulong count = 1; records.Next(); count++)
        {
            if (faultOf(records.Key, records.Value) is { } fault)
                throw records.RefuseRecord(fault);

            ReadOnlySpan<byte> key = keyPrefix.IsEmpty ? records.Key : [.. keyPrefix, .. records.Key];
            batch.Put(key, records.Value, family);
            bytes = WriteWhenFull(database, batch, bytes + key.Length + records.Value.Length);
            if (count % ReportEvery == 0)
                progress.Report(new SnapshotProgress(entry.Name, count));
        }

        database.WriteUnsynced(batch, Operation);
    }

    private static long WriteWhenFull(LedgerDatabase database, StorageBatch batch, long bytes)
    {
        if (bytes < BatchBytes)
            return bytes;

        database.WriteUnsynced(batch, Operation);
        batch.Clear();
        return 0;
    }

    private static string? FaultOfState(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong height)
    {
        if (!StateKeys.IsWellFormed(key) || !StateRecords.IsWellFormed(value))
            return "it is no record of the world state";

        ulong block = StateRecords.VersionOf(value).Block;
        return block < height ? null : Beyond(block, height);
    }

    private static string? FaultOfHistory(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong height)
    {
        if (!HistoryKeys.IsWellFormed(key) || !HistoryRecords.IsWellFormed(value))
            return "it is no history entry";

        ulong block = HistoryKeys.VersionOf(key).Block;
        return block < height ? null : Beyond(block, height);
    }

    private static string? FaultOfTransaction(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong height)
    {
        if (!TransactionIndex.TryReadBlock(key, value, out ulong block))
            return "it is no entry of the transaction index";

        return block < height ? null : Beyond(block, height);
    }

    private static string? FaultOfNamespace(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        key.Length <= Limits.NamespaceBytesMax && value.IsEmpty ? null : "it is no namespace";

    private static string Beyond(ulong block, ulong height) =>
        $"it is of block {block}, the snapshot's last one is {height - 1}";

    private SnapshotFileEntry ReadOrderersEntry()
    {
        string path = Path.Combine(folder, SnapshotLayout.OrderersEntry);
        if (!SnapshotManifest.TryRead(SnapshotFiles.ReadSmall(path), out SnapshotFileEntry? entry, out string? fault))
            throw Refuse(path, fault);

        return entry.Name == SnapshotLayout.Orderers
            ? entry
            : throw Refuse(path, $"expected the file {SnapshotLayout.Orderers}, found {entry.Name}");
    }

    private static SnapshotRefusedException Refuse(string path, string what) =>
        new(path, what, SnapshotFiles.AnotherCopy);
}

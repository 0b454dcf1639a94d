using Node.Ledger.Building;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger;

public sealed class RecoveryTests : IDisposable
{
    private readonly TestLedger _ledger = TestLedger.WithGenesis();
    private readonly DirectoryInfo _copies = Directory.CreateTempSubdirectory("ledger-copies-");

    public void Dispose()
    {
        _ledger.Dispose();
        _copies.Delete(recursive: true);
    }

    [Fact]
    public void A_crash_at_any_byte_of_the_last_write_leaves_all_of_the_block_or_none_of_it()
    {
        _ledger.Commit(Tx.Valid().Writing("k", "first"));
        long before = LogOf(_ledger.Folder).Length;
        _ledger.Commit(Tx.Valid().Writing("k", "second").Deleting("other"), Tx.Valid().Writing("x", "second"));
        long after = LogOf(_ledger.Folder).Length;
        Assert.True(after > before);

        // Every length near both ends of what the write added, and some between.
        const int Steps = 10;
        long[] lengths = [.. Enumerable.Range(0, Steps).SelectMany(step => new[]
        {
            before + step, after - step, before + ((after - before) * step / Steps),
        }).Distinct()];
        foreach (long length in lengths)
        {
            string copy = CopyWithLog(length);
            using (ChannelLedger recovered = ChannelLedger.Open(copy, TestLedger.ChannelId, LedgerOptions.Default))
            {
                bool whole = length == after;
                Assert.Equal(whole ? 3ul : 2ul, recovered.Height);
                using StateSnapshot state = recovered.Snapshot();
                Assert.True(state.TryGet("cc", "k", out StateValue value));
                Assert.Equal(whole ? "second" : "first", System.Text.Encoding.UTF8.GetString(value.Value.Span));
                Assert.Equal(whole, state.TryGet("cc", "x", out _));
                Assert.Equal(whole, recovered.TryReadBlock(2, out _));
            }

            if (length % Steps == 0)
                Assert.Null(LedgerAudit.Verify(copy, AnyAuthority.Instance, NoProgress.Instance).Fault);

            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public void Damage_before_the_last_write_is_corruption_and_never_a_shorter_chain()
    {
        _ledger.Commit(Tx.Valid().Writing("k", "first"));
        long middle = LogOf(_ledger.Folder).Length - 100;
        _ledger.Commit(Tx.Valid().Writing("k", "second"));
        _ledger.Commit(Tx.Valid().Writing("k", "third"));
        string copy = CopyWithLog(LogOf(_ledger.Folder).Length);
        string log = LogOf(copy).FullName;
        byte[] bytes = File.ReadAllBytes(log);
        bytes[middle] ^= 0xff;
        File.WriteAllBytes(log, bytes);

        LedgerCorruptException error = Assert.Throws<LedgerCorruptException>(
            () => ChannelLedger.Open(copy, TestLedger.ChannelId, LedgerOptions.Default));

        Assert.Contains(copy, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_that_rests_has_nothing_left_to_recover_and_goes_on()
    {
        _ledger.Commit(Tx.Valid().Writing("k", "first"));
        Assert.NotEqual(0, LogOf(_ledger.Folder).Length);

        _ledger.Ledger.Rest();

        string copy = CopyWithLog(0);
        using (ChannelLedger opened = ChannelLedger.Open(copy, TestLedger.ChannelId, LedgerOptions.Default))
            Assert.Equal(_ledger.Ledger.Height, opened.Height);

        Assert.Equal("first", _ledger.ValueOf("k"));
        _ledger.Commit(Tx.Valid().Writing("k", "second"));
        _ledger.Reopen();
        Assert.Equal("second", _ledger.ValueOf("k"));
    }

    [Fact]
    public void A_ledger_in_use_cannot_be_opened_twice()
    {
        StorageFailedException error = Assert.Throws<StorageFailedException>(
            () => ChannelLedger.Open(_ledger.Folder, TestLedger.ChannelId, LedgerOptions.Default));

        Assert.Contains("lock", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_ledger_of_another_channel_or_format_is_refused()
    {
        string folder = _ledger.Folder;
        string copy = CopyWithLog(LogOf(folder).Length);
        LedgerCorruptException other = Assert.Throws<LedgerCorruptException>(
            () => ChannelLedger.Open(copy, ChannelId.Of("other"), LedgerOptions.Default));
        Assert.Contains("'mychannel'", other.Message, StringComparison.Ordinal);

        Tamper(copy, (database, batch) => batch.Put("format"u8, [0, 0, 0, 2], database.Meta));
        LedgerCorruptException format = Assert.Throws<LedgerCorruptException>(
            () => ChannelLedger.Open(copy, TestLedger.ChannelId, LedgerOptions.Default));
        Assert.Contains("00000002", format.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_savepoint_that_does_not_fit_its_last_block_is_corruption()
    {
        _ledger.Commit(Tx.Valid().Writing("k", "v"));
        LedgerTip tip = _ledger.Ledger.Tip;
        (string What, Action<LedgerDatabase, StorageBatch> Change)[] damages =
        [
            ("missing", (database, batch) => batch.Delete([0, 0, 0, 0, 0, 0, 0, 1], database.Blocks)),
            ("block hash", (database, batch) => PutTip(database, batch, tip with { LastBlockHash = Hash32.Zero })),
            ("commit hash", (database, batch) => PutTip(database, batch, tip with { CommitHash = Hash32.Zero })),
            ("commit hash", (database, batch) => PutTip(database, batch, tip with { CommitHash = null })),
            ("savepoint", (database, batch) => batch.Put(TipRecord.Key, [1, 2, 3], database.Meta)),
            ("savepoint", (database, batch) => PutTip(database, batch, tip with { Height = 1 })),
        ];

        foreach ((string what, Action<LedgerDatabase, StorageBatch> change) in damages)
        {
            string copy = CopyWithLog(LogOf(_ledger.Folder).Length);
            Tamper(copy, change);
            LedgerCorruptException error = Assert.Throws<LedgerCorruptException>(
                () => ChannelLedger.Open(copy, TestLedger.ChannelId, LedgerOptions.Default));
            Assert.Contains(what, error.Message, StringComparison.Ordinal);
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public void After_a_failed_write_no_block_is_taken_until_the_ledger_is_opened_anew()
    {
        TestLedger failing = TestLedger.WithGenesis();
        Tx tx = Tx.Valid().Writing("k", "v");
        BlockToCommit next = TestLedger.ToCommit(failing.NextBlock(tx.ToEnvelope()), [tx]);
        failing.Ledger.Database.Dispose();

        Assert.Throws<StorageFailedException>(() => failing.Ledger.Commit(next));
        Assert.Throws<StorageFailedException>(() => failing.Ledger.Commit(next));

        failing.Reopen();
        Assert.Equal([TxValidationCode.Valid], failing.CodesOf(tx));
        failing.Dispose();
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_storage_failure()
    {
        string file = Path.Combine(_copies.FullName, "file");
        File.WriteAllText(file, "in the way");

        Assert.Throws<StorageFailedException>(
            () => ChannelLedger.Open(Path.Combine(file, "ledger"), TestLedger.ChannelId, LedgerOptions.Default));
    }

    private static void PutTip(LedgerDatabase database, StorageBatch batch, LedgerTip tip) =>
        batch.Put(TipRecord.Key, TipRecord.Encode(tip), database.Meta);

    private static void Tamper(string folder, Action<LedgerDatabase, StorageBatch> change)
    {
        using LedgerDatabase database = LedgerDatabase.Open(folder, TestLedger.ChannelId, LedgerOptions.Default);
        using StorageBatch batch = database.NewBatch();
        change(database, batch);
        database.Write(batch, "damage it");
    }

    private static FileInfo LogOf(string folder) =>
        new DirectoryInfo(folder).GetFiles("*.log").OrderBy(file => file.Name, StringComparer.Ordinal).Last();

    // The engine's files as they are now, the newest log cut: what a crash leaves.
    private string CopyWithLog(long length)
    {
        DirectoryInfo copy = _copies.CreateSubdirectory(Path.GetRandomFileName());
        foreach (FileInfo file in new DirectoryInfo(_ledger.Folder).GetFiles())
            file.CopyTo(Path.Combine(copy.FullName, file.Name));

        using FileStream log = LogOf(copy.FullName).OpenWrite();
        log.SetLength(length);
        return copy.FullName;
    }
}

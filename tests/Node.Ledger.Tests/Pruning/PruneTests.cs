using Node.Ledger.Building;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Ledger.Pruning;

public sealed class PruneTests : IDisposable
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000);

    private readonly TestLedger _ledger = TestLedger.WithGenesis();
    private readonly DirectoryInfo _copies = Directory.CreateTempSubdirectory("pruned-copies-");

    public void Dispose()
    {
        _ledger.Dispose();
        _copies.Delete(recursive: true);
    }

    [Fact]
    public void Bodies_go_and_everything_else_stays()
    {
        Tx old = Tx.Valid().Writing("k", "1");
        _ledger.Commit(old);
        _ledger.CommitConfig("new configuration");
        Fill(blocks: 8);
        ChannelLedger ledger = _ledger.Ledger;
        LedgerTip tip = ledger.Tip;
        Hash32[] inclusion = ledger.ProveInclusion(1, tip.Height);
        byte[] config = Read(2);
        byte[] block = Read(1);

        PruneReport report = Prune(PruneRule.KeepNewest(3));

        Assert.Equal((11ul, 0ul, 8ul, 6ul), (report.Height, report.FirstHeldBefore, report.FirstHeld,
            report.BlocksPruned));
        Assert.Equal(tip, ledger.Tip);
        Assert.Equal(inclusion, ledger.ProveInclusion(1, tip.Height));
        Assert.False(ledger.TryReadBlock(1, out _));
        Assert.Equal(config, Read(2));
        Assert.True(ledger.TryReadBlock(8, out _));
        Assert.True(ledger.TryReadOutline(1, out byte[]? outline));
        Block whole = Block.Parser.ParseFrom(block);
        whole.Data = null;
        Assert.Equal(whole, Block.Parser.ParseFrom(outline));
        Assert.True(ledger.TryFindTransaction(old.Id, out TransactionPosition position));
        Assert.Equal(1ul, position.Block);
        Assert.False(ledger.TryReadTransaction(old.Id, out _, out _));
        using StateSnapshot state = ledger.Snapshot();
        Assert.Single(state.History("cc", "k", newestFirst: false, after: null));
    }

    [Fact]
    public void A_pruned_ledger_reopens_and_goes_on()
    {
        Fill(blocks: 5);
        Prune(PruneRule.KeepNewest(1));

        _ledger.Reopen();

        Assert.Equal(5ul, _ledger.Ledger.FirstBlockHeld);
        _ledger.Commit(Tx.Valid().Writing("more", "1"));
        Assert.Equal(7ul, _ledger.Ledger.Height);
    }

    [Fact]
    public void The_last_block_and_every_configuration_are_always_kept()
    {
        _ledger.CommitConfig("second");
        PruneReport report = Prune(PruneRule.KeepNewest(0));

        Assert.Equal((1ul, 0ul), (report.FirstHeld, report.BlocksPruned));
        Assert.True(_ledger.Ledger.TryReadBlock(0, out _));
        Assert.True(_ledger.Ledger.TryReadBlock(1, out _));
    }

    [Fact]
    public void A_rule_of_days_stops_at_the_first_block_with_a_younger_transaction()
    {
        for (int day = 0; day < 6; day++)
            _ledger.Commit(Tx.Valid().Writing($"k{day}", "1").At(s_start.AddDays(day)));

        PruneReport planned = LedgerPrune.Plan(
            _ledger.Folder, PruneRule.KeepSince(s_start.AddDays(3)), CancellationToken.None);
        Assert.Equal((0ul, 4ul, 3ul), (_ledger.Ledger.FirstBlockHeld, planned.FirstHeld, planned.BlocksPruned));

        PruneReport done = Prune(PruneRule.KeepSince(s_start.AddDays(3)));
        Assert.Equal(planned with { DiskBytes = done.DiskBytes, DiskBytesBefore = done.DiskBytesBefore }, done);
        Assert.Equal(6ul, Prune(PruneRule.KeepSince(s_start.AddDays(30))).FirstHeld);
        Assert.Equal(0ul, Prune(PruneRule.KeepSince(s_start)).BlocksPruned);
    }

    [Fact]
    public void Killed_between_any_two_writes_it_leaves_a_whole_ledger_that_a_later_prune_goes_on_with()
    {
        Fill(blocks: Pruner.StepBlocksMax + 40);
        PruneRule rule = PruneRule.KeepNewest(2);
        var pruner = new Pruner(_ledger.Ledger.Database, rule, _ledger.Ledger.Height);
        using StorageBatch batch = _ledger.Ledger.Database.NewBatch();
        var copies = new List<string> { Copy() };
        while (pruner.Next(batch))
        {
            _ledger.Ledger.Database.Write(batch, "prune");
            batch.Clear();
            copies.Add(Copy());
        }

        copies.Add(Copy());   // Nothing was compacted.
        Assert.Equal(4, copies.Count);
        foreach (string copy in copies)
        {
            Assert.Null(LedgerAudit.Verify(copy, AnyAuthority.Instance, NoProgress.Instance).Fault);
            using var recovered = ChannelLedger.Open(copy, TestLedger.ChannelId, LedgerOptions.Default);
            Assert.Equal(_ledger.Ledger.Tip.CommitHash, recovered.Tip.CommitHash);
            PruneReport rest = recovered.Prune(rule, NoPruneProgress.Instance, CancellationToken.None);
            Assert.Equal(recovered.Height - 2, rest.FirstHeld);
            Assert.True(recovered.IsPruned(1));
        }
    }

    [Fact]
    public void A_prune_that_is_cut_off_at_any_byte_of_its_log_leaves_whole_blocks_or_their_outlines()
    {
        Fill(blocks: 6);
        long before = Log(_ledger.Folder).Length;
        var pruner = new Pruner(_ledger.Ledger.Database, PruneRule.KeepNewest(1), _ledger.Ledger.Height);
        using StorageBatch batch = _ledger.Ledger.Database.NewBatch();
        Assert.True(pruner.Next(batch));
        _ledger.Ledger.Database.Write(batch, "prune");
        long after = Log(_ledger.Folder).Length;

        foreach (long length in (long[])[before, before + 1, (before + after) / 2, after - 1, after])
        {
            string copy = Copy();
            using (FileStream log = Log(copy).OpenWrite())
                log.SetLength(length);

            using (var recovered = ChannelLedger.Open(copy, TestLedger.ChannelId, LedgerOptions.Default))
            {
                Assert.Equal(length == after ? 6ul : 0ul, recovered.FirstBlockHeld);
                Assert.Equal(length != after, recovered.TryReadBlock(3, out _));
            }

            Assert.Null(LedgerAudit.Verify(copy, AnyAuthority.Instance, NoProgress.Instance).Fault);
        }
    }

    [Fact]
    public async Task Readers_and_commits_go_on_while_bodies_go()
    {
        Fill(blocks: 300);
        using var stop = new CancellationTokenSource();
        Task reading = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                for (ulong number = 0; number < 300; number++)
                {
                    if (_ledger.Ledger.TryReadBlock(number, out byte[]? block))
                        Assert.NotNull(Block.Parser.ParseFrom(block).Data);
                }
            }
        });
        Task pruning = Task.Run(() => Prune(PruneRule.KeepNewest(10)));
        while (!pruning.IsCompleted)
            _ledger.Commit(Tx.Valid().Writing("meanwhile", "1"));

        await pruning;
        await stop.CancelAsync();
        await reading;
        Assert.Null(LedgerAudit.Verify(_ledger.Folder, AnyAuthority.Instance, NoProgress.Instance).Fault);
    }

    [Fact]
    public void Nine_tenths_of_the_blocks_give_four_fifths_of_the_disk_back()
    {
        var value = new string('x', 200);
        for (int block = 0; block < 400; block++)
        {
            // As in life, most of a transaction is identities and signatures, which are in its block alone.
            _ledger.Commit([.. Enumerable.Range(0, 5).Select(
                _ => Tx.Valid().Writing($"key{block % 40}", value).WithEndorsementBytes(1500))]);
        }

        PruneReport report = Prune(PruneRule.KeepNewest(40));

        Assert.Equal(361ul, report.FirstHeld);
        Assert.InRange(report.DiskBytes, 1, report.DiskBytesBefore / 5);
    }

    private PruneReport Prune(PruneRule rule) =>
        _ledger.Ledger.Prune(rule, NoPruneProgress.Instance, CancellationToken.None);

    private void Fill(int blocks)
    {
        for (int block = 0; block < blocks; block++)
            _ledger.Commit(Tx.Valid().Writing($"key{block}", "value"));
    }

    private byte[] Read(ulong number)
    {
        Assert.True(_ledger.Ledger.TryReadBlock(number, out byte[]? block));
        return block;
    }

    private static FileInfo Log(string folder) =>
        new DirectoryInfo(folder).GetFiles("*.log").OrderBy(file => file.Name, StringComparer.Ordinal).Last();

    // The files as they are at this instant: what a kill leaves.
    private string Copy()
    {
        DirectoryInfo copy = _copies.CreateSubdirectory(Path.GetRandomFileName());
        foreach (FileInfo file in new DirectoryInfo(_ledger.Folder).GetFiles())
            file.CopyTo(Path.Combine(copy.FullName, file.Name));

        return copy.FullName;
    }
}

using System.Diagnostics;
using Node.Orderer.Etcd;
using Node.Orderer.Log;
using Node.Orderer.Tests.Building;
using Node.Protocol;

namespace Node.Orderer.Tests.Etcd;

/// <summary>What an orderer refuses to build on, and what it gets over, with real etcd members.</summary>
public sealed class EtcdGuardTests
{
    private static readonly ChannelId s_channel = ChannelId.Of("mychannel");

    [Fact]
    public async Task A_log_that_is_shorter_than_our_blocks_or_lacks_their_last_entry_is_refused()
    {
        var cluster = new EtcdCluster();
        await cluster.InitializeAsync();
        try
        {
            LogPosition last;
            await using (OpenEtcdLog log = await OpenEtcdLog.OpenAsync(cluster, s_channel, "orderer1"))
                last = await log.Log.AppendAsync(Batches.Of(0, "a"), Patience.Token);

            // The second start writes too, so the revision is past the last entry.
            await using (await OpenEtcdLog.OpenAsync(cluster, s_channel, "orderer1", position: last))
            {
            }

            LedgerCorruptException beyond = await Assert.ThrowsAsync<LedgerCorruptException>(() =>
                OpenEtcdLog.OpenAsync(cluster, s_channel, "orderer2", position: new LogPosition(last.Value + 1_000)));
            LedgerCorruptException lacking = await Assert.ThrowsAsync<LedgerCorruptException>(() =>
                OpenEtcdLog.OpenAsync(cluster, s_channel, "orderer2", position: new LogPosition(last.Value - 1)));

            Assert.Contains("it ends at", beyond.Message, StringComparison.Ordinal);
            Assert.Contains("it holds no entry", lacking.Message, StringComparison.Ordinal);
        }
        finally
        {
            await cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_log_that_used_up_its_quota_takes_entries_again_once_some_are_in_durable_blocks()
    {
        const int EntryBytes = 400_000;
        var cluster = new EtcdCluster(members: 1, spare: 0, quotaBytes: 8 << 20);
        await cluster.InitializeAsync();
        try
        {
            // Another orderer is away and never says that it needs nothing.
            await using (await OpenEtcdLog.OpenAsync(cluster, s_channel, "away"))
            {
            }

            await using OpenEtcdLog log = await OpenEtcdLog.OpenAsync(cluster, s_channel, "orderer1");
            int appended = 0;
            LogPosition last = default;
            StorageFailedException? full = null;
            while (full is null)
            {
                try
                {
                    last = await log.Log.AppendAsync(Entry(appended, EntryBytes), Patience.Token);
                    appended++;
                }
                catch (StorageFailedException failure)
                {
                    full = failure;
                }
            }

            Assert.True(EtcdClient.IsFull(full), full.Message);
            await log.Log.TruncateAsync(last, Patience.Token);
            await log.Log.UntilAppendedAsync(Entry(appended, EntryBytes));
            LogRemovedException gap = await UntilTheGapIsToldAsync(log.Log);
            List<LogEntry> rest = await log.Log.TakeAsync(new LogPosition(gap.Removed), count: 1);
            Assert.True(rest[0].Position.Value > gap.Removed);
        }
        finally
        {
            await cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task Appends_go_on_soon_after_a_leader_is_killed()
    {
        var cluster = new EtcdCluster(members: 3);
        await cluster.InitializeAsync();
        try
        {
            using LogCluster admin = cluster.Administer(0);
            string leader = (await admin.ListAsync(Patience.Token)).Single(one => one.State == "leader").Name;
            int index = Enumerable.Range(0, 3).Single(each => cluster.OptionsOf(each).Name == leader);
            int other = (index + 1) % 3;
            await using OpenEtcdLog log = await OpenEtcdLog.OpenAsync(cluster, s_channel, "orderer1", member: other);
            await log.Log.AppendAsync(Batches.Of(0, "before"), Patience.Token);

            cluster.Kill(index);
            long killed = Stopwatch.GetTimestamp();
            await log.Log.UntilAppendedAsync(Batches.Of(1, "after"));
            TimeSpan pause = Stopwatch.GetElapsedTime(killed);

            Assert.True(pause < TimeSpan.FromSeconds(3), $"commits were away for {pause.TotalSeconds:0.0} s");
        }
        finally
        {
            await cluster.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("etcd Version: 3.4.23\nGit SHA: Not provided\n", "3.4.23", "--pre-vote=true --logger zap")]
    [InlineData(
        "etcd Version: 3.5.16\n", "3.5.16", "--pre-vote=true --experimental-initial-corrupt-check=true")]
    [InlineData("etcd Version: 3.6.1\n", "3.6.1", "--pre-vote=true --feature-gates=InitialCorruptCheck=true")]
    public void Each_release_gets_the_flags_it_knows(string told, string version, string flags)
    {
        Assert.True(EtcdFlags.TryParse(told, out Version? read));
        Assert.Equal(version, read.ToString());
        Assert.Equal(flags, string.Join(' ', EtcdFlags.For(read)));
    }

    [Fact]
    public void What_tells_no_version_is_not_taken_for_etcd() =>
        Assert.False(EtcdFlags.TryParse("usage: etcd", out _));

    private static Batch Entry(int sequence, int bytes) => Batches.Of(sequence, new string('x', bytes));

    // While entries are being removed, a read says so; then it says which are gone.
    private static async Task<LogRemovedException> UntilTheGapIsToldAsync(IOrderedLog log)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            try
            {
                await log.TakeAsync(LogPosition.Start, count: 1);
                throw new InvalidOperationException("the first entry is still there");
            }
            catch (LogRemovedException gap)
            {
                return gap;
            }
            catch (StorageFailedException)
            {
                patience.Token.ThrowIfCancellationRequested();
            }
        }
    }
}

using Node.Orderer.Etcd;
using Node.Orderer.Log;
using Node.Orderer.Tests.Building;
using Node.Protocol;

namespace Node.Orderer.Tests.Etcd;

/// <summary>Members come and go, lose their disks and get old ones back, while three real ones keep a log.</summary>
public sealed class EtcdMembershipTests : IAsyncLifetime
{
    private static readonly ChannelId s_channel = ChannelId.Of("mychannel");
    private readonly EtcdCluster _cluster = new(members: 3, spare: 2);

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_fourth_member_joins_votes_and_the_leader_leaves_while_the_log_is_written()
    {
        await using OpenEtcdLog log = await OpenEtcdLog.OpenAsync(_cluster, s_channel, "orderer1");
        using LogCluster admin = _cluster.Administer(0);
        using var stop = new CancellationTokenSource();
        Task<int> writing = WriteAsync(log.Log, stop.Token);

        Assert.Null(await admin.AddAsync(PeerUrlOf(3), Patience.Token));
        Assert.Null(await admin.AddAsync(PeerUrlOf(3), Patience.Token));   // As after a command that was cut short.
        string? second = await admin.AddAsync(PeerUrlOf(4), Patience.Token);
        _cluster.Start(3);
        await _cluster.UntilAsync(0, members => members.Count(VotesNow) == 4);
        LogMember leader = (await admin.ListAsync(Patience.Token)).Single(member => member.State == "leader");
        Assert.Null(await admin.RemoveAsync(leader.PeerUrl, Patience.Token));
        await _cluster.UntilAsync(0, members => members.Count == 3 && members.Any(one => one.State == "leader"));
        await stop.CancelAsync();
        int written = await writing;

        Assert.Contains("another change is in flight", second, StringComparison.Ordinal);
        Assert.True(written > 0);
        List<LogEntry> entries = await log.Log.TakeAsync(LogPosition.Start, written);
        Assert.Equal(
            Enumerable.Range(0, written).Select(n => $"{n}"), entries.Select(entry => Batches.Text(entry.Batch)));
    }

    [Fact]
    public async Task A_removal_that_would_leave_no_majority_is_refused()
    {
        using LogCluster admin = _cluster.Administer(0);
        await _cluster.UntilAsync(0, members => members.Count(VotesNow) == 3);
        await _cluster.StopAsync(1);
        await _cluster.UntilAsync(0, members => members.Count(VotesNow) == 2);

        string? refusal = await admin.RemoveAsync(PeerUrlOf(2), Patience.Token);
        string? dead = await admin.RemoveAsync(PeerUrlOf(1), Patience.Token);

        Assert.Contains("2 must answer, and only 1 do", refusal, StringComparison.Ordinal);
        Assert.Null(dead);   // The one that is away may go.
    }

    [Fact]
    public async Task A_removed_member_does_not_start_again_and_joins_anew_once_it_is_added()
    {
        using LogCluster admin = _cluster.Administer(0);
        await _cluster.UntilAsync(0, members => members.Count(VotesNow) == 3);
        string before = (await admin.ListAsync(Patience.Token)).Single(one => one.PeerUrl == PeerUrlOf(2)).Id;

        Assert.Null(await admin.RemoveAsync(PeerUrlOf(2), Patience.Token));
        await _cluster.UntilAsync(0, members => members.Count == 2);
        await WaitForAsync(() => Directory.Exists(Path.Combine(_cluster.DataFolderOf(2), "data.left")));
        Assert.Null(await admin.AddAsync(PeerUrlOf(2), Patience.Token));
        await _cluster.UntilAsync(0, members => members.Count(VotesNow) == 3);

        string after = (await admin.ListAsync(Patience.Token)).Single(one => one.PeerUrl == PeerUrlOf(2)).Id;
        Assert.NotEqual(before, after);
    }

    [Fact]
    public async Task A_member_that_lost_its_disk_leaves_and_joins_anew_without_voting_in_between()
    {
        await using OpenEtcdLog log = await OpenEtcdLog.OpenAsync(_cluster, s_channel, "orderer1");
        await log.Log.AppendAsync(Batches.Of(0, "before"), Patience.Token);
        await _cluster.UntilAsync(0, members => members.Count(VotesNow) == 3);
        using LogCluster admin = _cluster.Administer(0);
        string before = (await admin.ListAsync(Patience.Token)).Single(one => one.PeerUrl == PeerUrlOf(2)).Id;
        await _cluster.StopAsync(2);
        Directory.Delete(_cluster.DataFolderOf(2), recursive: true);

        _cluster.Start(2);
        await _cluster.UntilAsync(
            0, members => members.Count(VotesNow) == 3 && members.All(member => member.Id != before));

        await using OpenEtcdLog own = await OpenEtcdLog.OpenAsync(_cluster, s_channel, "orderer3", member: 2);
        Assert.Equal("before", Batches.Text(Assert.Single(await own.Log.TakeAsync(default, 1)).Batch));
    }

    [Fact]
    public async Task A_member_whose_disk_is_an_old_copy_joins_anew()
    {
        LogPosition told;
        await using (OpenEtcdLog log = await OpenEtcdLog.OpenAsync(_cluster, s_channel, "orderer3", member: 2))
        {
            told = await log.Log.AppendAsync(Batches.Of(0, "told"), Patience.Token);
            await log.Log.TruncateAsync(told, Patience.Token);   // Its block is durable here: the others are told.
            await UntilToldAsync("orderer3", told);
        }

        using LogCluster admin = _cluster.Administer(0);
        await _cluster.UntilAsync(0, members => members.Count(VotesNow) == 3);
        string before = (await admin.ListAsync(Patience.Token)).Single(one => one.PeerUrl == PeerUrlOf(2)).Id;
        await _cluster.StopAsync(2);

        _cluster.Start(2, new Dictionary<ChannelId, LogPosition> { [s_channel] = LogPosition.Start });
        await _cluster.UntilAsync(
            0, members => members.Count(VotesNow) == 3 && members.All(member => member.Id != before));
    }

    private static bool VotesNow(LogMember member) => member.State is "leader" or "voter";

    private string PeerUrlOf(int index) => _cluster.OptionsOf(index).Member!.PeerUrl;

    // As the ordering loop: what has an unknown outcome is appended again, under the same id.
    private static async Task<int> WriteAsync(IOrderedLog log, CancellationToken stop)
    {
        int written = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await log.AppendAsync(Batches.Of(written, $"{written}"), Patience.Token);
                written++;
            }
            catch (StorageFailedException)
            {
                continue;
            }
        }

        return written;
    }

    private async Task UntilToldAsync(string orderer, LogPosition position)
    {
        using EtcdClient client = _cluster.Client(0);
        var keys = new EtcdKeys(s_channel);
        await WaitForAsync(async () =>
        {
            var range = new Orderer.Etcd.Wire.RangeRequest { Key = keys.DurableOf(orderer) };
            Orderer.Etcd.Wire.RangeResponse found = await client.RangeAsync(range, Patience.Limit, Patience.Token);
            return found.Kvs is [var mark] && EtcdKeys.TryDecode(mark.Value, out LogPosition told) && told >= position;
        });
    }

    private static Task WaitForAsync(Func<bool> condition) => WaitForAsync(() => Task.FromResult(condition()));

    private static async Task WaitForAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (!await condition())
            await timer.WaitForNextTickAsync(patience.Token);
    }
}

using Node.Orderer.Log;
using Node.Orderer.Tests.Building;
using Node.Protocol;

namespace Node.Orderer.Tests.Etcd;

/// <summary>Three real members, of which some are away.</summary>
public sealed class EtcdFailoverTests : IAsyncLifetime
{
    private static readonly ChannelId s_channel = ChannelId.Of("mychannel");
    private readonly EtcdCluster _cluster = new(members: 3);

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task With_one_member_away_appends_and_readers_go_on_in_one_order()
    {
        await using OpenEtcdLog one = await OpenEtcdLog.OpenAsync(_cluster, s_channel, "orderer1", member: 0);
        await using OpenEtcdLog two = await OpenEtcdLog.OpenAsync(_cluster, s_channel, "orderer2", member: 1);
        Task<List<LogEntry>> reading = two.Log.TakeAsync(LogPosition.Start, count: 6);
        for (int away = 0; away < 3; away++)
        {
            await _cluster.StopAsync(away);
            await one.Log.UntilAppendedAsync(Batches.Of(away * 2, $"{away}a"));
            _cluster.Start(away);
            await one.Log.UntilAppendedAsync(Batches.Of((away * 2) + 1, $"{away}b"));
        }

        string[] expected = ["0a", "0b", "1a", "1b", "2a", "2b"];
        Assert.Equal(expected, (await reading).Select(entry => Batches.Text(entry.Batch)));
    }

    [Fact]
    public async Task Without_a_majority_nothing_is_acknowledged_and_afterwards_everything_goes_on()
    {
        await using OpenEtcdLog log = await OpenEtcdLog.OpenAsync(_cluster, s_channel, "orderer1");
        await log.Log.UntilAppendedAsync(Batches.Of(1, "before"));
        await _cluster.StopAsync(1);
        await _cluster.StopAsync(2);

        await Assert.ThrowsAsync<StorageFailedException>(
            async () => await log.Log.AppendAsync(Batches.Of(2, "during"), Patience.Token));

        _cluster.Start(1);
        _cluster.Start(2);
        await log.Log.UntilAppendedAsync(Batches.Of(2, "during"));
        await log.Log.UntilAppendedAsync(Batches.Of(3, "after"));
        List<LogEntry> entries = await log.Log.TakeAsync(LogPosition.Start, count: 3);
        Assert.Equal(["before", "during", "after"], entries.Select(entry => Batches.Text(entry.Batch)));
    }
}

using System.Security.Cryptography;
using Node.Orderer.Log;
using Node.Orderer.Tests.Building;
using Node.Orderer.Tests.Log;
using Node.Protocol;

namespace Node.Orderer.Tests.Etcd;

/// <summary>The promises of every ordered log, kept by a real etcd member.</summary>
public sealed class EtcdLogTests(EtcdCluster cluster) : OrderedLogContract, IClassFixture<EtcdCluster>
{
    private readonly ChannelId _channel = NewChannel();
    private OpenEtcdLog? _open;

    [Fact]
    public async Task Entries_that_every_orderer_has_blocks_of_are_removed_and_a_reader_before_them_is_told()
    {
        await using OpenEtcdLog other = await OpenEtcdLog.OpenAsync(cluster, _channel, "other");
        LogPosition first = await Log.AppendAsync(Batches.Of(1, "a"), Patience.Token);
        LogPosition second = await Log.AppendAsync(Batches.Of(2, "b"), Patience.Token);

        await Log.TruncateAsync(second, Patience.Token);
        await other.Log.TruncateAsync(first, Patience.Token);
        LogRemovedException gap = await WaitForGapAsync(other.Log, LogPosition.Start);

        Assert.Equal(first.Value, gap.Removed);
        Assert.Equal("b", Batches.Text(Assert.Single(await other.Log.TakeAsync(first, count: 1)).Batch));
    }

    [Fact]
    public async Task An_orderer_that_is_away_holds_back_the_removal_only_up_to_the_limit()
    {
        await using OpenEtcdLog away = await OpenEtcdLog.OpenAsync(cluster, _channel, "away");
        await using OpenEtcdLog here = await OpenEtcdLog.OpenAsync(cluster, _channel, "here", entriesKept: 2);
        LogPosition last = default;
        for (int index = 0; index < 5; index++)
            last = await here.Log.AppendAsync(Batches.Of(index, $"{index}"), Patience.Token);

        await here.Log.TruncateAsync(last, Patience.Token);
        LogRemovedException gap = await WaitForGapAsync(away.Log, LogPosition.Start);

        List<LogEntry> left = await away.Log.TakeAsync(new LogPosition(gap.Removed), count: 2);
        Assert.Equal(["3", "4"], left.Select(entry => Batches.Text(entry.Batch)));
    }

    [Fact]
    public async Task A_run_is_never_given_the_number_of_an_earlier_one_even_on_a_fresh_disk()
    {
        await using OpenEtcdLog one = await OpenEtcdLog.OpenAsync(cluster, _channel, "orderer");
        await using OpenEtcdLog again = await OpenEtcdLog.OpenAsync(cluster, _channel, "orderer");

        Assert.True(again.Incarnation > one.Incarnation, $"{again.Incarnation} follows {one.Incarnation}");
    }

    private protected override async Task<IOrderedLog> OpenAsync()
    {
        _open = await OpenEtcdLog.OpenAsync(cluster, _channel, "orderer1");
        return _open.Log;
    }

    // The log and what it stands on were opened together.
    private protected override async Task CloseAsync(IOrderedLog log) => await _open!.DisposeAsync();

    private static ChannelId NewChannel() =>
        ChannelId.Of("c" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));

    // Removal happens in the upkeep's own time.
    private static async Task<LogRemovedException> WaitForGapAsync(IOrderedLog log, LogPosition after)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            try
            {
                await log.TakeAsync(after, count: 1).WaitAsync(patience.Token);
            }
            catch (LogRemovedException gap)
            {
                return gap;
            }
        }
    }
}

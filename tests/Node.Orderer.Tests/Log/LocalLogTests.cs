using Node.Ledger.Ordering;
using Node.Orderer.Log;
using Node.Orderer.Tests.Building;
using Node.Protocol;

namespace Node.Orderer.Tests.Log;

public sealed class LocalLogTests : OrderedLogContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private OrdererStore? _store;

    [Fact]
    public async Task An_entry_that_rotted_on_disk_is_named_at_open()
    {
        await Log.AppendAsync(Batches.Of(1, "a"), Patience.Token);
        _store!.AppendEntries([new byte[] { 9, 9, 9 }]);   // Opened with the log.
        await CloseAsync(Log);

        var corrupt = await Assert.ThrowsAsync<LedgerCorruptException>(OpenAsync);

        Assert.Contains("entry 2", corrupt.Message, StringComparison.Ordinal);
        _store.Dispose();
    }

    [Fact]
    public async Task Ids_are_remembered_beyond_truncation_for_as_many_as_promised()
    {
        LogPosition first = await Log.AppendAsync(Batches.Of(0, "a"), Patience.Token);
        LogPosition last = first;
        for (int index = 1; index < LocalLog.BatchIdsRemembered; index++)
            last = await Log.AppendAsync(Batches.Of(index, "b"), Patience.Token);
        await Log.TruncateAsync(last, Patience.Token);

        Assert.Equal(first, await Log.AppendAsync(Batches.Of(0, "a"), Patience.Token));
    }

    public void Dispose() => _folder.Dispose();

    private protected override Task<IOrderedLog> OpenAsync()
    {
        _store = OrdererStore.Open(_folder.Path, ChannelId.Of("mychannel"));
        return Task.FromResult<IOrderedLog>(LocalLog.Open(_store));
    }

    private protected override async Task CloseAsync(IOrderedLog log)
    {
        await log.DisposeAsync();
        _store!.Dispose();   // Opened with the log.
    }
}

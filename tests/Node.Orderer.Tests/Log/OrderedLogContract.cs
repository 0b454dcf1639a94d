using Node.Orderer.Log;
using Node.Orderer.Tests.Building;
using Node.Protocol;

namespace Node.Orderer.Tests.Log;

/// <summary>What every ordered log promises. One class per engine derives from it.</summary>
public abstract class OrderedLogContract : IAsyncLifetime
{
    private readonly CancellationToken _patience = Patience.Token;

    private protected IOrderedLog Log { get; private set; } = null!;   // Set before each test.

    public async Task InitializeAsync() => Log = await OpenAsync();

    public async Task DisposeAsync() => await CloseAsync(Log);

    [Fact]
    public async Task Gives_back_the_entries_in_the_order_of_their_positions()
    {
        Batch[] batches = [Batches.Of(1, "a"), Batches.Of(2, "b", "c"), Batches.Config(3, "d")];
        var positions = new List<LogPosition>();
        foreach (Batch batch in batches)
            positions.Add(await Log.AppendAsync(batch, _patience));

        List<LogEntry> entries = await Log.TakeAsync(after: LogPosition.Start, count: 3);

        Assert.Equal(positions, entries.Select(entry => entry.Position));
        Assert.Equal(positions.Order(), positions);
        Assert.Equal(batches.Select(Batches.Text), entries.Select(entry => Batches.Text(entry.Batch)));
    }

    [Fact]
    public async Task Reads_on_behind_any_position()
    {
        await Log.AppendAsync(Batches.Of(1, "a"), _patience);
        LogPosition second = await Log.AppendAsync(Batches.Of(2, "b"), _patience);
        await Log.AppendAsync(Batches.Of(3, "c"), _patience);

        List<LogEntry> entries = await Log.TakeAsync(after: second, count: 1);

        Assert.Equal("c", Batches.Text(Assert.Single(entries).Batch));
    }

    [Fact]
    public async Task A_reader_at_the_end_is_given_what_is_appended_later()
    {
        Task<List<LogEntry>> reading = Log.TakeAsync(after: LogPosition.Start, count: 2);

        await Log.AppendAsync(Batches.Of(1, "a"), _patience);
        await Log.AppendAsync(Batches.Of(2, "b"), _patience);

        Assert.Equal(["a", "b"], (await reading).Select(entry => Batches.Text(entry.Batch)));
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        LogPosition first = await Log.AppendAsync(Batches.Of(1, "a"), _patience);
        LogPosition second = await Log.AppendAsync(Batches.Of(2, "b"), _patience);

        await ReopenAsync();

        List<LogEntry> entries = await Log.TakeAsync(after: LogPosition.Start, count: 2);
        Assert.Equal([first, second], entries.Select(entry => entry.Position));
        Assert.Equal(["a", "b"], entries.Select(entry => Batches.Text(entry.Batch)));
    }

    [Fact]
    public async Task Positions_go_on_after_a_restart()
    {
        LogPosition before = await Log.AppendAsync(Batches.Of(1, "a"), _patience);
        await Log.TruncateAsync(before, _patience);
        await ReopenAsync();

        LogPosition after = await Log.AppendAsync(Batches.Of(2, "b"), _patience);

        Assert.True(after > before, $"{after} is not behind {before}");
        Assert.Equal("b", Batches.Text(Assert.Single(await Log.TakeAsync(before, count: 1)).Batch));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]    // Also when the first attempt was made before a restart.
    public async Task A_batch_that_is_appended_again_stays_where_it_is(bool restart)
    {
        LogPosition first = await Log.AppendAsync(Batches.Of(1, "a"), _patience);
        if (restart)
            await ReopenAsync();

        LogPosition again = await Log.AppendAsync(Batches.Of(1, "a"), _patience);
        LogPosition next = await Log.AppendAsync(Batches.Of(2, "b"), _patience);

        Assert.Equal(first, again);
        List<LogEntry> entries = await Log.TakeAsync(after: LogPosition.Start, count: 2);
        Assert.Equal([first, next], entries.Select(entry => entry.Position));
    }

    [Fact]
    public async Task Two_batches_of_the_same_envelopes_are_two_entries()
    {
        await Log.AppendAsync(Batches.Of(1, "a"), _patience);
        await Log.AppendAsync(Batches.Of(2, "a"), _patience);

        Assert.Equal(2, (await Log.TakeAsync(after: LogPosition.Start, count: 2)).Count);
    }

    [Fact]
    public async Task Three_appenders_at_once_make_one_history_that_every_reader_sees()
    {
        const int Each = 40;
        Task<List<LogEntry>> early = Log.TakeAsync(LogPosition.Start, 3 * Each);
        Task<LogPosition[]>[] appenders = [AppendAllAsync(0), AppendAllAsync(1), AppendAllAsync(2)];
        LogPosition[][] positions = await Task.WhenAll(appenders);

        List<LogEntry> late = await Log.TakeAsync(LogPosition.Start, 3 * Each);

        Assert.Equal(late.Select(Identify), (await early).Select(Identify));
        Assert.Equal(positions.SelectMany(own => own).Order(), late.Select(entry => entry.Position));
        foreach (LogPosition[] own in positions)
            Assert.Equal(own.Order(), own);

        async Task<LogPosition[]> AppendAllAsync(int appender)
        {
            var own = new LogPosition[Each];
            for (int index = 0; index < Each; index++)
            {
                Batch batch = Batches.Of((appender * Each) + index, $"{appender}.{index}");
                own[index] = await Log.AppendAsync(batch, _patience);
            }

            return own;
        }
    }

    [Fact]
    public async Task Truncation_keeps_what_lies_behind_it()
    {
        await Log.AppendAsync(Batches.Of(1, "a"), _patience);
        LogPosition second = await Log.AppendAsync(Batches.Of(2, "b"), _patience);
        await Log.AppendAsync(Batches.Of(3, "c"), _patience);

        await Log.TruncateAsync(second, _patience);
        await ReopenAsync();

        Assert.Equal("c", Batches.Text(Assert.Single(await Log.TakeAsync(second, count: 1)).Batch));
    }

    [Fact]
    public async Task A_cancelled_reader_stops_and_the_log_goes_on()
    {
        using var stop = new CancellationTokenSource();
        IAsyncEnumerator<LogEntry> reader = Log.ReadAsync(LogPosition.Start, stop.Token).GetAsyncEnumerator(stop.Token);
        ValueTask<bool> waiting = reader.MoveNextAsync();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        await Log.AppendAsync(Batches.Of(1, "a"), _patience);
        Assert.Single(await Log.TakeAsync(LogPosition.Start, count: 1));
    }

    [Fact]
    public async Task Appending_to_a_closed_log_says_so()
    {
        IOrderedLog closed = Log;
        await ReopenAsync();

        await Assert.ThrowsAsync<StorageFailedException>(
            async () => await closed.AppendAsync(Batches.Of(1, "a"), _patience));
    }

    private protected abstract Task<IOrderedLog> OpenAsync();

    private protected abstract Task CloseAsync(IOrderedLog log);

    private protected async Task ReopenAsync()
    {
        await CloseAsync(Log);
        Log = await OpenAsync();
    }

    private static string Identify(LogEntry entry) => $"{entry.Position} {entry.Batch.Id} {Batches.Text(entry.Batch)}";
}

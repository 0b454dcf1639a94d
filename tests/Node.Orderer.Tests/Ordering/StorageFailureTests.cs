using Node.Orderer.Ordering;
using Node.Orderer.Tests.Building;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Orderer.Tests.Ordering;

/// <summary>
/// A disk that goes away and comes back: a folder moved elsewhere, so that the engine's next file fails.
/// </summary>
public sealed class StorageFailureTests : IAsyncLifetime
{
    private readonly TestChannel _channel = new();
    private readonly OrdererBench _bench;

    public StorageFailureTests()
    {
        _bench = OrdererBench.Create(_channel);
        _bench.Clock.TimerSpeed = 200;   // Waits of up to half a minute lie between attempts to open.
    }

    private string AwayFolder => _bench.StoreFolder + ".away";

    [Fact]
    public async Task A_channel_whose_disk_is_not_there_is_opened_as_soon_as_it_is()
    {
        File.WriteAllText(_bench.StoreFolder, "in the way");
        _bench.Begin();
        await _bench.UntilAsync(state => state.Reason.Contains("disk", StringComparison.Ordinal));
        Status meanwhile = Assert.Single(await _bench.BroadcastAsync(Valid())).Status;

        File.Delete(_bench.StoreFolder);
        await _bench.UntilAsync(state => state.Run is not null);

        Assert.Equal(Status.ServiceUnavailable, meanwhile);
        Assert.Equal(Status.Success, Assert.Single(await _bench.BroadcastAsync(Valid())).Status);
    }

    [Fact]
    public async Task A_disk_that_fails_in_the_middle_loses_nothing_that_was_acknowledged()
    {
        await _bench.StartAsync();
        ChannelRun? first = _bench.Ordering.State.Run;
        await _bench.BroadcastAsync(Valid());
        Directory.Move(_bench.StoreFolder, AwayFolder);
        File.WriteAllText(_bench.StoreFolder, "in the way");

        // The files that are open go on; the first new one that the engine needs is the failure.
        int acknowledged = 1;
        Status status;
        do
        {
            List<BroadcastResponse> answers = await _bench.BroadcastAsync(Enumerable.Range(0, 20).Select(_ => Large()));
            acknowledged += answers.Count(answer => answer.Status == Status.Success);
            status = answers[^1].Status;
        }
        while (status == Status.Success);

        await _bench.UntilAsync(state => state.Run is null);
        File.Delete(_bench.StoreFolder);   // An empty place, as when a disk is not mounted.
        await UntilAttemptAsync();
        BringBack();
        await _bench.UntilAsync(state => state.Run is not null);

        Assert.Equal(Status.ServiceUnavailable, status);
        Assert.True(first!.Ended.IsCancellationRequested);   // It ran.
        Assert.True(await CountOrderedAsync(atLeast: acknowledged) >= acknowledged);
        Assert.Equal(Status.Success, Assert.Single(await _bench.BroadcastAsync(Valid())).Status);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    /// <summary>Returns after the channel was tried to be opened in vain once more.</summary>
    private async Task UntilAttemptAsync()
    {
        Task changed = _bench.Ordering.Changed.Next;
        await changed.WaitAsync(Patience.Token);
        Assert.Null(_bench.Ordering.State.Run);
    }

    // Attempts to open leave folders in the way, at any moment.
    private void BringBack()
    {
        for (int attempt = 0; Directory.Exists(AwayFolder); attempt++)
        {
            try
            {
                if (Directory.Exists(_bench.StoreFolder))
                    Directory.Move(_bench.StoreFolder, $"{_bench.StoreFolder}.{attempt}");
                Directory.Move(AwayFolder, _bench.StoreFolder);
            }
            catch (IOException)
            {
                Assert.True(attempt < 1000, "The place is never free.");
            }
        }
    }

    private byte[] Valid() => Tx.Valid(_channel).Writing("k", "v").ToEnvelope();

    private byte[] Large() => Tx.Valid(_channel).Writing("k", new string('x', 200_000)).ToEnvelope();

    private async Task<int> CountOrderedAsync(int atLeast)
    {
        int count = 0;
        for (ulong number = 1; count < atLeast; number++)
            count += (await _bench.BlockAsync(number)).Envelopes.Length;

        return count;
    }
}

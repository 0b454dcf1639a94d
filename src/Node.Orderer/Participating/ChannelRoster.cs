using Microsoft.Extensions.Logging;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Orderer.Participating;

/// <summary>The channels of one orderer while it runs: starts them, joins further ones, removes some.</summary>
/// <remarks>
/// Joins and removals are made one after the other. A channel that was joined is served again after a restart, one that
/// was removed is not, also when the orderer's configuration still names its genesis block; a removal that is cut short
/// is finished at the next start. Any thread.
/// </remarks>
/// <param name="build">Makes a channel that is not running yet.</param>
/// <param name="engineOf">Of that channel.</param>
/// <param name="follow">Runs beside each channel, until cancelled.</param>
internal sealed class ChannelRoster(
    ChannelDirectory channels,
    ParticipationFolder folder,
    Func<JoinBlock, OrderingChannel> build,
    Func<ChannelId, ILogEngine> engineOf,
    Func<OrderingChannel, CancellationToken, Task> follow,
    ILogger logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);   // One join or removal at a time.
    private readonly Lock _lock = new();                // Protects _lives.
    private readonly Dictionary<ChannelId, Life> _lives = [];
    private readonly Pulse _changed = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<ChannelId> _removing = [];
    private bool _isDisposed;

    public ChannelDirectory Channels => channels;

    /// <summary>Starts every channel of the directory. Called once.</summary>
    public void Start()
    {
        foreach (OrderingChannel channel in channels.All)
            Begin(channel);
    }

    /// <summary>Waits until told; fails when a channel fails in a way that is a fault of this program.</summary>
    /// <remarks>A channel that stopped for good is no reason to stop the others.</remarks>
    /// <param name="stopped">Completes when the orderer is to stop.</param>
    /// <param name="others">Watched as well.</param>
    public async Task WatchAsync(Task stopped, IReadOnlyList<Task> others)
    {
        var ended = new HashSet<Task>();
        while (!stopped.IsCompleted)
        {
            Task changed = _changed.Next;
            Task first = await Task.WhenAny([stopped, changed, .. others.Concat(Running()).Except(ended)]);
            if (first == changed)
                continue;

            // What a channel cannot answer for is a fault of this program, and ends it.
            await first;
            ended.Add(first);
        }
    }

    /// <summary>Begins to serve a channel. Durable when it returns; blocks may be fetched for a while yet.</summary>
    /// <returns>Null when it was joined.</returns>
    public async Task<ParticipationRefusal?> JoinAsync(JoinBlock block, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (FaultOfJoin(block) is { } refusal)
                return refusal;

            folder.DeleteDataIfRemoved(block.Channel);
            folder.KeepJoined(block.Channel, block.Bytes);
            OrderingChannel channel = build(block);
            channels.Add(channel);
            OrdererLog.Joined(logger, block.Channel, block.Number);
            Begin(channel);
            return null;
        }
        catch (StorageFailedException failure)
        {
            return new ParticipationRefusal(RefusalKind.Failed, failure.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends a channel here and deletes its data. Whoever uses it is told that it does not exist.</summary>
    /// <returns>Null when it is gone.</returns>
    public async Task<ParticipationRefusal?> RemoveAsync(ChannelId id, CancellationToken cancellationToken)
    {
        if (IsBeingRemoved(id))
            return new ParticipationRefusal(RefusalKind.Pending, "channel pending removal");

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (!channels.TryFind(id, out OrderingChannel? channel))
                return new ParticipationRefusal(RefusalKind.Unknown, "channel does not exist");

            ulong height = channel.Height;
            folder.MarkRemoved(id, height);
            await EndAsync(channel);
            await TellLogAsync(id, cancellationToken);
            folder.DeleteData(id);
            OrdererLog.Removed(logger, id, height);
            return null;
        }
        catch (StorageFailedException failure)
        {
            return new ParticipationRefusal(RefusalKind.Failed, $"channel removal failure: {failure.Message}");
        }
        finally
        {
            lock (_lock)
                _removing.Remove(id);

            _turn.Release();
        }
    }

    public bool IsBeingRemoved(ChannelId id)
    {
        lock (_lock)
            return _removing.Contains(id);
    }

    /// <summary>Returns when no channel runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        await _stop.CancelAsync();
        await Task.WhenAll(Running()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _turn.Dispose();
    }

    private ParticipationRefusal? FaultOfJoin(JoinBlock block)
    {
        if (channels.TryFind(block.Channel, out _))
            return new ParticipationRefusal(RefusalKind.Exists, "channel already exists");
        if (engineOf(block.Channel).IsShared)
            return null;

        // A log of our own can only begin a channel; it would make a second history of one that goes on elsewhere.
        if (block.Number > 0)
        {
            return new ParticipationRefusal(
                RefusalKind.Bad,
                $"this orderer keeps its log on its own disk, so it cannot take up a channel at block {block.Number}: "
                + "join with the genesis block, or share a log (Etcd in the orderer's configuration)");
        }

        return folder.HeightWhenRemoved(block.Channel) is > 1 and ulong height
            ? new ParticipationRefusal(
                RefusalKind.Bad,
                $"the channel was removed here with {height} blocks and this orderer's log of it, which cannot be "
                + "ordered a second time: give the channel another name")
            : null;
    }

    private void Begin(OrderingChannel channel)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var life = new Life(stop, channel.RunAsync(stop.Token), follow(channel, stop.Token));
        lock (_lock)
            _lives.Add(channel.Id, life);

        _changed.Beat();
    }

    private async Task EndAsync(OrderingChannel channel)
    {
        Life? life;
        lock (_lock)
        {
            _removing.Add(channel.Id);
            _lives.Remove(channel.Id, out life);
        }

        // First nobody finds it, then it ends, then its store is closed: streams are told that it does not exist.
        channels.Remove(channel.Id);
        _changed.Beat();
        if (life is null)
            return;

        await life.Stop.CancelAsync();
        await Task.WhenAll(life.Running, life.Following).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        life.Stop.Dispose();
    }

    // Not worth failing for: the log keeps what this orderer has not seen up to a limit, and no longer.
    private async Task TellLogAsync(ChannelId id, CancellationToken cancellationToken)
    {
        try
        {
            await engineOf(id).ForgetAsync(id, cancellationToken);
        }
        catch (StorageFailedException failure)
        {
            OrdererLog.LogNotTold(logger, id, failure.Message);
        }
    }

    private List<Task> Running()
    {
        lock (_lock)
            return [.. _lives.Values.SelectMany(life => (Task[])[life.Running, life.Following])];
    }

    private sealed record Life(CancellationTokenSource Stop, Task Running, Task Following);
}

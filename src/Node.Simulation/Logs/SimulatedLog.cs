using System.Runtime.CompilerServices;
using Node.Orderer.Log;
using Node.Protocol;

namespace Node.Simulation.Logs;

/// <summary>The ordered log of one orderer, over a link to a simulated cluster.</summary>
/// <remarks>Continuations run where the link completes, so on one thread when the link has one.</remarks>
internal sealed class SimulatedLog : IOrderedLog
{
    private readonly ILogLink _link;
    private readonly Action<LogPosition> _made;
    private readonly IDisposable _subscription;
    private TaskCompletionSource _grown = new();   // Continuations run inline: nothing may leave the one thread.
    private bool _isClosed;

    /// <param name="made">Told how far blocks are stored, if not yet durable.</param>
    public SimulatedLog(ILogLink link, Action<LogPosition> made)
    {
        _link = link;
        _made = made;
        _subscription = link.OnGrown(Wake);
    }

    /// <summary>A bug planted to see a checker fire: gives every entry twice.</summary>
    public bool RepeatsEntries { get; init; }

    public async ValueTask<LogPosition> AppendAsync(Batch batch, CancellationToken cancellationToken)
    {
        RequireOpen();
        return await _link.AskAsync(cluster => cluster.Append(batch), "append", cancellationToken);
    }

    public async IAsyncEnumerable<LogEntry> ReadAsync(
        LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration woken = cancellationToken.Register(Wake);
        while (true)
        {
            // The signal before the look, so that nothing appended in between is missed.
            Task grown = Volatile.Read(ref _grown).Task;
            cancellationToken.ThrowIfCancellationRequested();
            RequireOpen();
            (LogEntry? entry, LogPosition removed) = await _link.AskAsync(
                cluster => (cluster.TryRead(after, out LogEntry? next) ? next : null, cluster.Removed),
                "read",
                cancellationToken);
            if (removed > after)
                throw new LogRemovedException(after.Value, removed.Value);

            if (entry is null)
            {
                await grown;
                continue;
            }

            after = entry.Position;
            yield return entry;
            if (RepeatsEntries)
                yield return entry;
        }
    }

    public ValueTask TruncateAsync(LogPosition upToIncluding, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _made(upToIncluding);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        _subscription.Dispose();
        Wake();
        return ValueTask.CompletedTask;
    }

    private void Wake() => Interlocked.Exchange(ref _grown, new TaskCompletionSource()).TrySetResult();

    private void RequireOpen()
    {
        if (_isClosed)
            throw new StorageFailedException("use", "the ordered log", "the log is closed", inner: null);
    }
}

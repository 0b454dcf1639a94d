using Node.Ledger.Ordering;
using Node.Orderer.Broadcasting;
using Node.Orderer.CatchingUp;
using Node.Orderer.Cutting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Simulation.Nodes;

/// <summary>One life of an orderer's channel: carries between machine, block loop, log and followers.</summary>
internal sealed class OrdererRun : IDisposable
{
    private readonly OrdererStore _store;
    private readonly IOrderedLog _log;
    private readonly RunParts _parts;
    private readonly ConfigOutcomes _outcomes = new();
    private readonly OrderingMachine _machine;
    private readonly BlockLoop _blockLoop;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(Task<BroadcastAnswer> Answer, Action<BroadcastAnswer> Tell)> _awaited = [];
    private readonly List<Follower> _followers = [];
    private Task _blocks = Task.CompletedTask;
    private Landing? _inFlight;
    private ITimer? _pace;

    public OrdererRun(
        OrdererStore store, OpenedLog opened, OrderingContext context, RunParts parts, IBlockPull pull)
    {
        _store = store;
        _log = opened.Log;
        _parts = parts;
        Context = context;
        Feed = new BlockFeed(store);
        var ids = new BatchIds(parts.Identity.Current.Serialized, opened.Incarnation);
        _machine = new OrderingMachine(parts, ids, context);
        _blockLoop = new BlockLoop(
            _log, store, Feed, new BlockMaker(parts.Identity), _outcomes, context, parts.Signs, pull);
    }

    public OrderingContext Context { get; }

    public BlockFeed Feed { get; }

    public void Start(ChainTip tip) => _blocks = _blockLoop.RunAsync(tip, _stop.Token);

    public void Await(Task<BroadcastAnswer> answer, Action<BroadcastAnswer> tell) => _awaited.Add((answer, tell));

    public void Follow(ulong start, Action<ReadOnlyMemory<byte>> send) => _followers.Add(new Follower(start, send));

    public bool TryRead(ulong number, out BlockImage image) => Feed.TryRead(number, out image);

    /// <summary>Carries on what became ready.</summary>
    /// <returns>Why the run is over; null while it is not.</returns>
    public string? Turn()
    {
        string? failure = _blocks.IsCompleted ? FailureOf(_blocks) : null;
        failure ??= Land();
        if (failure is null)
            Cut();

        Answer();
        foreach (Follower follower in _followers)
            follower.SendNew(Feed);

        return failure;
    }

    /// <summary>Refuses what waits and lets go of everything.</summary>
    public void Dispose()
    {
        _machine.Abandon();
        if (_inFlight is { } landing)
            _machine.SettleUnknown(landing.Cut);

        Answer();
        _pace?.Dispose();
        _stop.Cancel();
        Task closed = _log.DisposeAsync().AsTask();
        Invariant.Require(closed.IsCompleted, "a simulated log has nothing to wait for");
        _store.Dispose();
        _stop.Dispose();
    }

    private static string FailureOf(Task ended) => ended.Exception?.InnerException?.Message ?? "it ended";

    private void Cut()
    {
        _machine.ReadClock();
        while (_inFlight is null && _machine.TryCut(out CutBatch? cut))
        {
            if (!_machine.TryBegin(cut, out Batch? batch))
            {
                _machine.Landed();
                continue;
            }

            Task<string?>? outcome = cut.IsConfig ? _outcomes.Expect(batch.Id) : null;
            _inFlight = new Landing(cut, batch.Id, _log.AppendAsync(batch, _stop.Token).AsTask(), outcome);
        }

        if (_inFlight is null && _machine.TicksUntilCut is { } ticks and > 0)
        {
            _pace?.Dispose();
            _pace = _parts.Clock.CreateTimer(
                static _ => { }, state: null, CutPace.Tick * ticks, Timeout.InfiniteTimeSpan);
        }
    }

    private string? Land()
    {
        if (_inFlight is not { } landing || !landing.Append.IsCompleted)
            return null;

        if (!landing.Append.IsCompletedSuccessfully)
            return FailureOf(landing.Append);
        if (landing.Outcome is { IsCompleted: false })
            return null;

#pragma warning disable VSTHRD002 // It has completed: nothing is waited for.
        string? fault = landing.Outcome?.Result;
#pragma warning restore VSTHRD002
        _outcomes.Forget(landing.Id);
        _machine.SettleDurable(landing.Cut, fault);
        _machine.Landed();
        _inFlight = null;
        return null;
    }

    private void Answer()
    {
        for (int index = 0; index < _awaited.Count; index++)
        {
            (Task<BroadcastAnswer> answer, Action<BroadcastAnswer> tell) = _awaited[index];
            if (!answer.IsCompleted)
                continue;

            _awaited.RemoveAt(index--);
#pragma warning disable VSTHRD002 // It has completed: nothing is waited for.
            tell(answer.Result);
#pragma warning restore VSTHRD002
        }
    }

    private sealed record Landing(CutBatch Cut, BatchId Id, Task<LogPosition> Append, Task<string?>? Outcome);

    private sealed class Follower(ulong start, Action<ReadOnlyMemory<byte>> send)
    {
        private ulong _next = start;

        public void SendNew(BlockFeed feed)
        {
            while (feed.TryRead(_next, out BlockImage image))
            {
                send(image.ToWhole());
                _next++;
            }
        }
    }
}

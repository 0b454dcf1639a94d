using Node.Orderer.Cutting;
using Node.Orderer.Log;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>Carries batches from the machine that cuts them to the ordered log, and the outcome back.</summary>
/// <remarks>
/// One per channel and run; owns its machine, so there is no lock. SUCCESS is said when a batch is durable; to a config
/// update when its entry was also read back and found to fit, and nothing else is appended before that.
/// </remarks>
internal sealed class OrderingLoop(
    RunParts parts, IOrderedLog log, BatchIds ids, ConfigOutcomes outcomes, OrderingContext context)
{
    private readonly OrderingMachine _machine = new(parts, ids, context);
    private Task? _inFlight;
    private Task? _arrival;
    private Task? _pace;

    /// <summary>Runs until cancelled or the log fails. Then everything that waits is refused.</summary>
    /// <exception cref="StorageFailedException">The log failed; what was in flight may lie in it or not.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (_machine.TryCut(out CutBatch? batch))
                {
                    _inFlight = AppendAsync(batch, cancellationToken);
                    _pace = null;
                    continue;
                }

                await WaitForEventAsync(cancellationToken);
                _machine.ReadClock();
                if (_inFlight is { IsCompleted: true })
                {
                    await _inFlight;
                    _inFlight = null;
                    _machine.Landed();
                }
            }
        }
        finally
        {
            await RefuseWaitingAsync();
        }
    }

    private async Task WaitForEventAsync(CancellationToken cancellationToken)
    {
        List<Task> events = [];
        if (_inFlight is not null)
            events.Add(_inFlight);
        if (_machine.HasRoom)
            events.Add(_arrival is { IsCompleted: false } ? _arrival : _arrival = ArrivalAsync(cancellationToken));
        if (_machine.TicksUntilCut is { } ticks and > 0)
            events.Add(_pace ??= Task.Delay(CutPace.Tick * ticks, context.Clock, cancellationToken));

        await Task.WhenAny(events);
        cancellationToken.ThrowIfCancellationRequested();
        if (_pace is { IsCompleted: true })
            _pace = null;
    }

    private async Task ArrivalAsync(CancellationToken cancellationToken) =>
        await parts.Queue.WaitAsync(cancellationToken);

    private async Task AppendAsync(CutBatch cut, CancellationToken cancellationToken)
    {
        if (!_machine.TryBegin(cut, out Batch? batch))
            return;

        Task<string?>? outcome = cut.IsConfig ? outcomes.Expect(batch.Id) : null;
        bool isSettled = false;
        try
        {
            await log.AppendAsync(batch, cancellationToken);
            string? fault = outcome is null ? null : await outcome.WaitAsync(cancellationToken);
            isSettled = true;
            _machine.SettleDurable(cut, fault);
        }
        finally
        {
            outcomes.Forget(batch.Id);
            if (!isSettled)
                _machine.SettleUnknown(cut);
        }
    }

    private async Task RefuseWaitingAsync()
    {
        _machine.Abandon();

        // What is in flight settles itself. Its failure is the loop's own when it came first, and otherwise follows
        // from the same cause.
        if (_inFlight is not null)
            await ((Task)_inFlight).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

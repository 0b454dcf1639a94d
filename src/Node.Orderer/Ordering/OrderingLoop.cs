using Node.Orderer.Broadcasting;
using Node.Orderer.Cutting;
using Node.Orderer.Log;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>Takes envelopes from the queue, cuts batches, appends them to the ordered log, and answers.</summary>
/// <remarks>
/// One per channel and run; owns its cutter, so there is no lock. SUCCESS is said when a batch is durable; to a config
/// update when its entry was also read back and found to fit, and nothing else is appended before that.
/// </remarks>
internal sealed class OrderingLoop(
    RunParts parts, IOrderedLog log, BatchIds ids, ConfigOutcomes outcomes, OrderingContext context)
{
    private readonly OrderingQueue _queue = parts.Queue;
    private readonly BlockCutter _cutter = new(context.Rules.BatchLimits, context.Rules.Pace);
    private ulong _sequence = context.Rules.Sequence;
    private long _clockRead = context.Clock.GetTimestamp();
    private Task? _inFlight;
    private Task? _arrival;
    private Task? _pace;
    private bool _isDiskFull;

    /// <summary>Runs until cancelled or the log fails. Then everything that waits is refused.</summary>
    /// <exception cref="StorageFailedException">The log failed; what was in flight may lie in it or not.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Drain();
                if (_cutter.TryCut(out CutBatch? batch))
                {
                    _inFlight = AppendAsync(batch, cancellationToken);
                    _pace = null;
                    continue;
                }

                await WaitForEventAsync(cancellationToken);
                AdvanceClock();
                if (_inFlight is { IsCompleted: true })
                {
                    await _inFlight;
                    _inFlight = null;
                    _cutter.Landed();
                }
            }
        }
        finally
        {
            await RefuseWaitingAsync();
        }
    }

    private void Drain()
    {
        if (_sequence != context.Rules.Sequence)
        {
            _sequence = context.Rules.Sequence;
            _cutter.Adopt(context.Rules.BatchLimits, context.Rules.Pace);
        }

        while (_cutter.HasRoom && _queue.TryTake(out WaitingEnvelope? envelope))
        {
            // What was checked under an older configuration may not be allowed any more.
            BroadcastAnswer? refusal = envelope.ConfigSequence == _sequence ? null : context.CheckAgain(envelope);
            if (refusal is null)
                _cutter.Add(envelope);
            else
                _queue.Settle(envelope, refusal);
        }
    }

    private async Task WaitForEventAsync(CancellationToken cancellationToken)
    {
        List<Task> events = [];
        if (_inFlight is not null)
            events.Add(_inFlight);
        if (_cutter.HasRoom)
            events.Add(_arrival is { IsCompleted: false } ? _arrival : _arrival = ArrivalAsync(cancellationToken));
        if (_cutter.TicksUntilCut is { } ticks and > 0)
            events.Add(_pace ??= Task.Delay(CutPace.Tick * ticks, context.Clock, cancellationToken));

        await Task.WhenAny(events);
        cancellationToken.ThrowIfCancellationRequested();
        if (_pace is { IsCompleted: true })
            _pace = null;
    }

    private async Task ArrivalAsync(CancellationToken cancellationToken) => await _queue.WaitAsync(cancellationToken);

    private void AdvanceClock()
    {
        long ticks = context.Clock.GetElapsedTime(_clockRead).Ticks / CutPace.Tick.Ticks;
        if (ticks == 0)
            return;

        // The rest of a started tick is kept for the next one.
        _clockRead += ticks * (context.Clock.TimestampFrequency * CutPace.Tick.Ticks / TimeSpan.TicksPerSecond);
        _cutter.Tick(ticks);
    }

    private async Task AppendAsync(CutBatch cut, CancellationToken cancellationToken)
    {
        Batch batch = Batch.Of(ids.Next(), cut);
        if (FindDiskFault(batch.Encoded.Length) is { } diskFault)
        {
            foreach (WaitingEnvelope envelope in cut.Envelopes)
                _queue.Settle(envelope, BroadcastAnswer.Unavailable($"this orderer takes nothing now: {diskFault}"));

            return;
        }

        Task<string?>? outcome = cut.IsConfig ? outcomes.Expect(batch.Id) : null;
        BroadcastAnswer answer = BroadcastAnswer.Unavailable("the ordered log stopped before this was durable: retry");
        try
        {
            await log.AppendAsync(batch, cancellationToken);
            string? fault = outcome is null ? null : await outcome.WaitAsync(cancellationToken);
            answer = fault is null
                ? BroadcastAnswer.Success
                : BroadcastAnswer.BadRequest($"another config update came first, and this one no longer fits: {fault}");
        }
        finally
        {
            outcomes.Forget(batch.Id);
            foreach (WaitingEnvelope envelope in cut.Envelopes)
                _queue.Settle(envelope, answer);
        }
    }

    private string? FindDiskFault(int batchBytes)
    {
        string? fault = parts.Disk.FindFault(batchBytes);
        if (fault is not null && !_isDiskFull)
            OrdererLog.DiskFull(parts.Signs.Logger, parts.Signs.Channel, fault);
        else if (fault is null && _isDiskFull)
            OrdererLog.DiskHasRoom(parts.Signs.Logger, parts.Signs.Channel);

        _isDiskFull = fault is not null;
        return fault;
    }

    private async Task RefuseWaitingAsync()
    {
        foreach (WaitingEnvelope envelope in _cutter.Abandon())
            _queue.Settle(envelope, BroadcastAnswer.Unavailable("the channel stopped before this was ordered: retry"));

        // What is in flight settles itself. Its failure is the loop's own when it came first, and otherwise follows
        // from
        // the same cause.
        if (_inFlight is not null)
            await ((Task)_inFlight).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

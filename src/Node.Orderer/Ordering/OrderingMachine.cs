using System.Diagnostics.CodeAnalysis;
using Node.Orderer.Broadcasting;
using Node.Orderer.Cutting;
using Node.Orderer.Log;

namespace Node.Orderer.Ordering;

/// <summary>
/// Decides what becomes of the envelopes in the queue: which are still allowed, which make a batch, what they are
/// answered.
/// </summary>
/// <remarks>
/// Plain calls that never wait; the clock is read in <see cref="ReadClock"/> alone. One per channel and run, owned by
/// whoever carries batches to the log. At most one batch is in flight.
/// </remarks>
internal sealed class OrderingMachine(RunParts parts, BatchIds ids, OrderingContext context)
{
    private static readonly BroadcastAnswer s_unknown =
        BroadcastAnswer.Unavailable("the ordered log stopped before this was durable: retry");

    private readonly OrderingQueue _queue = parts.Queue;
    private readonly BlockCutter _cutter = new(context.Rules.BatchLimits, context.Rules.Pace);
    private ulong _sequence = context.Rules.Sequence;
    private long _clockRead = context.Clock.GetTimestamp();
    private bool _isDiskFull;

    /// <summary>Whether another envelope would be taken from the queue.</summary>
    public bool HasRoom => _cutter.HasRoom;

    /// <inheritdoc cref="BlockCutter.TicksUntilCut"/>
    public long? TicksUntilCut => _cutter.TicksUntilCut;

    /// <summary>Takes what waits in the queue, and the next batch for the log if one may leave now.</summary>
    /// <remarks>It is in flight until <see cref="Landed"/>.</remarks>
    public bool TryCut([NotNullWhen(true)] out CutBatch? cut)
    {
        Drain();
        return _cutter.TryCut(out cut);
    }

    /// <summary>Gives a batch its id, or refuses its envelopes since the disk has no room for them.</summary>
    public bool TryBegin(CutBatch cut, [NotNullWhen(true)] out Batch? batch)
    {
        batch = Batch.Of(ids.Next(), cut);
        if (FindDiskFault(batch.Encoded.Length) is not { } fault)
            return true;

        Settle(cut, BroadcastAnswer.Unavailable($"this orderer takes nothing now: {fault}"));
        batch = null;
        return false;
    }

    /// <summary>Answers a batch that is durable in the log.</summary>
    /// <param name="configFault">Why the config entry was passed over; null when it was not, or is none.</param>
    public void SettleDurable(CutBatch cut, string? configFault) => Settle(
        cut,
        configFault is null
            ? BroadcastAnswer.Success
            : BroadcastAnswer.BadRequest(
                $"another config update came first, and this one no longer fits: {configFault}"));

    /// <summary>Answers a batch of which nobody knows whether it is in the log.</summary>
    public void SettleUnknown(CutBatch cut) => Settle(cut, s_unknown);

    /// <summary>The batch in flight is settled.</summary>
    public void Landed() => _cutter.Landed();

    /// <summary>Takes note of the time that passed.</summary>
    public void ReadClock()
    {
        long ticks = context.Clock.GetElapsedTime(_clockRead).Ticks / CutPace.Tick.Ticks;
        if (ticks == 0)
            return;

        // The rest of a started tick is kept for the next one.
        _clockRead += ticks * (context.Clock.TimestampFrequency * CutPace.Tick.Ticks / TimeSpan.TicksPerSecond);
        _cutter.Tick(ticks);
    }

    /// <summary>Refuses what waits: the channel stops.</summary>
    public void Abandon()
    {
        foreach (WaitingEnvelope envelope in _cutter.Abandon())
            _queue.Settle(envelope, BroadcastAnswer.Unavailable("the channel stopped before this was ordered: retry"));
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

    private void Settle(CutBatch cut, BroadcastAnswer answer)
    {
        foreach (WaitingEnvelope envelope in cut.Envelopes)
            _queue.Settle(envelope, answer);
    }
}

using Node.Protocol;

namespace Node.Orderer.Cutting;

/// <summary>How long a busy channel lets envelopes gather before the next cut, in ticks.</summary>
/// <remarks>
/// A block costs every peer a synced write and two rounds of work whatever it holds, so under load fewer and fuller
/// blocks are cheaper for all. A batch of n envelopes earns the next one n times <paramref name="TicksPerEnvelope"/>
/// to fill, at most <paramref name="TicksMax"/>: a lone writer's next envelope comes later than that anyway.
/// </remarks>
internal sealed record CutPace(long TicksPerEnvelope, long TicksMax)
{
    /// <summary>The length of one tick: fine enough for the pace, coarse enough that no clock is exact about
    /// it.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>The pace of <see cref="Limits"/>, never slower than the channel's batch timeout.</summary>
    public static CutPace For(TimeSpan batchTimeout)
    {
        TimeSpan longest = batchTimeout < Limits.CutPaceMax ? batchTimeout : Limits.CutPaceMax;
        return new CutPace(Limits.CutPacePerEnvelope.Ticks / Tick.Ticks, Math.Max(longest.Ticks / Tick.Ticks, 0));
    }

    public long TicksAfter(int envelopeCount) => Math.Min(envelopeCount * TicksPerEnvelope, TicksMax);
}

using Node.Protocol;

namespace Node.Client.Events;

/// <summary>Where a stream of events begins.</summary>
/// <param name="Block">The first block; null begins with the next one that is committed.</param>
/// <param name="AfterTransaction">Skips events up to and with this transaction's; none skips nothing.</param>
public sealed record EventsFrom(ulong? Block, TxId AfterTransaction)
{
    public static EventsFrom NextBlock { get; } = new(null, default);

    public static EventsFrom Start { get; } = new(0, default);
}

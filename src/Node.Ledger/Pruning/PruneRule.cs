using Node.Protocol.Decoding;

namespace Node.Ledger.Pruning;

/// <summary>Which block bodies to keep: the newest so many, or those since a time.</summary>
/// <remarks>The last block is kept by every rule, and so is every configuration.</remarks>
public sealed class PruneRule
{
    private readonly ulong _blocks;
    private readonly DateTimeOffset? _since;

    private PruneRule(ulong blocks, DateTimeOffset? since)
    {
        _blocks = blocks;
        _since = since;
    }

    /// <param name="count">0 is taken as 1.</param>
    public static PruneRule KeepNewest(ulong count) => new(ulong.Max(count, 1), since: null);

    /// <summary>
    /// Keeps from the first block on that has a transaction of this time or later, by the transactions' own timestamps.
    /// </summary>
    public static PruneRule KeepSince(DateTimeOffset time) => new(blocks: 1, time);

    /// <summary>Bodies of blocks below this number may be removed.</summary>
    internal ulong EndOfNumbers(ulong height) => height > _blocks ? height - _blocks : 0;

    /// <summary>Whether removal stops at this block, though its number would let it go.</summary>
    internal bool Keeps(BlockBytes block)
    {
        if (_since is not { } since)
            return false;

        foreach (ReadOnlyMemory<byte> bytes in block.Envelopes)
        {
            if (DecodedEnvelope.TryDecode(bytes, out DecodedEnvelope? envelope, out _)
                && envelope.Timestamp is { } timestamp
                && timestamp.Seconds >= since.ToUnixTimeSeconds())
                return true;
        }

        return false;
    }
}

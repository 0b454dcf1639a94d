using Node.Ledger.State;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Ledger.Storage;

namespace Node.Ledger.Validation;

/// <summary>Runs a recorded range query again, over the state and the earlier writes of the block.</summary>
internal sealed class PhantomCheck(StateReader state, BlockUpdates updates)
{
    public bool IsUnchanged(DecodedReadWriteSet set, ReadOnlySpan<byte> ns, in DecodedRangeQuery query)
    {
        if (!StateKeys.Exist(ns, collection: []))
            return query.Form == RangeReadsForm.None;

        // No endorser summarizes so; and a degree chosen freely would choose how much memory the check takes.
        if (query.Form == RangeReadsForm.Summary && query.SummaryDegreeMax is < 2 or > Limits.QueryResultsMax)
            return false;

        byte[] start = StateKeys.Encode(ns, collection: [], set.Of(query.StartKey));
        byte[] end = EndOf(set, ns, query);
        if (start.AsSpan().SequenceCompareTo(end) >= 0)
            return query.Form == RangeReadsForm.None;

        using StorageIterator stored = state.Range(start, end);
        stored.SeekToFirst();
        var merged = new MergedRange(stored, updates.InRange(start, end));
        bool isUnchanged = query.Form == RangeReadsForm.Summary
            ? HasSummary(set, query, ref merged)
            : HasReads(set, query, ref merged);
        StateReader.Check(stored);
        return isUnchanged;
    }

    // Not exhausted, the end is the last key that was returned, and belongs to the range.
    private static byte[] EndOf(DecodedReadWriteSet set, ReadOnlySpan<byte> ns, in DecodedRangeQuery query)
    {
        if (query.EndKey.IsEmpty)
            return StateKeys.BehindPublic(ns);

        byte[] end = StateKeys.Encode(ns, collection: [], set.Of(query.EndKey));
        return query.IsExhausted ? end : [.. end, 0];
    }

    private static bool HasReads(DecodedReadWriteSet set, in DecodedRangeQuery query, ref MergedRange range)
    {
        foreach (ref readonly DecodedRead read in set.RangeReads(query.RawReads))
        {
            if (!range.MoveNext()
                || !read.HasVersion
                || range.Version != read.Version
                || !StateKeys.KeyOf(range.StateKey).SequenceEqual(set.Of(read.Key)))
                return false;
        }

        return !range.MoveNext();
    }

    private static bool HasSummary(DecodedReadWriteSet set, in DecodedRangeQuery query, ref MergedRange range)
    {
        var summary = new RangeSummary(query.SummaryDegreeMax);
        while (range.MoveNext())
            summary.Add(StateKeys.KeyOf(range.StateKey), range.Version);

        summary.Finish();
        ReadOnlySpan<Slice> recorded = set.SummaryHashes(query.SummaryHashes);
        if (!summary.IsHashed || summary.Level != query.SummaryLevelMax || summary.Hashes.Count != recorded.Length)
            return false;

        for (int index = 0; index < recorded.Length; index++)
        {
            if (!set.Of(recorded[index]).SequenceEqual(summary.Hashes[index].AsSpan()))
                return false;
        }

        return true;
    }

    /// <summary>State and updates in one key order; an update stands for the stored record of its key.</summary>
    private ref struct MergedRange(StorageIterator stored, List<BlockUpdates.Update> updates)
    {
        private int _next;

        public ReadOnlySpan<byte> StateKey { get; private set; }

        public StateVersion Version { get; private set; }

        private bool _storedIsTaken;

        public bool MoveNext()
        {
            if (_storedIsTaken)
            {
                stored.Next();
                _storedIsTaken = false;
            }

            while (true)
            {
                bool hasStored = stored.Valid();
                bool hasUpdate = _next < updates.Count;
                if (!hasStored && !hasUpdate)
                    return false;

                int order = !hasStored ? 1
                    : !hasUpdate ? -1
                    : stored.GetKeySpan().SequenceCompareTo(updates[_next].Key);
                if (order < 0)
                {
                    StateKey = stored.GetKeySpan();
                    Version = StateRecords.VersionOf(stored.GetValueSpan());
                    _storedIsTaken = true;
                    return true;
                }

                if (order == 0)
                    stored.Next();

                BlockUpdates.Update update = updates[_next++];
                if (update.IsDelete)
                    continue;

                StateKey = update.Key;
                Version = update.Version;
                return true;
            }
        }
    }
}

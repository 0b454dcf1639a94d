using Google.Protobuf;
using Node.Ledger;
using Node.Protocol;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;

namespace Node.Simulation.Checks;

/// <summary>A second opinion on the world state: the valid transactions, one after the other, in order.</summary>
/// <remarks>
/// Executes nothing but read-write sets: a valid transaction must have read what was there, one that failed for a read
/// conflict must not have. Then the state is what one client alone would have made, writing in this order.
/// </remarks>
internal sealed class Replay
{
    private readonly SortedDictionary<(string Namespace, string Key), (ByteString Value, StateVersion Version)> _state =
        new(Comparer<(string Namespace, string Key)>.Create(Compare));

    /// <summary>Takes the next transaction of the chain.</summary>
    /// <returns>Why its code cannot be right; null when it can.</returns>
    public string? Take(ulong block, ulong index, TxReadWriteSet results, TxValidationCode code)
    {
        if (code is not (TxValidationCode.Valid or TxValidationCode.MvccReadConflict))
            return null;

        string? stale = null;
        foreach (NsReadWriteSet ns in results.NsRwset)
            stale ??= StaleReadOf(ns.Namespace, KVRWSet.Parser.ParseFrom(ns.Rwset));

        if (code == TxValidationCode.MvccReadConflict)
            return stale is null && !results.NsRwset.Any(HasHashedReads) ? "every version it read is current" : null;
        if (stale is not null)
            return $"it read {stale}, which is not current";

        var version = new StateVersion(block, (uint)index);
        foreach (NsReadWriteSet ns in results.NsRwset)
        {
            foreach (KVWrite write in KVRWSet.Parser.ParseFrom(ns.Rwset).Writes)
            {
                if (write.IsDelete)
                    _state.Remove((ns.Namespace, write.Key));
                else
                    _state[(ns.Namespace, write.Key)] = (write.Value, version);
            }
        }

        return null;
    }

    /// <summary>How a peer's state differs; null when it does not.</summary>
    public string? FaultOf(StateSnapshot snapshot)
    {
        foreach (string ns in _state.Keys.Select(place => place.Namespace).Distinct(StringComparer.Ordinal))
        {
            int expected = _state.Keys.Count(place => place.Namespace == ns);
            int found = 0;
            foreach (StateRecord record in snapshot.Range(ns, startKey: "", endKey: ""))
            {
                found++;
                if (!_state.TryGetValue((ns, record.Key), out (ByteString Value, StateVersion Version) own))
                    return $"it has {ns}/{record.Key}, which no valid transaction wrote";
                if (own.Version != record.Value.Version || !own.Value.Span.SequenceEqual(record.Value.Value.Span))
                    return $"{ns}/{record.Key} is not what {own.Version} wrote";
            }

            if (found != expected)
                return $"it has {found} keys of {ns}, valid transactions left {expected}";
        }

        return null;
    }

    private static bool HasHashedReads(NsReadWriteSet ns) => ns.CollectionHashedRwset.Count > 0;

    private static int Compare((string Namespace, string Key) left, (string Namespace, string Key) right)
    {
        int order = string.CompareOrdinal(left.Namespace, right.Namespace);
        return order != 0 ? order : string.CompareOrdinal(left.Key, right.Key);
    }

    private string? StaleReadOf(string ns, KVRWSet set)
    {
        foreach (KVRead read in set.Reads)
        {
            StateVersion? current = _state.TryGetValue((ns, read.Key), out var own) ? own.Version : null;
            StateVersion? seen = read.Version is { } version
                ? new StateVersion(version.BlockNum, (uint)version.TxNum)
                : null;
            if (current != seen)
                return $"{ns}/{read.Key}";
        }

        return null;
    }
}

using System.Diagnostics.CodeAnalysis;
using Node.Contracts;
using Node.Ledger;
using Node.Protocol;

namespace Node.Peer.Endorsing;

/// <summary>A contract's own namespace inside of a simulation, for as long as the simulation may last.</summary>
/// <remarks>Owned by one simulation, on its thread. Keys, values and counts are checked by the simulation.</remarks>
internal sealed class SimulatedState(Simulation simulation, string contract, SimulationBounds bounds) : IContractState
{
    private readonly HashSet<string> _collections = new(StringComparer.Ordinal);

    /// <summary>The private collections that were written.</summary>
    public IReadOnlyCollection<string> Collections => _collections;

    public bool TryGet(string key, out StateEntry entry)
    {
        bounds.Check();
        bool found = simulation.TryGet(contract, key, out StateValue value);
        entry = found ? new StateEntry(key, value.Value, value.Version) : default;
        return found;
    }

    public void Put(string key, ReadOnlyMemory<byte> value)
    {
        bounds.Check();
        simulation.Put(contract, key, value);
    }

    public void Delete(string key)
    {
        bounds.Check();
        simulation.Delete(contract, key);
    }

    public IEnumerable<StateEntry> Range(string startKey, string endKey)
    {
        RequireSimple(startKey);
        RequireSimple(endKey);
        return Bounded(simulation.Range(contract, startKey.Length == 0 ? "\u0001" : startKey, endKey));
    }

    public IEnumerable<StateEntry> ByPartialCompositeKey(string objectType, params string[] attributes)
    {
        string prefix = CompositeKey.Create(objectType, attributes);
        return Bounded(simulation.Range(contract, prefix, prefix + CompositeKey.UpperBound));
    }

    public IEnumerable<StateEntry> CompositeKeysAfter(string objectType, string[] attributes, string afterKey)
    {
        string prefix = CompositeKey.Create(objectType, attributes);
        if (string.CompareOrdinal(afterKey, 0, prefix, 0, prefix.Length) < 0)
            throw new ArgumentException("The key to begin behind lies before the partial key.", nameof(afterKey));
        return Bounded(
            simulation.Range(contract, afterKey + CompositeKey.Separator, prefix + CompositeKey.UpperBound));
    }

    public IEnumerable<HistoryEntry> History(string key, bool newestFirst, StateVersion? after) =>
        BoundedHistory(simulation.History(contract, key, newestFirst, after));

    public bool TryGetHistoryAt(string key, StateVersion version, [NotNullWhen(true)] out HistoryEntry? entry)
    {
        bounds.Check();
        entry = simulation.TryGetHistoryAt(contract, key, version, out HistoryRecord record) ? ToEntry(record) : null;
        return entry is not null;
    }

    public void PutPrivate(string collection, string key, ReadOnlyMemory<byte> value)
    {
        bounds.Check();
        _collections.Add(collection);
        simulation.PutPrivate(contract, collection, key, value);
    }

    public bool TryGetPrivateHash(string collection, string key, out Hash32 hash)
    {
        bounds.Check();
        return simulation.TryGetPrivateHash(contract, collection, key, out hash);
    }

    public bool TryGetMetadata(string key, string name, out ReadOnlyMemory<byte> value)
    {
        bounds.Check();
        return simulation.TryGetMetadata(contract, key, name, out value);
    }

    public void PutMetadata(string key, string name, ReadOnlyMemory<byte> value)
    {
        bounds.Check();
        simulation.PutMetadata(contract, key, name, value);
    }

    private IEnumerable<StateEntry> Bounded(IEnumerable<StateRecord> records)
    {
        foreach (StateRecord record in records)
        {
            bounds.Check();
            yield return new StateEntry(record.Key, record.Value.Value, record.Value.Version);
        }
    }

    private IEnumerable<HistoryEntry> BoundedHistory(IEnumerable<HistoryRecord> records)
    {
        int count = 0;
        foreach (HistoryRecord record in records)
        {
            bounds.Check();
            if (++count > Limits.QueryResultsMax)
                throw new InvalidOperationException($"A history gives at most {Limits.QueryResultsMax} results.");
            yield return ToEntry(record);
        }
    }

    /// <summary>
    /// Timestamps that endorsers of old did not check may be out of range; they show as the first one.
    /// </summary>
    private static HistoryEntry ToEntry(in HistoryRecord record)
    {
        record.Timestamp.TryToDateTimeOffset(out DateTimeOffset time);
        return new HistoryEntry(record.Version, record.TxId, time, record.IsDelete, record.Value);
    }

    private static void RequireSimple(string bound)
    {
        if (bound.StartsWith(CompositeKey.Separator))
            throw new ArgumentException("A range of simple keys has no composite bound.", nameof(bound));
    }
}

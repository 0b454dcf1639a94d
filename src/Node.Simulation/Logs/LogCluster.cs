using System.Diagnostics.CodeAnalysis;
using Node.Orderer.Log;

namespace Node.Simulation.Logs;

/// <summary>
/// What a majority of a log cluster's members holds: entries in one order, each batch id at most once, and how far each
/// orderer's blocks are durable.
/// </summary>
/// <remarks>
/// Behaves as etcd does for us: a revision that counts every write, entries whose position is the revision that created
/// them, removal of what all orderers have, forced when too much is held for one that is away. What is written here is
/// on a majority and is never lost; whether somebody reaches it is decided elsewhere. Takes one caller at a time.
/// </remarks>
/// <param name="entriesKept">Entries held for an orderer that is away.</param>
internal sealed class LogCluster(int entriesKept)
{
    private readonly List<(ulong Position, byte[] Entry)> _entries = [];
    private readonly Dictionary<BatchId, LogPosition> _positions = [];
    private readonly SortedDictionary<string, ulong> _durableOf = new(StringComparer.Ordinal);
    private ulong _revision;

    /// <summary>Counts every write.</summary>
    public ulong Revision => _revision;

    /// <summary>Entries up to and including this position are gone.</summary>
    public LogPosition Removed { get; private set; }

    /// <summary>Told whenever there is a new entry.</summary>
    public event Action? Grown;

    /// <summary>Begins a run of an orderer, whose blocks end at a position.</summary>
    /// <returns>A number that no run had before.</returns>
    public ulong BeginRun(string orderer, LogPosition durable)
    {
        _durableOf[orderer] = durable.Value;
        return ++_revision;
    }

    /// <summary>Appends a batch, unless it is there.</summary>
    public LogPosition Append(Batch batch)
    {
        if (_positions.TryGetValue(batch.Id, out LogPosition known))
            return known;

        var position = new LogPosition(++_revision);
        _entries.Add((position.Value, batch.Encoded.ToArray()));
        _positions.Add(batch.Id, position);
        Grown?.Invoke();
        return position;
    }

    /// <summary>Lets something happen, and loses the entry that it appended: a bug planted to see a checker
    /// fire.</summary>
    public T LoseEntryOf<T>(Func<LogCluster, T> happen)
    {
        int before = _entries.Count;
        T result = happen(this);
        if (_entries.Count > before)
            _entries.RemoveAt(_entries.Count - 1);

        return result;
    }

    /// <summary>The first entry behind a position.</summary>
    public bool TryRead(LogPosition after, [NotNullWhen(true)] out LogEntry? entry)
    {
        entry = null;
        foreach ((ulong position, byte[] bytes) in _entries)
        {
            if (position <= after.Value)
                continue;

            return Batch.TryDecode(bytes, out Batch? batch, out _)
                && (entry = new LogEntry(new LogPosition(position), batch)) is not null;
        }

        return false;
    }

    /// <summary>Whether an orderer has durable blocks of all entries that are gone.</summary>
    public bool HasAllRemoved(string orderer) => _durableOf.GetValueOrDefault(orderer) >= Removed.Value;

    /// <summary>Notes how far an orderer's blocks are durable, and removes what nobody needs.</summary>
    public void Tell(string orderer, LogPosition durable)
    {
        _revision++;
        _durableOf[orderer] = durable.Value;
        ulong all = _durableOf.Values.Min();
        ulong first = _durableOf.Values.Max();
        int surplus = _entries.Count - entriesKept;
        ulong forced = surplus > 0 ? Math.Min(first, _entries[surplus - 1].Position) : 0;
        ulong upTo = Math.Max(all, forced);
        if (_entries.RemoveAll(entry => entry.Position <= upTo) > 0 && upTo > Removed.Value)
            Removed = new LogPosition(upTo);
    }
}

using System.Diagnostics.CodeAnalysis;
using Node.Ledger.State;
using Node.Protocol;

namespace Node.Ledger.Validation;

/// <summary>What the valid transactions of the block so far make of the state: for each key, the last write.</summary>
/// <remarks>Owned by one committer; reused from block to block. Values are slices of the block.</remarks>
internal sealed class BlockUpdates
{
    private readonly Dictionary<byte[], int> _byKey = new(KeyBytesComparer.Instance);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _bySpan;
    private Update[] _updates = new Update[256];
    private int[] _order = [];

    public BlockUpdates() => _bySpan = _byKey.GetAlternateLookup<ReadOnlySpan<byte>>();

    public int Count { get; private set; }

    public ReadOnlySpan<Update> All => _updates.AsSpan(0, Count);

    public void Clear()
    {
        _byKey.Clear();
        Array.Clear(_updates, 0, Count);
        Count = 0;
    }

    public bool Contains(ReadOnlySpan<byte> stateKey) => _bySpan.ContainsKey(stateKey);

    public bool TryFind(ReadOnlySpan<byte> stateKey, out Update update)
    {
        bool found = _bySpan.TryGetValue(stateKey, out int index);
        update = found ? _updates[index] : default;
        return found;
    }

    /// <summary>Puts the last write of a key in place of an earlier one.</summary>
    public void Set(
        ReadOnlySpan<byte> stateKey,
        ReadOnlyMemory<byte> value,
        ReadOnlyMemory<byte> metadata,
        bool isDelete,
        StateVersion version)
    {
        if (_bySpan.TryGetValue(stateKey, out int index))
        {
            _updates[index] = new Update(_updates[index].Key, value, metadata, isDelete, version);
            return;
        }

        if (Count == _updates.Length)
            Array.Resize(ref _updates, 2 * Count);

        byte[] key = stateKey.ToArray();
        _updates[Count] = new Update(key, value, metadata, isDelete, version);
        _byKey.Add(key, Count++);
    }

    /// <summary>Indexes into <see cref="All"/> in the order of commit hashes. Valid until the next change.</summary>
    public ReadOnlySpan<int> InNameOrder()
    {
        if (_order.Length < Count)
            _order = new int[_updates.Length];

        Span<int> order = _order.AsSpan(0, Count);
        for (int index = 0; index < order.Length; index++)
            order[index] = index;

        Update[] updates = _updates;
        order.Sort((left, right) => StateKeys.CompareNames(updates[left].Key, updates[right].Key));
        return order;
    }

    /// <summary>The updates from start, included, to end, excluded, in key order.</summary>
    /// <param name="start">A state key.</param>
    public List<Update> InRange(ReadOnlySpan<byte> start, ReadOnlySpan<byte> end)
    {
        var range = new List<Update>();
        foreach (ref readonly Update update in All)
        {
            if (start.SequenceCompareTo(update.Key) <= 0 && end.SequenceCompareTo(update.Key) > 0)
                range.Add(update);
        }

        range.Sort((left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        return range;
    }

    /// <param name="Key">As in <see cref="StateKeys"/>.</param>
    /// <param name="Metadata">Encoded entries; empty when there are none.</param>
    public readonly record struct Update(
        byte[] Key, ReadOnlyMemory<byte> Value, ReadOnlyMemory<byte> Metadata, bool IsDelete, StateVersion Version);

    private sealed class KeyBytesComparer
        : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static KeyBytesComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        // Seeded per process: keys come from clients, who must not be able to choose collisions.
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}

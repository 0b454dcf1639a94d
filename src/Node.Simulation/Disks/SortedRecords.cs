namespace Node.Simulation.Disks;

/// <summary>Records in the order of their keys' bytes. Never changes: a write makes another one.</summary>
internal sealed class SortedRecords
{
    public static readonly SortedRecords Empty = new([], []);

    private readonly byte[][] _keys;
    private readonly byte[][] _values;

    private SortedRecords(byte[][] keys, byte[][] values)
    {
        _keys = keys;
        _values = values;
    }

    public int Count => _keys.Length;

    public byte[] Key(int index) => _keys[index];

    public byte[] Value(int index) => _values[index];

    /// <summary>The first index whose key is not below this one; <see cref="Count"/> when there is none.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = _keys.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (key.SequenceCompareTo(_keys[middle]) > 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        int at = Find(key);
        return at < _keys.Length && key.SequenceEqual(_keys[at]) ? _values[at] : null;
    }

    /// <param name="changes">In key order, each key once; null deletes.</param>
    public SortedRecords With(IReadOnlyCollection<KeyValuePair<byte[], byte[]?>> changes)
    {
        if (changes.Count == 0)
            return this;

        byte[][] keys = new byte[_keys.Length + changes.Count][];
        byte[][] values = new byte[keys.Length][];
        int from = 0;
        int to = 0;
        foreach ((byte[] key, byte[]? value) in changes)
        {
            int at = Find(key);
            Array.Copy(_keys, from, keys, to, at - from);
            Array.Copy(_values, from, values, to, at - from);
            to += at - from;
            from = at < _keys.Length && _keys[at].AsSpan().SequenceEqual(key) ? at + 1 : at;
            if (value is null)
                continue;

            keys[to] = key;
            values[to++] = value;
        }

        Array.Copy(_keys, from, keys, to, _keys.Length - from);
        Array.Copy(_values, from, values, to, _keys.Length - from);
        to += _keys.Length - from;
        return new SortedRecords(keys[..to], values[..to]);
    }
}

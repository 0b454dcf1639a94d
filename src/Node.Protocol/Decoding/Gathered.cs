namespace Node.Protocol.Decoding;

/// <summary>An array that grows while a message is walked. Nothing is allocated before the first element.</summary>
internal struct Gathered<T>
    where T : struct
{
    private const int CountAtFirst = 4;

    private T[]? _items;

    public int Count { get; private set; }

    public readonly ReadOnlySpan<T> All => new(_items, 0, Count);

    public readonly ReadOnlySpan<T> Of(Run run) => All.Slice(run.Start, run.Count);

    public readonly Run Since(int start) => new(start, Count - start);

    public void Add(in T item)
    {
        if (_items is null)
            _items = new T[CountAtFirst];
        else if (Count == _items.Length)
            Array.Resize(ref _items, 2 * Count);

        _items[Count++] = item;
    }
}

using Node.Ledger.Storage;

namespace Node.Simulation.Disks;

/// <inheritdoc/>
internal sealed class MemoryBatch(int families) : StorageBatch
{
    private static readonly Comparer<byte[]> s_byBytes =
        Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));

    private readonly SortedDictionary<byte[], byte[]?>?[] _changes = new SortedDictionary<byte[], byte[]?>?[families];

    /// <summary>Bytes of keys and values.</summary>
    public int Bytes { get; private set; }

    public IReadOnlyCollection<KeyValuePair<byte[], byte[]?>> ChangesOf(int family) =>
        (IReadOnlyCollection<KeyValuePair<byte[], byte[]?>>?)_changes[family] ?? [];

    public override void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, StorageFamily family) =>
        Set(key.ToArray(), value.ToArray(), family);

    public override void Putv(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> valueHead, ReadOnlySpan<byte> valueTail, StorageFamily family) =>
        Set(key.ToArray(), [.. valueHead, .. valueTail], family);

    public override void Putv(byte[] key, ReadOnlySpan<ReadOnlyMemory<byte>> valueParts, StorageFamily family)
    {
        var value = new List<byte>();
        foreach (ReadOnlyMemory<byte> part in valueParts)
            value.AddRange(part.Span);

        Set([.. key], [.. value], family);
    }

    public override void Delete(ReadOnlySpan<byte> key, StorageFamily family) =>
        Set(key.ToArray(), value: null, family);

    public override void Clear()
    {
        Array.Clear(_changes);
        Bytes = 0;
    }

    /// <summary>Changes the last byte of the last value that is put there.</summary>
    public void ChangeLast(int family)
    {
        if (_changes[family]?.Values.LastOrDefault(value => value is { Length: > 0 }) is { } last)
            last[^1] ^= 1;
    }

    public override void Dispose()
    {
    }

    private void Set(byte[] key, byte[]? value, StorageFamily family)
    {
        SortedDictionary<byte[], byte[]?> changes = _changes[family.Index] ??= new(s_byBytes);
        changes[key] = value;
        Bytes += key.Length + (value?.Length ?? 0);
    }
}

namespace Node.Peer.Pulling;

/// <summary>
/// Buffers for received blocks, used again: a block a few times a second is garbage of the costliest kind.
/// </summary>
/// <remarks>
/// Any thread. Keeps at most <see cref="KeptMax"/> buffers of at most <see cref="KeptBytesMax"/> bytes; others are left
/// to the collector. The shared pool of the framework keeps one for every thread that ever returned one, which is too
/// many of this size.
/// </remarks>
internal sealed class BlockBuffers
{
    public const int KeptMax = 4;

    public const int KeptBytesMax = 1 << 20;

    private const int Granule = 64 << 10;

    private readonly Lock _lock = new();   // Protects _kept and _count.
    private readonly byte[]?[] _kept = new byte[]?[KeptMax];
    private int _count;

    /// <summary>A buffer of at least this length, with whatever is in it.</summary>
    public byte[] Rent(int length)
    {
        lock (_lock)
        {
            for (int index = 0; index < _count; index++)
            {
                if (_kept[index] is not { } kept || kept.Length < length)
                    continue;

                _kept[index] = _kept[--_count];
                _kept[_count] = null;
                return kept;
            }
        }

        return GC.AllocateUninitializedArray<byte>((length + Granule - 1) / Granule * Granule);
    }

    public void Return(byte[] buffer)
    {
        lock (_lock)
        {
            // The largest that fit all are worth most, so a small one makes way for it.
            if (buffer.Length > KeptBytesMax)
                return;

            if (_count < KeptMax)
                _kept[_count++] = buffer;
            else if (SmallestIndex() is var smallest && _kept[smallest]?.Length < buffer.Length)
                _kept[smallest] = buffer;
        }
    }

    private int SmallestIndex()
    {
        int smallest = 0;
        for (int index = 1; index < _count; index++)
        {
            if (_kept[index]?.Length < _kept[smallest]?.Length)
                smallest = index;
        }

        return smallest;
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Node.Peer.Committing;

/// <summary>The latest committed blocks, in memory, for Deliver and event streams that keep up.</summary>
/// <remarks>
/// At most <see cref="BlocksMax"/> blocks of together <see cref="BytesMax"/> bytes, but always the newest one. One
/// writer, any number of readers.
/// </remarks>
internal sealed class BlockTail
{
    public const int BlocksMax = 16;

    /// <summary>
    /// Of encoded blocks. Who keeps up reads a block within milliseconds; who does not reads the ledger.
    /// </summary>
    public const int BytesMax = 1 << 20;

    private readonly Lock _lock = new();   // Protects everything below.
    // Block n lies at n modulo BlocksMax.
    private readonly CommittedBlock?[] _blocks = new CommittedBlock?[BlocksMax];
    private ulong _first;
    private int _count;
    private long _bytes;

    public void Add(CommittedBlock block)
    {
        lock (_lock)
        {
            if (_count == BlocksMax)
                RemoveOldest();

            if (_count == 0)
                _first = block.Number;

            _blocks[block.Number % BlocksMax] = block;
            _count++;
            _bytes += block.Bytes.Length;
            while (_bytes > BytesMax && _count > 1)
                RemoveOldest();
        }
    }

    public bool TryFind(ulong number, [NotNullWhen(true)] out CommittedBlock? block)
    {
        lock (_lock)
        {
            bool held = number >= _first && number - _first < (ulong)_count;
            block = held ? _blocks[number % BlocksMax] : null;
            return block is not null;
        }
    }

    private void RemoveOldest()
    {
        ref CommittedBlock? oldest = ref _blocks[_first % BlocksMax];
        _bytes -= oldest?.Bytes.Length ?? 0;
        oldest = null;
        _first++;
        _count--;
    }
}

using Node.Ledger.Ordering;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>Hands out the blocks of one channel: the newest from memory, the others from the store.</summary>
/// <remarks>
/// One writer, the block loop; any number of readers. Blocks are bytes that nobody changes, so all readers share them.
/// At most <see cref="OrdererLimits.TailBytesMax"/> stay in memory, and at least the newest block.
/// </remarks>
internal sealed class BlockFeed
{
    private const int TailBlocks = 512;

    private readonly OrdererStore _store;
    private readonly Pulse _grown = new();
    private readonly Lock _lock = new();   // Protects _tail, _tailFirst and _tailBytes.

    // Invariant: from _tailFirst up, block n lies at n modulo TailBlocks.
    private readonly BlockImage[] _tail = new BlockImage[TailBlocks];
    private long _tailBytes;
    private ulong _tailFirst;
    private ulong _height;

    public BlockFeed(OrdererStore store)
    {
        _store = store;
        _height = _tailFirst = store.Height;
    }

    public ulong Height => Volatile.Read(ref _height);

    /// <summary>Takes the next block, which must be in the store, and wakes who waits for it.</summary>
    public void Publish(ulong number, BlockImage block)
    {
        Invariant.Require(number == _height, "blocks are published without gap or repeat");
        lock (_lock)
        {
            while (number - _tailFirst >= TailBlocks
                || (_tailFirst < number && _tailBytes + block.Length > OrdererLimits.TailBytesMax))
                DropOldest();

            _tail[number % TailBlocks] = block;
            _tailBytes += block.Length;
            Volatile.Write(ref _height, number + 1);
        }

        _grown.Beat();
    }

    /// <summary>Completes when there is a block of this number.</summary>
    public async ValueTask WaitForAsync(ulong number, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grown = _grown.Next;
            if (number < Height)
                return;

            await grown.WaitAsync(cancellationToken);
        }
    }

    /// <exception cref="StorageFailedException">The block could not be read. Others may be.</exception>
    /// <exception cref="LedgerCorruptException">A block below the height is not in the store.</exception>
    public bool TryRead(ulong number, out BlockImage block)
    {
        block = default;
        if (number >= Height)
            return false;

        lock (_lock)
        {
            if (number >= _tailFirst)
            {
                block = _tail[number % TailBlocks];
                return true;
            }
        }

        if (!_store.TryReadBlock(number, out byte[]? stored))
            throw new LedgerCorruptException("the block is missing", "the orderer's store", number);

        block = BlockImage.Of(stored);
        return true;
    }

    private void DropOldest()
    {
        ref BlockImage oldest = ref _tail[_tailFirst++ % TailBlocks];
        _tailBytes -= oldest.Length;
        oldest = default;
    }
}

using Node.Ledger.Blocks;
using Node.Ledger.Storage;
using Node.Protocol.Decoding;

namespace Node.Ledger.Pruning;

/// <summary>Replaces the bodies of old blocks by their outlines, some blocks with each atomic write.</summary>
/// <remarks>
/// Between two writes the ledger is whole, and a later prune goes on where this one ended; so it may be cut off
/// anywhere. One owner; the ledger's writer may commit meanwhile.
/// </remarks>
internal sealed class Pruner(LedgerDatabase database, PruneRule rule, ulong height)
{
    /// <summary>Blocks of one write. It holds up a commit for as long as a sync takes.</summary>
    public const int StepBlocksMax = 256;

    private const int StepBytesMax = 4 << 20;

    // As much as the engine puts into one file of blocks: a quarter of its memtables.
    private const int BorderBytes = 5 << 20;

    /// <summary>Whole blocks begin here, once <see cref="Next"/>'s batch is written.</summary>
    public ulong FirstHeld { get; private set; } = HeldBlocks.ReadFirst(database);

    public ulong BlocksPruned { get; private set; }

    public long BodyBytes { get; private set; }

    /// <summary>Adds the next step to an empty batch.</summary>
    /// <returns>False when nothing is left to remove; the batch is empty then.</returns>
    public bool Next(StorageBatch batch)
    {
        ulong end = rule.EndOfNumbers(height);
        ulong number = FirstHeld;
        long bytes = 0;
        for (int count = 0; count < StepBlocksMax && bytes < StepBytesMax && number < end; count++, number++)
        {
            BlockBytes block = TipCheck.ReadBlock(database, number);
            if (rule.Keeps(block))
                break;

            bytes += Add(batch, block);
        }

        if (number == FirstHeld)
            return false;

        HeldBlocks.PutFirst(batch, database, number);
        FirstHeld = number;
        return true;
    }

    /// <summary>
    /// Adds the first whole blocks, as they are: those that share a file with the last bodies that went leave it, so
    /// that the file can go.
    /// </summary>
    /// <returns>The number behind the last one.</returns>
    public ulong AddBorder(StorageBatch batch)
    {
        ulong number = FirstHeld;
        for (long bytes = 0; number < height && bytes < BorderBytes; number++)
        {
            BlockBytes block = TipCheck.ReadBlock(database, number);
            batch.Put(HeldBlocks.BlockKey(number), block.Bytes.Span, database.Blocks);
            bytes += block.Bytes.Length;
        }

        return number;
    }

    private int Add(StorageBatch batch, BlockBytes block)
    {
        // A configuration is written again as it is: what lies beside it in its file can then go with the file.
        if (BlockOutline.IsConfig(block) || BlockOutline.Is(block))
        {
            batch.Put(HeldBlocks.BlockKey(block.Number), block.Bytes.Span, database.Blocks);
            return block.Bytes.Length;
        }

        byte[] outline = BlockOutline.Of(block);
        batch.Put(HeldBlocks.BlockKey(block.Number), outline, database.Blocks);
        BlocksPruned++;
        BodyBytes += block.Bytes.Length - outline.Length;
        return outline.Length;
    }
}

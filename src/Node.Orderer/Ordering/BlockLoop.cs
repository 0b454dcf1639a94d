using Node.Ledger.Ordering;
using Node.Membership;
using Node.Orderer.CatchingUp;
using Node.Orderer.Log;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>Reads the ordered log and makes each entry the next block of the channel.</summary>
/// <remarks>
/// One per channel and run; the only writer of blocks, tip and rules. What it makes depends on the log alone, so every
/// orderer makes the same chain. A block is stored without a sync: its entry is durable, and is removed from the log
/// only behind the block, so a block lost in a crash is made again.
/// </remarks>
internal sealed class BlockLoop(
    IOrderedLog log, OrdererStore store, BlockFeed feed, BlockMaker maker, ConfigOutcomes outcomes,
    OrderingContext context, ChannelSigns signs, IBlockPull pull)
{
    private volatile bool _isCatchingUp;

    /// <summary>The log does not reach back to our last block, so blocks come from other orderers.</summary>
    public bool IsCatchingUp => _isCatchingUp;

    /// <summary>Asked before each block; null where there is always room.</summary>
    public RoomOnDisk? Room { get; init; }

    /// <summary>Called once, after the first block of this run. Set before <see cref="RunAsync"/>.</summary>
    public Action? FirstBlockMade { get; set; }

    /// <summary>Runs until cancelled or storage fails.</summary>
    /// <exception cref="StorageFailedException">Reopen the store; recovery goes on at the savepoint.</exception>
    /// <exception cref="LedgerCorruptException">The log does not give what was appended.</exception>
    public async Task RunAsync(ChainTip tip, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await foreach (LogEntry entry in log.ReadAsync(tip.Position, cancellationToken))
                {
                    if (Room is not null)
                        await Room.WaitAsync(entry.Batch.Encoded.Length, cancellationToken);

                    ulong height = tip.Height;
                    tip = Take(entry, tip);

                    // Behind the block in the write-ahead log, so it cannot survive a crash that the block does not. An
                    // entry that was passed over left no savepoint, so it stays until the next block.
                    if (tip.Height > height)
                        await log.TruncateAsync(entry.Position, cancellationToken);
                }
            }
            catch (LogRemovedException gap)
            {
                if (Room is not null)
                    await Room.WaitAsync(batchBytes: 0, cancellationToken);

                tip = await CatchUpAsync(tip, new LogPosition(gap.Removed), cancellationToken);
            }
        }
    }

    // The log does not reach back to our last block: the blocks in between come from others, until one that was made of
    // an entry where the log begins.
    private async Task<ChainTip> CatchUpAsync(ChainTip tip, LogPosition removed, CancellationToken cancellationToken)
    {
        _isCatchingUp = true;
        OrdererLog.CatchingUp(signs.Logger, signs.Channel, tip.Height);
        await pull.RunAsync(
            () => tip.Height, context.Rules.Config.Orderer.Endpoints, TakeForeign, cancellationToken);
        store.Sync();
        _isCatchingUp = false;
        OrdererLog.CaughtUp(signs.Logger, signs.Channel, tip.Height);
        return tip;

        (string? Refusal, bool WantsMore) TakeForeign(ReadOnlyMemory<byte> bytes)
        {
            ChannelConfig current = context.Rules.Config;
            if (!ForeignBlocks.TryAccept(
                bytes, tip, current, out MadeBlock? block, out ChannelConfig? next, out string? fault))
                return (fault, WantsMore: true);

            store.AppendBlock(block.Number, [bytes], block.Tip.ToSavepoint(), sync: false);
            if (next != current)
                Adopt(next, block.Number);

            feed.Publish(block.Number, block.Image);
            tip = block.Tip;
            return (Refusal: null, WantsMore: tip.Position < removed);
        }
    }

    private ChainTip Take(LogEntry entry, ChainTip tip)
    {
        long started = context.Clock.GetTimestamp();
        ChannelConfig? nextConfig = null;
        if (entry.Batch.IsConfig
            && !ConfigTransactions.TryCheck(
                context.Rules.Config, entry.Batch.Envelopes[0], out nextConfig, out string? fault))
        {
            OrdererLog.ConfigPassedOver(signs.Logger, signs.Channel, entry.Position.Value, fault);
            outcomes.Settle(entry.Batch.Id, fault);
            return tip with { Position = entry.Position };
        }

        MadeBlock block = maker.Make(tip, entry);
        BlockImage image = block.Image;
        long made = context.Clock.GetTimestamp();
        store.AppendBlock(
            block.Number, [image.Head, image.Data, image.Tail], block.Tip.ToSavepoint(), sync: false);

        FirstBlockMade?.Invoke();
        FirstBlockMade = null;
        signs.BlockMade(
            block, context.Clock.GetElapsedTime(started, made), context.Clock.GetElapsedTime(made));

        // Whoever sees the block must be served by the rules that it sets.
        if (nextConfig is not null)
            Adopt(nextConfig, block.Number);

        feed.Publish(block.Number, image);
        if (entry.Batch.IsConfig)
            outcomes.Settle(entry.Batch.Id, fault: null);

        return block.Tip;
    }

    private void Adopt(ChannelConfig config, ulong number)
    {
        bool ordered = context.Orders;
        context.Adopt(new ChannelRules(config));
        if (ordered && !context.Orders)
            OrdererLog.SeatLost(signs.Logger, signs.Channel, number);
        else if (!ordered && context.Orders)
            OrdererLog.SeatGained(signs.Logger, signs.Channel, number);
    }
}

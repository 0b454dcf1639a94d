using Node.Ledger.Ordering;
using Node.Membership;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Orderer.CatchingUp;

/// <summary>Fetches the blocks from the first one to the one that an orderer was joined with.</summary>
/// <remarks>
/// They are gathered in a store of their own, which becomes the channel's store, by one rename, when its last block is
/// the one that the administrator gave: only that says which first block is the right one. Each block is checked as
/// <see cref="ForeignBlocks"/> does. A store that leads elsewhere is deleted. Cut short, it goes on where it was. One
/// caller; <see cref="Height"/> for any thread.
/// </remarks>
internal sealed class Onboarding(JoinBlock join, RunParts parts)
{
    private OrdererStore? _store;
    private ChainTip? _tip;
    private ChannelConfig? _config;
    private ulong _height;

    /// <summary>Blocks gathered so far.</summary>
    public ulong Height => Volatile.Read(ref _height);

    /// <summary>The first block of a store that holds the one joined with.</summary>
    /// <exception cref="LedgerCorruptException">It holds something else.</exception>
    public static GenesisBlock ReadGenesis(JoinBlock join, string folder)
    {
        using OrdererStore store = OrdererStore.Open(folder, join.Channel);
        if (!store.TryReadBlock(0, out byte[]? first))
            throw new LedgerCorruptException("the first block is missing", folder, blockNumber: 0);

        return GenesisBlock.TryDecode(first, out GenesisBlock? genesis, out string? fault)
            ? genesis
            : throw new LedgerCorruptException(fault, folder, blockNumber: 0);
    }

    /// <summary>Returns when the channel's store is there.</summary>
    /// <exception cref="StorageFailedException">No orderer has the blocks now, or the disk failed. Try
    /// again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Open();
        try
        {
            if (Height <= join.Number)
            {
                var pull = new BlockPull(parts.Identity, parts.Signs, parts.Clock);
                await pull.RunAsync(() => Height, join.Config.Orderer.Endpoints, Take, cancellationToken);
            }

            _store?.Sync();
        }
        finally
        {
            _store?.Dispose();
            _store = null;
        }

        MoveIntoPlace();
    }

    private void Open()
    {
        _store = OrdererStore.Open(parts.OnboardingFolder, join.Channel);
        _tip = null;
        _config = null;
        Volatile.Write(ref _height, _store.Height);
        if (_store.Height == 0)
            return;

        if (!ChainTip.TryRestore(_store.Height, _store.Savepoint.Span, out _tip)
            || !_store.TryReadBlock(_tip.LastConfig, out byte[]? block)
            || !ChannelConfig.TryFromConfigBlock(block, out _config, out _))
            StartOver();
    }

    private (string? Refusal, bool WantsMore) Take(ReadOnlyMemory<byte> bytes)
    {
        Invariant.Require(_store is not null, "blocks come while the store is open");
        if (Follow(bytes, out string? fault) is not { } next)
            return (fault, WantsMore: true);

        MadeBlock block = next.Block;
        if (block.Number == join.Number && block.Tip.LastHash != join.Hash)
        {
            StartOver();
            return ($"its block {join.Number} is not the one that this orderer was joined with", WantsMore: true);
        }

        _store.AppendBlock(block.Number, [bytes], block.Tip.ToSavepoint(), sync: false);
        _tip = block.Tip;
        _config = next.Config;
        Volatile.Write(ref _height, block.Tip.Height);
        return (Refusal: null, WantsMore: block.Number < join.Number);
    }

    // Null when the block is not the next one.
    private NextBlock? Follow(ReadOnlyMemory<byte> bytes, out string? fault)
    {
        if (_tip is not null && _config is not null)
        {
            return ForeignBlocks.TryAccept(
                bytes, _tip, _config, out MadeBlock? made, out ChannelConfig? config, out fault)
                ? new NextBlock(made, config)
                : null;
        }

        if (!GenesisBlock.TryDecode(bytes.ToArray(), out GenesisBlock? genesis, out fault))
            return null;

        fault = genesis.Channel == join.Channel ? null : $"its first block is of channel {genesis.Channel}";
        var first = new MadeBlock(0, BlockImage.Of(genesis.Bytes), EnvelopeCount: 1, IsConfig: true, genesis.Tip);
        return fault is null ? new NextBlock(first, genesis.Config) : null;
    }

    private void StartOver()
    {
        _store?.Dispose();
        OnDisk(() => Directory.Delete(parts.OnboardingFolder, recursive: true));
        _store = OrdererStore.Open(parts.OnboardingFolder, join.Channel);
        _tip = null;
        _config = null;
        Volatile.Write(ref _height, 0);
    }

    private void MoveIntoPlace() => OnDisk(() =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(parts.Folder) ?? ".");
        Directory.Move(parts.OnboardingFolder, parts.Folder);
    });

    private void OnDisk(Action act)
    {
        try
        {
            act();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("join", parts.OnboardingFolder, failure.Message, failure);
        }
    }

    /// <param name="Config">In force behind the block.</param>
    private sealed record NextBlock(MadeBlock Block, ChannelConfig Config);
}

using Node.Ledger.Ordering;
using Node.Membership;
using Node.Orderer.CatchingUp;
using Node.Orderer.Log;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>One life of a channel's store, from its opening to its end or failure.</summary>
/// <remarks>Owned by <see cref="OrderingChannel"/>. What it hands out stays safe to call after its end, and then says
/// so.</remarks>
internal sealed class ChannelRun : IAsyncDisposable
{
    private readonly OrdererStore _store;
    private readonly IOrderedLog _log;
    private readonly ChainTip _tip;
    private readonly OrderingLoop _ordering;
    private readonly BlockLoop _blocks;
    private readonly CancellationTokenSource _stop = new();

    private ChannelRun(
        OrdererStore store, OpenedLog opened, ChainTip tip, OrderingContext context, RunParts parts)
    {
        IOrderedLog log = opened.Log;
        _store = store;
        _log = log;
        _tip = tip;
        EntriesWaiting = opened.EntriesWaiting;
        Context = context;
        Feed = new BlockFeed(store);
        var outcomes = new ConfigOutcomes();
        var ids = new BatchIds(parts.Identity.Current.Serialized, opened.Incarnation);
        _ordering = new OrderingLoop(parts, log, ids, outcomes, context);
        var pull = new BlockPull(parts.Identity, parts.Signs, parts.Clock);
        _blocks = new BlockLoop(log, store, Feed, new BlockMaker(parts.Identity), outcomes, context, parts.Signs, pull)
        {
            Room = new RoomOnDisk(parts.Disk, parts.Signs, parts.Clock),
        };
        Ended = _stop.Token;
    }

    /// <inheritdoc cref="OrdererStore.Rest"/>
    public void Rest() => _store.Rest();

    public OrderingContext Context { get; }

    public BlockFeed Feed { get; }

    /// <summary>Entries of the log that had no block when it was opened, as far as that was known.</summary>
    public ulong EntriesWaiting { get; }

    /// <summary>Blocks come from other orderers, since the log does not reach back to ours.</summary>
    public bool IsCatchingUp => _blocks.IsCatchingUp;

    /// <summary>Fires when this run is over: nothing is ordered any more, and blocks may be unreadable.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Opens the store, puts the genesis block into an empty one, and reads the configuration in
    /// force.</summary>
    /// <exception cref="StorageFailedException">Try again later.</exception>
    /// <exception cref="LedgerCorruptException">The store holds another chain, or not what was stored.</exception>
    public static async Task<ChannelRun> OpenAsync(
        GenesisBlock genesis, RunParts parts, CancellationToken cancellationToken)
    {
        OrdererStore store = OrdererStore.Open(parts.Folder, genesis.Channel);
        try
        {
            ChainTip tip = Recover(store, genesis, parts.Folder);
            var rules = new ChannelRules(ReadConfig(store, genesis, tip.LastConfig, parts.Folder));
            var context = new OrderingContext(rules, parts.Checks, parts.Seat, parts.Clock);

            // Last, as it starts what only the run ends.
            OpenedLog opened = await parts.Engine.OpenAsync(store, tip, parts.Signs, cancellationToken);
            return new ChannelRun(store, opened, tip, context, parts);
        }
        catch (Exception failure) when (failure is NodeException or OperationCanceledException)
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Why peers would refuse the blocks of this orderer; null when they would take them.</summary>
    public string? FindSignerFault(SigningIdentity signer)
    {
        const string Path = "/Channel/Orderer/BlockValidation";
        ChannelConfig config = Context.Rules.Config;
        if (!config.TryResolve(signer.Serialized.Span, out Identity? identity, out string? fault))
            return $"this orderer's identity is no member of channel {config.Id}: {fault}";
        if (identity.IsExpiredAt(Context.Clock.GetUtcNow()))
            return $"this orderer's certificate expired at {identity.NotAfter:u}: renew it";

        return config.FindPolicy(Path) is { } policy && !policy.IsSatisfiedBy([identity])
            ? $"this orderer may not sign blocks of channel {config.Id} ({Path}): it {policy.Explain([identity])}"
            : null;
    }

    /// <summary>Orders and makes blocks until cancelled or something fails.</summary>
    /// <param name="worked">Called after the first block: opening alone does not show that the disk takes
    /// writes.</param>
    public async Task RunAsync(Action worked, CancellationToken cancellationToken)
    {
        _blocks.FirstBlockMade = worked;
        using CancellationTokenRegistration _ = cancellationToken.Register(_stop.Cancel);
        Task blocks = _blocks.RunAsync(_tip, _stop.Token);
        Task ordering = _ordering.RunAsync(_stop.Token);
        Task first = await Task.WhenAny(blocks, ordering);
        await _stop.CancelAsync();
        await Task.WhenAll(blocks, ordering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // The one that ended first says why; the other one only followed.
        await first;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _log.DisposeAsync();
        _store.Dispose();
        _stop.Dispose();
    }

    internal static ChainTip Recover(OrdererStore store, GenesisBlock genesis, string folder)
    {
        if (store.Height == 0)
            store.AppendBlock(number: 0, [genesis.Bytes], genesis.Tip.ToSavepoint(), sync: true);

        if (!store.TryReadBlock(0, out byte[]? stored) || !stored.AsSpan().SequenceEqual(genesis.Bytes.Span))
        {
            throw new LedgerCorruptException(
                "its block 0 is not the genesis block this orderer was given: give it that one, or another data folder",
                folder,
                blockNumber: 0);
        }

        if (!ChainTip.TryRestore(store.Height, store.Savepoint.Span, out ChainTip? tip))
            throw new LedgerCorruptException("the savepoint does not fit the height", folder, store.Height);

        return tip;
    }

    internal static ChannelConfig ReadConfig(OrdererStore store, GenesisBlock genesis, ulong number, string folder)
    {
        if (!store.TryReadBlock(number, out byte[]? block))
            throw new LedgerCorruptException("the last config block is missing", folder, number);
        if (!ChannelConfig.TryFromConfigBlock(block, out ChannelConfig? config, out string? fault))
            throw new LedgerCorruptException($"the configuration cannot be read: {fault}", folder, number);
        if (config.Id != genesis.Channel)
            throw new LedgerCorruptException($"the configuration is of channel '{config.Id}'", folder, number);

        return config;
    }
}

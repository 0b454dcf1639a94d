using Microsoft.Extensions.Logging;
using Node.Hosting.Idling;
using Node.Hosting.Tls;
using Node.Membership;
using Node.Peer.Committing;
using Node.Peer.Pulling;
using Node.Peer.Validating;
using Node.Protocol;

namespace Node.Peer.Hosting;

/// <summary>
/// The channels of one peer with the two loops that each of them has: the block source and the commit loop.
/// </summary>
/// <remarks>Owned by <see cref="PeerHost"/>: opened, started, awaited and disposed once, in this order.</remarks>
internal sealed class ChannelSet(PeerNode node, PeerOptions options, PeerMetrics metrics, ILogger log)
    : IAsyncDisposable
{
    private readonly ChannelFolder _folder = new(options.DataFolder);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];
    private readonly List<CommitPipeline> _pipelines = [];
    private readonly List<BlockSource> _sources = [];
    private readonly EvidenceFolder _evidence = new(options.DataFolder);

    /// <summary>Opens all ledgers: recovery and all. Nothing is pulled yet.</summary>
    public void Open()
    {
        foreach (PeerChannel channel in _folder.OpenAll(options.GenesisBlockFiles, options.SnapshotFolders))
        {
            node.TryAdd(channel);
            PeerLog.Joined(log, channel.Id, channel.Ledger.Height);
        }

        IdleTrim.Resting += Rest;
    }

    public void Start()
    {
        foreach (PeerChannel channel in node.Channels)
        {
            var committer = new BlockCommitter(
                channel,
                new StorageWatch(channel, _folder.FolderOf(channel.Id), node.Clock, log),
                metrics,
                node.Clock,
                log);
            var verifier = new TransactionVerifier(channel.Id, node.Identity, node.OwnSignatures);
            PullParts pulling = PullParts.Of(channel, _evidence, metrics, node.Clock, log);
            var pipeline = new CommitPipeline(channel, committer, verifier, node.Clock, pulling.Board);
            var source = new BlockSource(node, channel, pipeline, () => EndpointsOf(channel), pulling);
            metrics.Observe(
                "hyperprov_orderers_shunned", "Orderers that are left alone because they lied.", channel.Id,
                () => pulling.Book.ShunnedCount);
            metrics.Observe(
                "hyperprov_blocks_unconfirmed", "Blocks committed while fewer than a majority of the orderers could be "
                + "reached.", channel.Id, () => pulling.Board.UnconfirmedCount);
            metrics.Observe(
                "hyperprov_pipeline_blocks", "Blocks accepted and not yet committed.", channel.Id,
                () => pipeline.BlocksInFlight);
            metrics.Observe(
                "hyperprov_pipeline_bytes", "Bytes of blocks accepted and not yet committed.", channel.Id,
                () => pipeline.BytesInFlight);
            metrics.Observe(
                "hyperprov_commit_waiters", "Calls that wait for a transaction.", channel.Id,
                () => channel.Commits.WaitingCount);
            metrics.Observe(
                "hyperprov_ledger_height", "Blocks on the ledger.", channel.Id, () => (long)channel.Ledger.Height);
            _pipelines.Add(pipeline);
            _sources.Add(source);
            _loops.Add(pipeline.RunAsync(_stop.Token));
            _loops.Add(source.RunAsync(_stop.Token));
        }
    }

    /// <summary>Completes when cancelled; fails when a loop fails, which is a bug.</summary>
    public async Task WaitForStopAsync(CancellationToken cancellationToken)
    {
        Task stopped = Task.Delay(Timeout.InfiniteTimeSpan, node.Clock, cancellationToken);
        Task first = await Task.WhenAny([stopped, .. _loops]);
        if (first != stopped)
            await first;
    }

    public async ValueTask DisposeAsync()
    {
        IdleTrim.Resting -= Rest;
        await _stop.CancelAsync();
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (BlockSource source in _sources)
            await source.DisposeAsync();

        foreach (CommitPipeline pipeline in _pipelines)
            pipeline.Dispose();

        foreach (PeerChannel channel in node.Channels)
        {
            await channel.Pruning.WaitAsync();
            channel.Ledger.Dispose();
        }

        _stop.Dispose();
    }

    private void Rest()
    {
        foreach (PeerChannel channel in node.Channels)
        {
            try
            {
                channel.Ledger.Rest();
            }
            catch (Exception e) when (e is StorageFailedException or LedgerCorruptException)
            {
                // Whoever writes next meets it, and says so.
            }
        }
    }

    private IReadOnlyList<OrdererEndpoint> EndpointsOf(PeerChannel channel)
    {
        IReadOnlyList<OrdererEndpoint> ofChannel = channel.Config.Orderer.Endpoints;
        if (options.OrdererEndpoints.Count == 0)
            return ofChannel;

        ReadOnlyMemory<byte>[] rootsOfChannel = [.. ofChannel.SelectMany(endpoint => endpoint.TlsRootPems)];
        return [.. options.OrdererEndpoints.Select(endpoint =>
            new OrdererEndpoint(default, endpoint.Host, endpoint.Port, RootsOf(endpoint, rootsOfChannel)))];
    }

    private static ReadOnlyMemory<byte>[] RootsOf(OrdererEndpointOverride endpoint, ReadOnlyMemory<byte>[] otherwise) =>
        endpoint.TlsRootFiles.Count == 0
            ? otherwise
            : RootFiles.Read(endpoint.TlsRootFiles);
}

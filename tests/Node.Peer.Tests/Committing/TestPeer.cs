using Microsoft.Extensions.Logging.Abstractions;
using Node.Hosting.Renewing;
using Node.Ledger;
using Node.Peer.Committing;
using Node.Peer.Hosting;
using Node.Peer.Validating;
using Node.Protocol.Wire.Peer;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Committing;

/// <summary>One channel of a peer with its pipeline and a real ledger in a folder of its own. No network.</summary>
internal sealed class TestPeer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-peer-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly PeerMetrics _metrics = new();
    private readonly Task _loop;

    public TestPeer(TestChannel channel, TestChain chain)
        : this(channel, chain, TimeProvider.System)
    {
    }

    public TestPeer(TestChannel channel, TestChain chain, TimeProvider clock)
    {
        string genesis = Path.Combine(_folder, "genesis.block");
        File.WriteAllBytes(genesis, chain.Genesis);
        var folder = new ChannelFolder(_folder);
        Channel = folder.OpenAll([genesis], snapshotFolders: [])[0];
        var storage = new StorageWatch(Channel, folder.FolderOf(Channel.Id), _ => Disk, clock, NullLogger.Instance);
        var committer = new BlockCommitter(Channel, storage, _metrics, clock, NullLogger.Instance);
        var verifier = new TransactionVerifier(channel.Id, NodeIdentity.Of(channel.Peer1), OwnSignatures);
        Pipeline = new CommitPipeline(Channel, committer, verifier, clock);
        _loop = Pipeline.RunAsync(_stop.Token);
    }

    /// <summary>What the peer is told about its disk.</summary>
    public DiskSpace Disk { get; set; } = new(Free: 1L << 40, Total: 1L << 40);

    public PeerChannel Channel { get; }

    public CommitPipeline Pipeline { get; }

    public OwnSignatures OwnSignatures { get; } = new();

    public ChannelLedger Ledger => Channel.Ledger;

    /// <summary>A peer on which the contract hyperprov needs both organisations.</summary>
    public static async Task<(TestPeer Peer, TestChain Chain)> WithContractAsync(TestChannel channel)
    {
        var chain = new TestChain(channel);
        var peer = new TestPeer(channel, chain);
        await peer.CommitAsync(
            chain, Definitions.Define(channel, "hyperprov", "AND('Org1MSP.peer', 'Org2MSP.peer')").ToEnvelope());
        return (peer, chain);
    }

    /// <summary>Makes the next block of these envelopes, commits it and tells the codes.</summary>
    public async Task<TxValidationCode[]> CommitAsync(TestChain chain, params byte[][] envelopes)
    {
        byte[] block = chain.Next(envelopes);
        Assert.Null(await AcceptAsync(block));
        await HeightAsync(chain.Height);
        return CodesOf(chain.Height - 1);
    }

    /// <summary>Offers a block whose bytes are scrubbed as soon as the pipeline gives them back.</summary>
    public Task<BlockRejection?> AcceptAsync(byte[] block)
    {
        byte[] copy = [.. block];
        return Pipeline.AcceptAsync(copy, new Scrubber(copy), _stop.Token).AsTask().WaitAsync(Patience);
    }

    public Task HeightAsync(ulong height) =>
        Channel.Commits.WaitForHeightAsync(height, _stop.Token).AsTask().WaitAsync(Patience);

    public TxValidationCode[] CodesOf(ulong number)
    {
        Assert.True(Channel.Commits.TryFindRecent(number, out CommittedBlock? block));
        return [.. block.Transactions.Select(transaction => transaction.Code)];
    }

    public static async Task CancellationOf(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(Patience, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Pipeline.Dispose();
        Ledger.Dispose();
        _metrics.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Scrubber(byte[] bytes) : IDisposable
    {
        public void Dispose() => bytes.AsSpan().Fill(0xff);
    }
}

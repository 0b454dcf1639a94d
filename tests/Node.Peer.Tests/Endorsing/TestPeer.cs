using Microsoft.Extensions.Logging.Abstractions;
using Node.Hosting.Renewing;
using Node.Hosting.Tls;
using Node.Membership;
using Node.Peer.Committing;
using Node.Peer.Endorsing;
using Node.Peer.Hosting;
using Node.Peer.Validating;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Testing.Channels;
using SignedProposal = Node.Protocol.Wire.Peer.SignedProposal;

namespace Node.Peer.Tests.Endorsing;

/// <summary>One peer without sockets: its ledger, its commit pipeline, its endorser.</summary>
internal sealed class TestPeer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly PeerMetrics _metrics = new();
    private readonly NodeDialer _dialer = new(own: null, TimeProvider.System);
    private readonly CommitPipeline _pipeline;
    private readonly Task _commitLoop;

    /// <param name="folder">Its data folder; the caller deletes it.</param>
    public TestPeer(
        SigningIdentity signer, TestIssuer organization, string folder, string genesisFile, TimeProvider clock)
        : this(signer, organization, "localhost:7051", folder, genesisFile, clock)
    {
    }

    public TestPeer(
        SigningIdentity signer, TestIssuer organization, string address, string folder, string genesisFile,
        TimeProvider clock)
    {
        bool created = Msp.TryCreate(organization.ToConfig(), MspRules.Fabric30, out Msp? msp, out string? fault);
        Invariant.Require(created && msp is not null, fault ?? "");
        Node = new PeerNode(NodeIdentity.Of(signer), msp, address, _dialer, clock) { Stopping = _stopping.Token };
        var channels = new ChannelFolder(folder);
        Channel = channels.OpenAll([genesisFile], snapshotFolders: [])[0];
        Node.TryAdd(Channel);

        var storage = new StorageWatch(Channel, channels.FolderOf(Channel.Id), clock, NullLogger.Instance);
        var committer = new BlockCommitter(Channel, storage, _metrics, clock, NullLogger.Instance);
        var verifier = new TransactionVerifier(Channel.Id, Node.Identity, Node.OwnSignatures);
        _pipeline = new CommitPipeline(Channel, committer, verifier, clock);
        _commitLoop = _pipeline.RunAsync(_stop.Token);
        Endorser = new Endorser(Node, ContractRegistry.BuiltIn(Node), Simulations);
    }

    public PeerNode Node { get; }

    public PeerChannel Channel { get; }

    public Endorser Endorser { get; }

    public AdmissionGate Simulations { get; } = new("simulations", placesMax: 4);

    public EndorseOutcome Evaluate(SignedProposal signed)
    {
        Assert.True(ProposalAdmission.TryDecode(signed, out DecodedProposal? proposal, out string? fault), fault);
        return Endorser.Evaluate(proposal, signed.Signature.Memory, CancellationToken.None);
    }

    /// <summary>Tells the services that the peer begins to stop.</summary>
    public Task StopServingAsync() => _stopping.CancelAsync();

    /// <summary>Returns when the block is durable here.</summary>
    public async Task CommitAsync(byte[] block)
    {
        ulong height = Channel.Ledger.Height + 1;
        BlockRejection? rejection = await _pipeline.AcceptAsync(block, owner: null, CancellationToken.None);
        Assert.Null(rejection);
        await Channel.Commits.WaitForHeightAsync(height, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _commitLoop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _pipeline.Dispose();
        Channel.Ledger.Dispose();
        _dialer.Dispose();
        _metrics.Dispose();
        _stop.Dispose();
        _stopping.Dispose();
    }
}

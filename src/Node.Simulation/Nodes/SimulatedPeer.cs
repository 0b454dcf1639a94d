using Microsoft.Extensions.Logging.Abstractions;
using Node.Hosting.Renewing;
using Node.Hosting.Tls;
using Node.Ledger;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Peer.Committing;
using Node.Peer.Endorsing;
using Node.Peer.Hosting;
using Node.Peer.Validating;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;
using Node.Simulation.Faults;
using Node.Simulation.Members;
using Node.Simulation.Worlds;
using Endorser = Node.Peer.Endorsing.Endorser;

namespace Node.Simulation.Nodes;

/// <summary>A peer: the product's endorser, verifier, committer and ledger, on a simulated host.</summary>
/// <remarks>
/// Stands for the block source and the pipeline: asks one orderer after the other for blocks, takes what comes in the
/// order it comes, and lets go of who sends what is refused or nothing at all.
/// </remarks>
internal sealed class SimulatedPeer
{
    private static readonly PeerMetrics s_metrics = new();
    private static readonly TimeSpan s_silenceMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_redialDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_restartDelay = TimeSpan.FromSeconds(1);

    private readonly World _world;
    private readonly string _folder;
    private readonly SigningIdentity _signer;
    private readonly Msp _localMsp;
    private readonly Chance _chance;
    private PeerParts? _parts;
    private PullSession? _session;
    private int _turn;

    public SimulatedPeer(World world, SimulatedOrganization organization, int index)
    {
        _world = world;
        string name = $"peer{index}.{organization.Domain}";
        Organization = organization.MspId;
        Host = world.NewHost(name);
        _folder = name;
        _signer = organization.Issue(name, "peer");
        _chance = new Chance(world.Seed, $"choices of {name}");
        _turn = _chance.Below(SimulatedChannel.OrdererCount);
        bool created = Msp.TryCreate(organization.ToMsp(), MspRules.Fabric30, out Msp? msp, out string? fault);
        Invariant.Require(created && msp is not null, fault ?? "");
        _localMsp = msp;
    }

    public SimulatedHost Host { get; }

    public MspId Organization { get; }

    public ChannelLedger? Ledger => _parts?.Channel.Ledger;

    /// <summary>The configuration in force here.</summary>
    public ChannelConfig? Config => _parts?.Channel.Config;

    /// <summary>Blocks that are durable and announced; 0 while it is down.</summary>
    public ulong Height => _parts?.Channel.Commits.Height ?? 0;

    public void Start() => Host.Start(Begin);

    public void Crash()
    {
        _world.Events.Add(Host.Name, "crashes");
        _parts = null;
        _session = null;
        Host.Crash();
    }

    /// <summary>Simulates and signs, in a step of this host. Null: this peer does not answer now.</summary>
    public EndorseOutcome? Endorse(SignedProposal proposal)
    {
        try
        {
            return _parts?.Endorser.Endorse(proposal, CancellationToken.None);
        }
        catch (NodeException)
        {
            return null;
        }
    }

    /// <summary>Answers once the transaction is durable here, in this step or a later one.</summary>
    public void WaitForCommit(TxId id, Action<CommitAnswer> answer)
    {
        if (_parts is not { } parts)
            return;

        if (_world.Bug == PlantedBug.EarlyCommitStatus)
        {
            var next = new TransactionPosition(parts.Channel.Ledger.Height, Index: 0, TxValidationCode.Valid);
            answer(new CommitAnswer(Host.Name, next));
            return;
        }

        parts.Waiting.Add((id, answer));
        Tell(parts);
    }

    private void Begin()
    {
        VirtualClock clock = Host.NewClock();
        try
        {
            _parts = Open(clock);
        }
        catch (StorageFailedException failure)
        {
            _world.Events.Add(Host.Name, $"cannot open its ledger: {failure.Reason}");
            int life = Host.Life;
            _world.Agenda.After(s_restartDelay, () => Host.Step(life, Begin));
            return;
        }

        _world.Events.Add(Host.Name, $"starts at height {_parts.Channel.Ledger.Height}");
        _world.Judge.PeerOpened(this, _parts.Channel.Ledger);
        Pull();
    }

    private PeerParts Open(VirtualClock clock)
    {
        var node = new PeerNode(
            NodeIdentity.Of(_signer), _localMsp, $"{Host.Name}:7051", new NodeDialer(own: null, clock), clock);
        SimulatedChannel simulated = SimulatedChannel.Instance;
        var folder = new ChannelFolder(_folder);
        PeerChannel channel = folder.Open(
            simulated.Id, simulated.Genesis, LedgerOptions.Default with { Engine = Host.Disk });
        node.TryAdd(channel);
        var storage = new StorageWatch(
            channel, folder.FolderOf(simulated.Id), _ => Host.Disk.Space, clock, NullLogger.Instance);
        return new PeerParts(
            channel,
            new Endorser(
                node,
                ContractRegistry.BuiltIn(node),
                new AdmissionGate("simulations", Limits.SimulationsMax)),
            new BlockCommitter(channel, storage, s_metrics, clock, NullLogger.Instance),
            new TransactionVerifier(channel.Id, node.Identity, node.OwnSignatures),
            clock);
    }

    private void Pull()
    {
        if (_parts is not { } parts)
            return;

        SimulatedOrderer orderer = _world.Orderers[_turn++ % _world.Orderers.Count];
        var session = new PullSession(orderer);
        _session = session;
        ulong start = parts.Channel.Ledger.Height;
        int life = Host.Life;
        var blocks = new MessageOrder();
        _world.Network.Send(Host, orderer.Host, order: null, () =>
        {
            bool isServed = orderer.TryDeliver(start, block =>
                _world.Network.Send(orderer.Host, Host, blocks, () => Receive(life, session, block)));
            if (!isServed)
                _world.Network.Send(orderer.Host, Host, blocks, () => Redial(life, session));
        });
        Listen(life, session);
    }

    private void Redial(int life, PullSession session)
    {
        if (session != _session || session.IsBusy)
            return;

        _session = null;
        _world.Agenda.After(s_redialDelay, () => Host.Step(life, Pull));
    }

    private void Listen(int life, PullSession session)
    {
        long heard = session.Heard;
        _world.Agenda.After(s_silenceMax, () => Host.Step(life, () =>
        {
            if (session != _session)
                return;
            if (session.Heard == heard && !session.IsBusy)
                Pull();
            else
                Listen(life, session);
        }));
    }

    private void Receive(int life, PullSession session, ReadOnlyMemory<byte> block)
    {
        if (session != _session || Host.Life != life)
            return;

        session.Heard++;
        session.Arrived.Enqueue(block);
        if (!session.IsBusy)
            _world.Watch(TakeAsync(session));
    }

    private async Task TakeAsync(PullSession session)
    {
        session.IsBusy = true;
        while (_parts is { } parts && session == _session
            && session.Arrived.TryDequeue(out ReadOnlyMemory<byte> bytes))
        {
            string? refusal = await CommitAsync(parts, bytes);
            if (_parts != parts)
                return;

            _world.Judge.PeerHas(this, parts.Channel.Ledger);
            Tell(parts);
            if (refusal is null)
                continue;

            _world.Events.Add(Host.Name, $"lets go of {session.Orderer.Host.Name}: {refusal}");
            _session = null;
            int life = Host.Life;
            _world.Agenda.After(s_redialDelay, () => Host.Step(life, Pull));
            return;
        }

        session.IsBusy = false;
    }

    private async Task<string?> CommitAsync(PeerParts parts, ReadOnlyMemory<byte> bytes)
    {
        PeerChannel channel = parts.Channel;
        LedgerTip tip = channel.Ledger.Tip;
        var expected = new ExpectedBlock(tip.Height, tip.LastBlockHash);
        if (!BlockBytes.TryDecode(bytes, out BlockBytes? block, out string? fault)
            || !BlockVerifier.TryVerify(block, expected, channel.Config, out _, out fault))
            return fault;

        var inFlight = new BlockInFlight(block, owner: null, parts.Verifier, channel.Config, parts.Clock);
        inFlight.VerifyHere();
        ulong height = channel.Ledger.Height;
        string? refusal = (await parts.Committer.CommitAsync(inFlight, CancellationToken.None))?.Reason;
        if (_parts == parts && channel.Ledger.Height > height)
            _world.Events.Add(Host.Name, $"commits block {height}, commit hash {channel.Ledger.Tip.CommitHash}");

        return refusal;
    }

    // What was announced is durable; only then is anybody told.
    private void Tell(PeerParts parts)
    {
        for (int index = 0; index < parts.Waiting.Count; index++)
        {
            (TxId id, Action<CommitAnswer> answer) = parts.Waiting[index];
            if (!TryFind(parts, id, out TransactionPosition position)
                || !CommittedTransaction.IsProofOfId(position.Code)
                || position.Block >= parts.Channel.Commits.Height)
                continue;

            parts.Waiting.RemoveAt(index--);
            answer(new CommitAnswer(Host.Name, position));
        }
    }

    private static bool TryFind(PeerParts parts, TxId id, out TransactionPosition position)
    {
        try
        {
            return parts.Channel.Ledger.TryFindTransaction(id, out position);
        }
        catch (StorageFailedException)
        {
            // Closed until its disk works again; who waits may ask elsewhere.
            position = default;
            return false;
        }
    }

    private sealed record PeerParts(
        PeerChannel Channel, Endorser Endorser, BlockCommitter Committer, TransactionVerifier Verifier,
        VirtualClock Clock)
    {
        public List<(TxId Id, Action<CommitAnswer> Answer)> Waiting { get; } = [];
    }

    private sealed class PullSession(SimulatedOrderer orderer)
    {
        public SimulatedOrderer Orderer => orderer;

        public Queue<ReadOnlyMemory<byte>> Arrived { get; } = new();

        public bool IsBusy { get; set; }

        /// <summary>Blocks received.</summary>
        public long Heard { get; set; }
    }
}

/// <summary>Where a peer says that a transaction lies.</summary>
internal sealed record CommitAnswer(string Peer, TransactionPosition Position);

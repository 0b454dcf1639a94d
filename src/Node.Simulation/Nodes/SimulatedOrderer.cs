using Microsoft.Extensions.Logging.Abstractions;
using Node.Hosting.Renewing;
using Node.Ledger.Ordering;
using Node.Membership;
using Node.Orderer.Broadcasting;
using Node.Orderer.Hosting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Simulation.Disks;
using Node.Simulation.Faults;
using Node.Simulation.Logs;
using Node.Simulation.Members;
using Node.Simulation.Worlds;

namespace Node.Simulation.Nodes;

/// <summary>An orderer: the product's checks, cutter, block loop and store, on a simulated host.</summary>
/// <remarks>
/// Stands for the loops and streams of the real one: opens the channel, opens it again after its storage failed, and
/// carries what others send to what decides.
/// </remarks>
internal sealed class SimulatedOrderer : IDisposable
{
    private static readonly OrdererMetrics s_metrics = new();
    private static readonly TimeSpan s_reopenDelay = TimeSpan.FromMilliseconds(500);

    private readonly World _world;
    private readonly int _index;
    private readonly string _folder;
    private readonly SigningIdentity _signer;
    private readonly GenesisBlock _genesis;
    private RunParts? _parts;
    private OrdererRun? _run;
    private IReadOnlyDictionary<string, DiskImage>? _copy;

    public SimulatedOrderer(World world, int index)
    {
        _world = world;
        _index = index;
        string name = $"orderer{index}";
        Host = world.NewHost(name);
        _folder = name;
        _signer = SimulatedChannel.Instance.Ordering.Issue($"{name}.example.com", "orderer");
        var nonces = new Chance(world.Seed, $"nonces of {name}");
        _signer.NonceSource = nonces.Bytes;
        bool read = GenesisBlock.TryDecode(
            SimulatedChannel.Instance.Genesis, out GenesisBlock? genesis, out string? fault);
        Invariant.Require(read && genesis is not null, fault ?? "");
        _genesis = genesis;
    }

    public SimulatedHost Host { get; }

    /// <summary>Blocks in the store; 0 while it is not open.</summary>
    public ulong Height => _run?.Feed.Height ?? 0;

    public void Start() => Host.Start(Begin);

    public void Crash()
    {
        _world.Events.Add(Host.Name, "crashes");
        _run = null;
        _parts = null;
        Host.Crash();
    }

    /// <summary>Keeps a copy of the disk, as an operator would.</summary>
    public void CopyDisk() => _copy = Host.Disk.Copy();

    /// <summary>Puts the last copy back, if there is one. The orderer must be down.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryRestoreDisk()
    {
        if (_copy is null)
            return false;

        _world.Events.Add(Host.Name, "has an old copy of its disk put back");
        Host.Disk.Restore(_copy);
        return true;
    }

    /// <summary>Takes an envelope, in a step of this host.</summary>
    public void Broadcast(ReadOnlyMemory<byte> bytes, Action<BroadcastAnswer> answer)
    {
        if (_run is not { } run || _parts is not { } parts)
        {
            answer(BroadcastAnswer.Unavailable("the channel is being opened: retry"));
            return;
        }

        if (!DecodedEnvelope.TryDecode(bytes, out DecodedEnvelope? envelope, out DecodeFault fault))
        {
            answer(BroadcastAnswer.BadRequest(fault.Text));
            return;
        }

        if (_world.Bug == PlantedBug.YesToUpdates && envelope.Type == HeaderType.ConfigUpdate)
            answer(BroadcastAnswer.Success);

        EnvelopeVerdict verdict = parts.Checks.Check(envelope, run.Context.Rules);
        if (!verdict.IsAccepted)
        {
            answer(verdict.Refusal);
            return;
        }

        run.Await(parts.Queue.Add(verdict.Envelope), answer);
    }

    /// <summary>Begins to send blocks, in a step of this host.</summary>
    /// <returns>False while the channel is not open here.</returns>
    public bool TryDeliver(ulong start, Action<ReadOnlyMemory<byte>> send)
    {
        _run?.Follow(start, send);
        return _run is not null;
    }

    /// <summary>Blocks from one on, as many as an answer holds.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Read(ulong start)
    {
        const int BlocksOfAnswer = 10;
        var blocks = new List<ReadOnlyMemory<byte>>();
        while (_run is { } run && blocks.Count < BlocksOfAnswer
            && run.TryRead(start + (ulong)blocks.Count, out BlockImage image))
            blocks.Add(image.ToWhole());

        return blocks;
    }

    /// <summary>The world ends.</summary>
    public void Dispose() => _run?.Dispose();

    private void Begin()
    {
        VirtualClock clock = Host.NewClock();
        NodeIdentity identity = NodeIdentity.Of(_signer);
        var link = new LogLink(_world.LogMembers, Host, _index, _world.Agenda, _world.Calls);
        _parts = new RunParts(
            _folder,
            identity,
            new OrderingQueue(),
            new EnvelopeChecks(new ConfigTransactions(identity, clock), clock),
            new ChannelSigns(SimulatedChannel.Instance.Id, NullLogger.Instance, s_metrics),
            clock,
            new SimulatedLogEngine(link, Host.Name, clock)
            {
                RepeatsEntries = _world.Bug == PlantedBug.RepeatedEntry && _index == 0 && Host.Life > 1,
            })
        {
            Disk = new DiskWatch(_folder, _ => (Host.Disk.Space.Free, Host.Disk.Space.Total)),
        };
        _world.Events.Add(Host.Name, "starts");
        Host.AfterStep = Pump;
        _world.Watch(OpenAsync(_parts));
    }

    private async Task OpenAsync(RunParts parts)
    {
        OrdererStore? store = null;
        try
        {
            store = OrdererStore.Open(_folder, SimulatedChannel.Instance.Id, Host.Disk);
            ChainTip tip = ChannelRun.Recover(store, _genesis, _folder);
            var rules = new ChannelRules(ChannelRun.ReadConfig(store, _genesis, tip.LastConfig, _folder));
            var context = new OrderingContext(rules, parts.Checks, parts.Seat, parts.Clock);
            OpenedLog opened = await parts.Engine.OpenAsync(store, tip, parts.Signs, CancellationToken.None);
            var pull = new SimulatedBlockPull(_world, this);
            _run = new OrdererRun(store, opened, context, parts, pull);
            parts.Queue.Open();
            _world.Events.Add(Host.Name, $"opens the channel at height {store.Height}");
            _run.Start(tip);
        }
        catch (StorageFailedException failure)
        {
            store?.Dispose();
            Reopen(parts, failure.Message);
        }
    }

    // At the end of every step: whatever became ready is carried on.
    private void Pump()
    {
        if (_run is not { } run || _parts is not { } parts)
            return;

        if (run.Turn() is { } failure)
        {
            _run = null;
            parts.Queue.Close(BroadcastAnswer.Unavailable("the channel stopped: retry"));
            run.Dispose();
            Reopen(parts, failure);
            return;
        }

        _world.Judge.OrdererHas(this, run.Feed);
    }

    private void Reopen(RunParts parts, string why)
    {
        _world.Events.Add(Host.Name, $"closes the channel: {why}");
        int life = Host.Life;
        _world.Agenda.After(s_reopenDelay, () => Host.Step(life, () => _world.Watch(OpenAsync(parts))));
    }
}

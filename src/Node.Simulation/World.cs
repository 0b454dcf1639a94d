using Google.Protobuf;
using Node.Contracts.Provenance;
using Node.Membership;
using Node.Membership.Changing;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Lifecycle;
using Node.Protocol.Wire.Peer;
using Node.Simulation.Checks;
using Node.Simulation.Disks;
using Node.Simulation.Faults;
using Node.Simulation.Logs;
using Node.Simulation.Members;
using Node.Simulation.Nodes;
using Node.Simulation.Worlds;
using ApplicationPolicy = Node.Protocol.Wire.Peer.ApplicationPolicy;
using SignaturePolicy = Node.Membership.SignaturePolicy;

namespace Node.Simulation;

/// <summary>A whole network on one thread: nodes, clients, the log, disks, clocks, and what connects them.</summary>
internal sealed class World : IDisposable
{
    private const int EntriesKept = 5;
    private const int ClientsOfOrganization = 2;

    private readonly List<SimulatedHost> _hosts = [];
    private readonly List<Task> _watched = [];
    private readonly SigningIdentity _ordererAdmin;
    private readonly SigningIdentity[] _admins;
    private readonly Chance _chance;

    public World(ulong seed, FaultPlan plan, PlantedBug bug, Action<string>? print)
    {
        Seed = seed;
        Bug = bug;
        Agenda = new Agenda();
        Events = new EventLog(Agenda, print);
        Judge = new Judge(this);
        _chance = new Chance(seed, "world");
        Network = new SimulatedNetwork(
            Agenda,
            new NetworkFaults(plan.Loss, plan.Duplicate, plan.Delay, DelayShare: 0.3),
            new Chance(seed, "network"));
        Calls = new Calls(Agenda, Network);
        SimulatedChannel channel = SimulatedChannel.Instance;
        SimulatedHost[] members =
            [.. Enumerable.Range(0, SimulatedChannel.OrdererCount).Select(index => NewHost($"log{index}"))];
        LogMembers = new LogService(
            Agenda, Network, new Chance(seed, "log"), new LogCluster(EntriesKept), members);
        Orderers = [.. members.Select((_, index) => new SimulatedOrderer(this, index))];
        Peers =
        [
            .. channel.Organizations.SelectMany(organization => Enumerable
                .Range(0, SimulatedChannel.PeersOfOrganization)
                .Select(index => new SimulatedPeer(this, organization, index))),
        ];
        Clients =
        [
            .. channel.Organizations.SelectMany(organization => Enumerable
                .Range(0, ClientsOfOrganization)
                .Select(index => new SimulatedClient(this, organization, index))),
        ];
        AdminHost = NewHost("admin");
        _admins = [.. channel.Organizations.Select(organization => NewAdmin(organization))];
        _ordererAdmin = NewAdmin(channel.Ordering);
        Sites =
        [
            .. Orderers.Select((orderer, index) => (string[])[orderer.Host.Name, members[index].Name]),
            .. Peers.Select(peer => (string[])[peer.Host.Name]),
        ];
    }

    public ulong Seed { get; }

    public PlantedBug Bug { get; }

    public Agenda Agenda { get; }

    public EventLog Events { get; }

    public Judge Judge { get; }

    public SimulatedNetwork Network { get; }

    public Calls Calls { get; }

    public LogService LogMembers { get; }

    public IReadOnlyList<SimulatedHost> Hosts => _hosts;

    public IReadOnlyList<SimulatedOrderer> Orderers { get; }

    public IReadOnlyList<SimulatedPeer> Peers { get; }

    public IReadOnlyList<SimulatedClient> Clients { get; }

    public SimulatedHost AdminHost { get; }

    /// <summary>By key, the newest record that a client was told of: what clients would read.</summary>
    public Dictionary<string, TxId> Newest { get; } = new(StringComparer.Ordinal);

    /// <summary>Hosts that are cut off together.</summary>
    public IReadOnlyList<string[]> Sites { get; }

    public IReadOnlyList<SimulatedPeer> PeersOf(MspId organization) =>
        [.. Peers.Where(peer => peer.Organization == organization)];

    public SimulatedHost NewHost(string name)
    {
        var host = new SimulatedHost(name, Agenda, new SimulatedDisk(new Chance(Seed, $"disk of {name}")));
        _hosts.Add(host);
        return host;
    }

    /// <summary>What runs by itself must not fail unseen.</summary>
    public void Watch(Task task)
    {
        if (!task.IsCompletedSuccessfully)
            _watched.Add(task);
    }

    /// <summary>What went wrong in something that ran by itself; null while nothing did.</summary>
    public string? FaultOfWatched()
    {
        foreach (Task task in _watched)
        {
            if (task.IsFaulted)
                return task.Exception?.InnerException?.ToString() ?? "a task failed";
        }

        _watched.RemoveAll(task => task.IsCompleted);
        return null;
    }

    /// <summary>Starts every host, without a fault.</summary>
    public void Start()
    {
        foreach (SimulatedHost member in LogMembers.Members)
            member.Start(static () => { });
        foreach (SimulatedOrderer orderer in Orderers)
            orderer.Start();
        foreach (SimulatedPeer peer in Peers)
            peer.Start();
        foreach (SimulatedClient client in Clients)
            client.Host.Start(static () => { });
        AdminHost.Start(static () => { });
    }

    /// <summary>Both organisations approve the contract, then it is committed, as on any new channel.</summary>
    public void DefineContract(Action<TxValidationCode?> done)
    {
        Submit(0, "ApproveChaincodeDefinitionForMyOrg", Approval(), [SimulatedChannel.Instance.Organizations[0]], _ =>
            Submit(1, "ApproveChaincodeDefinitionForMyOrg", Approval(), [SimulatedChannel.Instance.Organizations[1]],
                _ => Submit(
                    0, "CommitChaincodeDefinition", Definition(), SimulatedChannel.Instance.Organizations, done)));
    }

    /// <summary>Writes one more record, to see that it can be done.</summary>
    public void Probe(Action<TxValidationCode?> done)
    {
        ContractCall call = ContractCall.Of(
            ProvenanceContract.ContractName, "set", "probe", new string('a', 64), "disk", "file:///probe");
        AdminHost.Step(AdminHost.Life, () => new TransactionAttempt(
            this, AdminHost, _admins[0], call, SimulatedChannel.Instance.Organizations, _chance).Run(done));
    }

    /// <summary>Two updates of one version of the configuration are sent, each through another orderer.</summary>
    public void RaceConfigUpdates()
    {
        if (Peers.FirstOrDefault(peer => peer.Config is not null)?.Config is not { } config)
            return;

        Events.Add(AdminHost.Name, $"sends two updates of configuration {config.Sequence}");
        int first = _chance.Below(Orderers.Count);
        uint count = (uint)(5 + _chance.Below(10));
        for (uint index = 0; index < 2; index++)
        {
            var draft = new ConfigDraft(config);
            draft.SetBatch(count + index, preferredBytes: null, absoluteBytes: null);
            if (!draft.TryFinish(out ConfigUpdate? update, out _))
                continue;   // It changes nothing: that many are allowed already.

            SimulatedOrderer orderer = Orderers[(first + (int)index) % Orderers.Count];
            AdminHost.Step(AdminHost.Life, () => SendUpdate(orderer, update, config.Sequence));
        }
    }

    /// <summary>Lets the planted bug, if there is one, be.</summary>
    public void Plant()
    {
        LogMembers.AnswersBeforeMajority = Bug == PlantedBug.EarlyAcknowledgement;
        foreach (SimulatedPeer peer in Peers)
        {
            peer.Host.Disk.Faults.LosesSyncedWrites = Bug == PlantedBug.UnsyncedDisks;
            peer.Host.Disk.Faults.ForgetsTransactionIds = Bug == PlantedBug.BlindDuplicateCheck
                || (Bug == PlantedBug.OneBlindPeer && peer == Peers[^1]);
            peer.Host.Disk.Faults.ChangesValues = Bug == PlantedBug.ChangedValue && peer == Peers[^1];
        }
    }

    public void Dispose()
    {
        foreach (SimulatedOrderer orderer in Orderers)
            orderer.Dispose();

        Events.Dispose();
    }

    private static ByteString PolicyBytes()
    {
        string members = string.Join(
            ", ", SimulatedChannel.Instance.Organizations.Select(org => $"'{org.MspId.Value}.peer'"));
        bool parsed = SignaturePolicy.TryParse($"AND({members})", out SignaturePolicyEnvelope? policy, out _);
        Invariant.Require(parsed && policy is not null, "the policy is written above");
        return new ApplicationPolicy { SignaturePolicy = policy }.ToByteString();
    }

    private static ApproveChaincodeDefinitionForMyOrgArgs Approval() => new()
    {
        Sequence = 1,
        Name = ProvenanceContract.ContractName,
        Version = "1.0",
        EndorsementPlugin = "escc",
        ValidationPlugin = "vscc",
        ValidationParameter = PolicyBytes(),
        Source = new ChaincodeSource { Unavailable = new ChaincodeSource.Types.Unavailable() },
    };

    private static CommitChaincodeDefinitionArgs Definition() => new()
    {
        Sequence = 1,
        Name = ProvenanceContract.ContractName,
        Version = "1.0",
        EndorsementPlugin = "escc",
        ValidationPlugin = "vscc",
        ValidationParameter = PolicyBytes(),
    };

    private SigningIdentity NewAdmin(SimulatedOrganization organization)
    {
        string name = $"admin@{organization.Domain}";
        SigningIdentity admin = organization.Issue(name, "admin");
        admin.NonceSource = new Chance(Seed, $"nonces of {name}").Bytes;
        return admin;
    }

    private void Submit(
        int admin, string function, IMessage arguments, IReadOnlyList<SimulatedOrganization> endorsers,
        Action<TxValidationCode?> done)
    {
        var call = new ContractCall(
            "_lifecycle", System.Text.Encoding.UTF8.GetBytes(function), arguments.ToByteArray());
        AdminHost.Step(AdminHost.Life, () => new TransactionAttempt(
            this, AdminHost, _admins[admin], call, endorsers, _chance).Run(done));
    }

    private void SendUpdate(SimulatedOrderer orderer, ConfigUpdate update, ulong sequence)
    {
        byte[] envelope = Proposals.ProposeUpdate(
            _ordererAdmin, update, [_ordererAdmin], AdminHost.NewClock().GetUtcNow());
        Calls.Call<Node.Orderer.Broadcasting.BroadcastAnswer>(
            AdminHost,
            orderer.Host,
            TimeSpan.FromSeconds(4),
            answer => orderer.Broadcast(envelope, answer),
            answer =>
            {
                Events.Add(AdminHost.Name, $"is told of its update: {answer?.Status.ToString() ?? "nothing"}");
                if (answer is { IsSuccess: true })
                    Judge.ConfigAcknowledged(sequence, Hash32.Of(update.ToByteArray()));
            });
    }

}

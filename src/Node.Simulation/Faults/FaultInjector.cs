using Node.Simulation.Nodes;
using Node.Simulation.Worlds;

namespace Node.Simulation.Faults;

/// <summary>Makes things go wrong, at the rates of a plan, until it is told to stop; then mends everything.</summary>
internal sealed class FaultInjector
{
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(6);

    private readonly World _world;
    private readonly FaultPlan _plan;
    private readonly Chance _chance;
    private readonly (double PerMinute, Action Happen)[] _faults;
    private (SimulatedOrderer? Orderer, ulong Height) _restored;   // Last, and where the chain was then.
    private bool _isOn;

    public FaultInjector(World world, FaultPlan plan)
    {
        _world = world;
        _plan = plan;
        _chance = new Chance(world.Seed, "faults");
        _faults =
        [
            (plan.Partitions, CutSite),
            (plan.Partitions / 2, ClogSite),
            (plan.Crashes, CrashAny),
            (plan.SlowDisk, SlowDisk),
            (plan.FullDisk, FillDisk),
            (plan.FailingDisk, FailDisk),
            (plan.Skew > TimeSpan.Zero ? 6 : 0, JumpClock),
            (plan.OldDisks, CopyDisk),
            (plan.OldDisks, RestoreDisk),
            (plan.ConfigRaces, _world.RaceConfigUpdates),
        ];
    }

    public void Begin()
    {
        _isOn = true;
        _world.Network.IsFaulty = true;
        foreach (SimulatedHost host in _world.Hosts)
            host.Skew = DrawSkew();

        Turn();
    }

    /// <summary>Nothing goes wrong any more, and what is down starts.</summary>
    public void End()
    {
        _isOn = false;
        _world.Events.Add("world", "faults stop");
        _world.Network.IsFaulty = false;
        _world.Network.Heal();
        if (_world.Bug == PlantedBug.LastingPartition)
            CutForGood(_world.Peers[0].Host.Name);


        foreach (SimulatedHost host in _world.Hosts)
        {
            host.Skew = default;
            Mend(host);
        }

        foreach (SimulatedOrderer orderer in _world.Orderers.Where(orderer => !orderer.Host.IsUp))
            orderer.Start();
        foreach (SimulatedPeer peer in _world.Peers.Where(peer => !peer.Host.IsUp))
            peer.Start();
        foreach (SimulatedHost member in _world.LogMembers.Members.Where(member => !member.IsUp))
            member.Start(static () => { });

        _world.LogMembers.Disturb();
    }

    private static void Mend(SimulatedHost host)
    {
        host.Disk.Faults.FreeBytes = long.MaxValue;
        host.Disk.Faults.FailingWrites = 0;
        host.Disk.Faults.SyncTimeMax = TimeSpan.FromMilliseconds(2);
    }

    private void CutForGood(string host)
    {
        foreach (string other in Others([host]))
            _world.Network.Cut(other, host);
    }

    private void Turn()
    {
        if (!_isOn)
            return;

        foreach ((double perMinute, Action happen) in _faults)
        {
            if (_chance.Happens(perMinute * s_turn.TotalMinutes))
                happen();
        }

        _world.Agenda.After(s_turn, Turn);
    }

    private void CutSite()
    {
        string[] site = _chance.Pick(_world.Sites);
        bool isInward = _chance.Happens(0.7);
        bool isOutward = !isInward || _chance.Happens(0.6);
        _world.Events.Add("world", $"cuts off {string.Join(" and ", site)}{Direction(isInward, isOutward)}");
        foreach (string other in Others(site))
        {
            foreach (string own in site)
            {
                if (isInward)
                    _world.Network.Cut(other, own);
                if (isOutward)
                    _world.Network.Cut(own, other);
            }
        }

        _world.LogMembers.Disturb();
        _world.Agenda.After(Duration(), () =>
        {
            if (!_isOn)
                return;

            _world.Events.Add("world", "mends all cuts");
            _world.Network.Heal();
            _world.LogMembers.Disturb();
        });
    }

    // Links of one site, each held back for another time: what arrives then comes in no order.
    private void ClogSite()
    {
        string[] site = _chance.Pick(_world.Sites);
        _world.Events.Add("world", $"clogs links of {string.Join(" and ", site)}");
        foreach (string other in Others(site))
        {
            foreach (string own in site)
            {
                if (_chance.Happens(0.5))
                    _world.Network.Clog(other, own, _world.Agenda.Now + Duration());
                if (_chance.Happens(0.5))
                    _world.Network.Clog(own, other, _world.Agenda.Now + Duration());
            }
        }
    }

    private void CrashAny()
    {
        int choice = _chance.Below(_world.Orderers.Count + _world.Peers.Count + _world.LogMembers.Members.Count);
        if (choice < _world.Orderers.Count)
        {
            SimulatedOrderer orderer = _world.Orderers[choice];
            Restart(orderer.Host, orderer.Crash, orderer.Start);
            return;
        }

        choice -= _world.Orderers.Count;
        if (choice < _world.Peers.Count)
        {
            SimulatedPeer peer = _world.Peers[choice];
            Restart(peer.Host, peer.Crash, peer.Start);
            return;
        }

        SimulatedHost member = _world.LogMembers.Members[choice - _world.Peers.Count];
        Restart(member, CrashMember, () =>
        {
            member.Start(static () => { });
            _world.LogMembers.Disturb();
        });

        void CrashMember()
        {
            _world.Events.Add(member.Name, "crashes");
            member.Crash();
            _world.LogMembers.Disturb();
        }
    }

    private void Restart(SimulatedHost host, Action crash, Action start)
    {
        if (!host.IsUp)
            return;

        crash();
        int life = host.Life;
        _world.Agenda.After(Duration(), () =>
        {
            if (_isOn && !host.IsUp && host.Life == life)
                start();
        });
    }

    private void SlowDisk()
    {
        SimulatedHost host = AnyWithDisk();
        _world.Events.Add(host.Name, "has a slow disk");
        host.Disk.Faults.SyncTimeMax = TimeSpan.FromMilliseconds(300);
        _world.Agenda.After(Duration(), () => host.Disk.Faults.SyncTimeMax = TimeSpan.FromMilliseconds(2));
    }

    private void FillDisk()
    {
        SimulatedHost host = AnyWithDisk();

        // Full for everybody who asks first, or only for who writes.
        host.Disk.Faults.FreeBytes = _chance.Happens(0.5) ? _chance.Below(4096) : 80L << 20;
        _world.Events.Add(host.Name, $"has {host.Disk.Faults.FreeBytes} free bytes on its disk");
        _world.Agenda.After(Duration(), () => host.Disk.Faults.FreeBytes = long.MaxValue);
    }

    private void FailDisk()
    {
        SimulatedHost host = AnyWithDisk();
        _world.Events.Add(host.Name, "has a disk that fails");
        host.Disk.Faults.FailingWrites = 0.3;
        _world.Agenda.After(Duration(), () => host.Disk.Faults.FailingWrites = 0);
    }

    private void JumpClock()
    {
        SimulatedHost host = _chance.Pick(_world.Hosts);
        host.Skew = DrawSkew();
        _world.Events.Add(host.Name, $"has a clock that is off by {host.Skew.TotalSeconds:0.000} s");
    }

    private void CopyDisk() => _chance.Pick(_world.Orderers).CopyDisk();

    private void RestoreDisk()
    {
        SimulatedOrderer orderer = _chance.Pick(_world.Orderers);
        Restart(orderer.Host, orderer.Crash, () =>
        {
            if (OthersHaveAll(orderer) && orderer.TryRestoreDisk())
                _restored = (orderer, _world.Judge.Height);

            orderer.Start();
        });
    }

    // Blocks that the log has let go must be on some other orderer, or nobody could give them back: one disk may be
    // old at a time, as one of three may be away.
    private bool OthersHaveAll(SimulatedOrderer orderer)
    {
        bool isFormerBack = _restored.Orderer is not { } former
            || former == orderer
            || former.Height >= _restored.Height;
        return isFormerBack && _world.Orderers.Any(other =>
            other != orderer
            && other != _restored.Orderer
            && _world.LogMembers.Cluster.HasAllRemoved(other.Host.Name));
    }

    private IEnumerable<string> Others(string[] site) =>
        _world.Hosts.Select(host => host.Name).Where(name => !site.Contains(name, StringComparer.Ordinal));

    private SimulatedHost AnyWithDisk()
    {
        int choice = _chance.Below(_world.Orderers.Count + _world.Peers.Count);
        return choice < _world.Orderers.Count
            ? _world.Orderers[choice].Host
            : _world.Peers[choice - _world.Orderers.Count].Host;
    }

    private TimeSpan DrawSkew() =>
        _plan.Skew > TimeSpan.Zero ? _chance.Between(-_plan.Skew, _plan.Skew) : TimeSpan.Zero;

    private TimeSpan Duration() => _chance.Between(s_shortest, s_longest);

    private static string Direction(bool isInward, bool isOutward) =>
        isInward && isOutward ? "" : isInward ? ": hears nobody" : ": nobody hears it";
}

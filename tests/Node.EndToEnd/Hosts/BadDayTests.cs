using System.Runtime.CompilerServices;
using Node.Testing.Proxies;
using Node.Testing.Time;
using Xunit.Abstractions;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// What happens to networks, to three orderers and four peers on hosts of their own, while clients write at every peer.
/// </summary>
/// <remarks>
/// After each day: no transaction that Submit acknowledged is lost, none is valid twice, all peers have one history and
/// all orderers the same blocks; and commits resumed within three seconds of a majority being reachable.
/// </remarks>
[Collection(HostedNetworkShared.Name)]
public class BadDayTests(HostedNetwork network, ITestOutputHelper output)
{
    [Fact]
    public Task Killing_the_orderer_that_clients_use_costs_nothing() => LiveThroughAsync(async load =>
    {
        NodeRun used = await OrdererInUseAsync(load);
        long killed = Load.Clock.GetTimestamp();
        used.Kill();
        await ResumedAsync(load, killed, Day.Peers, $"{used.Name} was killed");

        used.Start();
        await used.UntilHealthyAsync();
    });

    [Fact]
    public Task Killing_etcd_members_one_after_the_other_costs_nothing() => LiveThroughAsync(async load =>
    {
        // All three, so one of them was the leader.
        foreach (NodeRun orderer in network.Orderers)
        {
            int member = orderer.EtcdProcessId;
            long killed = Load.Clock.GetTimestamp();
            Command.Must("kill", "-KILL", $"{member}");
            await ResumedAsync(load, killed, Day.Peers, $"the etcd member of {orderer.Name} was killed");
            await Wait.UntilAsync(
                () => orderer.EtcdProcessId is not 0 and var next && next != member, Day.Patience,
                () => $"{orderer.Name} to start its etcd member again:\n{orderer.LastWords()}");
            await load.UntilCommitsAsync(Day.Peers, commits: 20, Day.Patience);
        }
    });

    [Fact]
    public Task An_orderer_that_is_cut_off_is_not_missed_and_catches_up() => LiveThroughAsync(async load =>
    {
        NodeRun used = await OrdererInUseAsync(load);
        long cut = Load.Clock.GetTimestamp();
        used.Host.Unplug();
        await ResumedAsync(load, cut, Day.Peers, $"{used.Name} was cut off");
        await load.UntilCommitsAsync(Day.Peers, commits: 100, Day.Patience);

        long healed = Load.Clock.GetTimestamp();
        used.Host.Plug();
        await ResumedAsync(load, healed, Day.Peers, $"{used.Name} was back");
    });

    [Fact]
    public Task Without_a_majority_nothing_is_acknowledged_and_with_one_it_goes_on() => LiveThroughAsync(async load =>
    {
        NodeRun[] cutOff = [.. network.Orderers.Skip(1)];
        foreach (NodeRun orderer in cutOff)
            orderer.Host.Unplug();

        long alone = Load.Clock.GetTimestamp();
        await Wait.UntilAsync(
            () => load.Records.Any(record => record.BeganAt > alone && record.Fault is not null), Day.Patience,
            () => "a refusal while there is no majority");
        Assert.DoesNotContain(load.Records, record => record.BeganAt > alone && record.AcknowledgedAt > 0);

        long healed = Load.Clock.GetTimestamp();
        cutOff[0].Host.Plug();
        await ResumedAsync(load, healed, Day.Peers, $"{cutOff[0].Name} made a majority again");
        cutOff[1].Host.Plug();
    });

    [Fact]
    public Task Slow_links_slow_down_and_break_nothing() => LiveThroughAsync(async load =>
    {
        NodeRun slow = await OrdererInUseAsync(load);
        var late = new LinkFaults { Delay = TimeSpan.FromMilliseconds(200), Jitter = TimeSpan.FromMilliseconds(50) };
        SetFaults(late, network.Hosts.LinksOf(slow.Name));
        await load.UntilCommitsAsync(Day.Peers, commits: 40, Day.Patience);

        long healed = Load.Clock.GetTimestamp();
        SetFaults(LinkFaults.None, network.Hosts.LinksOf(slow.Name));
        await ResumedAsync(load, healed, Day.Peers, $"the links of {slow.Name} were good again");
    });

    [Fact]
    public Task Resets_and_trickling_bytes_break_nothing() => LiveThroughAsync(async load =>
    {
        NodeRun used = await OrdererInUseAsync(load);
        ProxiedLink[] links = [.. network.Hosts.LinksOf(used.Name)];
        SetFaults(new LinkFaults { PieceBytes = 100, BytesPerSecond = 100_000 }, links);
        for (int reset = 0; reset < 8; reset++)
        {
            foreach (ProxiedLink link in links)
                link.Reset();
            await load.UntilCommitsAsync(Day.Peers, commits: 5, Day.Patience);
        }

        long healed = Load.Clock.GetTimestamp();
        SetFaults(LinkFaults.None, links);
        await ResumedAsync(load, healed, Day.Peers, $"the links of {used.Name} were good again");
    });

    [Fact]
    public Task An_orderer_that_accepts_and_is_silent_is_left() => LiveThroughAsync(async load =>
    {
        NodeRun used = await OrdererInUseAsync(load);
        long silent = Load.Clock.GetTimestamp();
        SetFaults(LinkFaults.Silent, network.Hosts.LinksOf(used.Name));
        await ResumedAsync(load, silent, Day.Peers, $"{used.Name} fell silent");

        // Nothing reaches the next one; then nothing that another one says reaches anybody.
        foreach (bool isDeaf in new[] { true, false })
        {
            SetFaults(LinkFaults.None, network.Hosts.LinksOf(used.Name));
            await network.UntilMembersAreWellAsync();
            used = await OrdererInUseAsync(load);
            long cut = Load.Clock.GetTimestamp();
            foreach (NodeRun other in network.Nodes.Where(node => node != used))
            {
                network.Hosts.Link(other.Name, used.Name).Faults =
                    new LinkFaults { CutTowardsServer = isDeaf, CutTowardsClient = !isDeaf };
                network.Hosts.Link(used.Name, other.Name).Faults =
                    new LinkFaults { CutTowardsServer = !isDeaf, CutTowardsClient = isDeaf };
            }

            await ResumedAsync(load, cut, Day.Peers, $"{used.Name} {(isDeaf ? "heard" : "could say")} nothing");
        }

        SetFaults(LinkFaults.None, network.Hosts.LinksOf(used.Name));
    });

    [Fact]
    public Task A_full_disk_stops_one_orderer_which_says_so_and_goes_on_when_there_is_room() =>
        LiveThroughAsync(async load =>
        {
            NodeRun full = network[HostedNetwork.SmallDiskNode];
            long filled = Load.Clock.GetTimestamp();
            string filler = network.Disk.FillUpTo(bytesLeft: 1 << 20);
            await ResumedAsync(load, filled, Day.Peers, $"the disk of {full.Name} was full");

            // It need not be the one that peers use: asked itself, it says why it takes nothing.
            string refusal = "";
            var flood = new Flood(network, network.Clients[0].Identity);
            await Wait.UntilAsync(
                async () => (refusal = (await flood.SendOneAsync(full))?.Info ?? "")
                    .Contains("free on the disk", StringComparison.Ordinal),
                Day.Patience,
                () => $"{full.Name} to say that its disk is full; it says '{refusal}':\n{full.LastWords()}");

            File.Delete(filler);
            long roomy = Load.Clock.GetTimestamp();
            await ResumedAsync(load, roomy, Day.Peers, $"the disk of {full.Name} had room again");
            await full.UntilHealthyAsync();
        });

    [Theory]
    [InlineData("+10m")]
    [InlineData("-10m")]
    public Task A_clock_ten_minutes_off_is_borne(string offset) => LiveThroughAsync(async load =>
    {
        // Windows are fifteen minutes either way: an orderer and a peer that are wrong by ten, and all others right.
        NodeRun[] off = [network.Orderers[0], network.Peers[2]];
        foreach (NodeRun node in off)
        {
            await node.StopAsync();
            ClockOffset.Set(node.Variables, offset);
            node.Start();
            await node.UntilHealthyAsync();
        }

        await load.UntilCommitsAsync(Day.Peers, commits: 60, Day.Patience);
        foreach (NodeRun node in off)
        {
            await node.StopAsync();
            node.Variables.Clear();
            node.Start();
            await node.UntilHealthyAsync();
        }
    });

    [Fact]
    public Task An_orderer_with_an_old_copy_of_its_store_catches_up_and_forks_nothing() =>
        RestoreAsync(network.Orderers[1], ["data"]);

    [Fact]
    public Task An_orderer_with_an_old_copy_of_its_whole_disk_forks_nothing() =>
        RestoreAsync(network.Orderers[2], ["data", "etcd"]);

    [Fact]
    public async Task A_peer_that_was_cut_off_for_ten_thousand_blocks_catches_up()
    {
        const int Blocks = 10_000;
        TimeSpan limit = TimeSpan.FromSeconds(100);
        NodeRun away = network.Peers[3];
        string[] present = [.. Day.Peers.Where(peer => peer != away.Name)];
        await LiveThroughAsync(async load =>
        {
            await network.SetBatchLimitAsync(1);
            ulong from = await network.Checks.HeightAsync(away.Name);
            away.Host.Unplug();
            long cut = Load.Clock.GetTimestamp();
            await ResumedAsync(load, cut, present, $"{away.Name} was cut off");
            await load.StopAsync();   // It would take most of the time, at one envelope in a block.

            ulong height = from;
            long began = Load.Clock.GetTimestamp();
            Task watching = Wait.UntilAsync(
                async () => (height = await network.Checks.HeightAsync(present[0])) >= from + Blocks
                    || Load.Clock.GetElapsedTime(began) > limit,
                limit * 2, () => $"{Blocks} blocks; there are {height - from}");
            await new Flood(network, network.Clients[0].Identity).RunAsync(() => watching.IsCompleted);
            await watching;
            TimeSpan took = Load.Clock.GetElapsedTime(began);
            output.WriteLine($"{height - from} blocks in {took.TotalSeconds:0.0} s while {away.Name} was cut off.");
            Assert.True(height >= from + Blocks || Crowd.Factor() > 1, $"only {height - from} blocks in {took}");

            long plugged = Load.Clock.GetTimestamp();
            away.Host.Plug();
            ulong reached = 0;
            await Wait.UntilAsync(
                async () => (reached = await network.Checks.HeightAsync(away.Name)) >= height, limit,
                () => $"{away.Name} to reach height {height}, it is at {reached}:\n{away.LastWords()}");
            took = Load.Clock.GetElapsedTime(plugged);
            output.WriteLine(
                $"It caught up in {took.TotalSeconds:0.0} s, {(height - from) / took.TotalSeconds:0} blocks a second.");
            await network.SetBatchLimitAsync(500);
            await using Load after = Load.Start(network.Clients);
            await after.UntilCommitsAsync(Day.Peers, commits: 20, Day.Patience);
            await after.StopAsync();
            await network.Checks.RequireAllAsync(after);
        });
    }

    private Task RestoreAsync(NodeRun orderer, string[] parts) => LiveThroughAsync(async load =>
    {
        await orderer.StopAsync();
        string copy = Path.Combine(orderer.Host.Folder, "copy");
        Directory.CreateDirectory(copy);
        foreach (string part in parts)
            Command.Must("cp", "-a", "--", Path.Combine(orderer.Folder, part), copy);

        orderer.Start();
        await orderer.UntilHealthyAsync();
        await load.UntilCommitsAsync(Day.Peers, commits: 60, Day.Patience);

        long killed = Load.Clock.GetTimestamp();
        orderer.Host.KillAll();
        await ResumedAsync(load, killed, Day.Peers, $"the host of {orderer.Name} lost its power");
        foreach (string part in parts)
        {
            Directory.Delete(Path.Combine(orderer.Folder, part), recursive: true);
            Command.Must("cp", "-a", "--", Path.Combine(copy, part), orderer.Folder);
        }

        Directory.Delete(copy, recursive: true);
        orderer.Start();
        long started = Load.Clock.GetTimestamp();
        await ResumedAsync(load, started, Day.Peers, $"{orderer.Name} was started from an old copy");
        await orderer.UntilHealthyAsync();
    });

    private static void SetFaults(LinkFaults faults, IEnumerable<ProxiedLink> links)
    {
        foreach (ProxiedLink link in links)
            link.Faults = faults;
    }

    private Task LiveThroughAsync(Func<Load, Task> day, [CallerMemberName] string name = "") =>
        new Day(network, output).LiveThroughAsync(day, name);

    private Task ResumedAsync(Load load, long since, IReadOnlyList<string> peers, string what) =>
        new Day(network, output).ResumedAsync(load, since, peers, what);

    // The one that most bytes go to from the peers: envelopes.
    private async Task<NodeRun> OrdererInUseAsync(Load load)
    {
        Dictionary<NodeRun, long> before = network.Orderers.ToDictionary(orderer => orderer, BytesFromPeers);
        await load.UntilCommitsAsync(Day.Peers, commits: 10, Day.Patience);
        return before.Keys.MaxBy(orderer => BytesFromPeers(orderer) - before[orderer])!;   // There are three.
    }

    private long BytesFromPeers(NodeRun orderer) =>
        network.Peers.Sum(peer => network.Hosts.Link(peer.Name, orderer.Name).BytesTowardsServer);
}

using Xunit.Abstractions;

namespace Node.EndToEnd.Hosts;

/// <summary>What hosts take of memory and network when they have worked and have nothing to do any more.</summary>
[Collection(HostedNetworkShared.Name)]
public sealed class IdleTests(HostedNetwork network, ITestOutputHelper output)
{
    // Of memory, with pages of program files divided among the nodes that share them.
    private const long PeerBytesMax = 90_000_000;
    private const long OrdererBytesMax = 70_000_000;
    private const double BytesPerSecondMax = 2_000;

    // etcd 3.4 sends ten heartbeats a second, and opens a TLS connection for every probe of another member.
    private const double MemberBytesPerSecondMax = 18_000;

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_memoryPatience = TimeSpan.FromSeconds(75);

    [Fact]
    public async Task Hosts_that_have_worked_are_small_and_silent_once_they_are_idle()
    {
        await network.MakeWellAsync();
        await using (Load load = Load.Start(network.Clients))
        {
            await load.UntilCommitsAsync(Day.Peers, commits: 100, Day.Patience);
            await load.StopAsync();
            await network.Checks.SettleAsync();
        }

        Dictionary<NodeRun, HostFigures> worked = Look();
        await Wait.ForAsync(s_idle);
        Dictionary<NodeRun, HostFigures> before = Look();
        long began = Load.Clock.GetTimestamp();
        await Wait.ForAsync(s_measured);
        Dictionary<NodeRun, HostFigures> after = Look();
        double seconds = Load.Clock.GetElapsedTime(began).TotalSeconds;

        await Wait.UntilAsync(
            () => network.Runs.All(node => HostFigures.ShareBytesOf(node) <= BytesMaxOf(node)), s_memoryPatience,
            () => "memory to be given back; there is " + string.Join(", ", network.Runs.Select(
                node => FormattableString.Invariant($"{node.Name} {HostFigures.ShareBytesOf(node)}"))));

        var faults = new List<string>();
        TimeSpan back = s_idle + Load.Clock.GetElapsedTime(began);
        output.WriteLine($"Memory was within its limits {back.TotalSeconds:0} s after load.");
        foreach (NodeRun node in network.Runs)
        {
            var idle = new Idleness(before[node], after[node], seconds);
            output.WriteLine(
                $"{node.Name}: {idle.In:0} B/s in and {idle.Out:0} B/s out, {idle.Node:0} of them the node's own; " +
                $"{after[node].ResidentBytes / 1e6:0.0} MB resident, {worked[node].ResidentBytes / 1e6:0.0} MB " +
                $"right after load, {HostFigures.ResidentBytesOf(node) / 1e6:0.0} MB now, " +
                $"{after[node].ShareBytes / 1e6:0.0} MB its share; etcd member {after[node].MemberBytes / 1e6:0.0} MB");
            Require(node, "B/s of its own", idle.Node, BytesPerSecondMax);
            Require(
                node, "B/s", idle.In + idle.Out, node.Node.IsOrderer ? MemberBytesPerSecondMax : BytesPerSecondMax);
        }

        Assert.Empty(faults);

        void Require(NodeRun node, string what, double value, double limit)
        {
            if (value > limit)
                faults.Add($"{node.Name} takes {value:0} {what}, the limit is {limit:0}");
        }
    }

    private static long BytesMaxOf(NodeRun node) => node.Node.IsOrderer ? OrdererBytesMax : PeerBytesMax;

    private Dictionary<NodeRun, HostFigures> Look() => network.Runs.ToDictionary(node => node, HostFigures.Of);

    /// <summary>Bytes a second between two looks.</summary>
    private sealed class Idleness(HostFigures before, HostFigures after, double seconds)
    {
        public double In => (after.Received - before.Received) / seconds;

        public double Out => (after.Sent - before.Sent) / seconds;

        public double Node => after.Connections.Sum(
            one => one.Value - before.Connections.GetValueOrDefault(one.Key)) / seconds;
    }
}

using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Orderer.Etcd;
using Node.Orderer.Hosting;

namespace Node.Cli.Commands.Channels;

/// <summary><c>orderer members|add|remove</c>: who shares the ordered log, changed while it is in use.</summary>
/// <remarks>
/// Each step looks first whether it is done, so that a command that was cut short is simply given again.
/// </remarks>
internal static class OrdererCommands
{
    private static readonly TimeSpan s_promoteTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(200);

    private static readonly Argument<string> s_name = new("NAME")
    {
        Description = "The orderer, as network.yaml names it",
    };

    /// <param name="orderer">The command whose verbs these are.</param>
    public static Command AddTo(Command orderer)
    {
        orderer.Add(new Verb("members", "List the etcd members that keep the ordered log", "orderer members")
            .Runs(ListAsync));
        orderer.Add(new Verb(
                "add", "Add an orderer of network.yaml to the log and to the channels while they run",
                "orderer add orderer4.example.com")
            .Takes(s_name)
            .Runs(AddAsync));
        orderer.Add(new Verb(
                "remove", "Take an orderer out of the channels and of the log while they run",
                "orderer remove orderer4.example.com")
            .Takes(s_name)
            .Runs(RemoveAsync));
        return orderer;
    }

    private static async Task<ExitCode> ListAsync(Invocation invocation, CancellationToken cancellation)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        using LogCluster cluster = Open(invocation, layout, except: null);
        IReadOnlyList<LogMember> members = await cluster.ListAsync(cancellation);
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, members);
            return ExitCode.Ok;
        }

        var table = new TextTable("orderer", "state", "for members", "for orderers", "id");
        foreach (LogMember member in members.OrderBy(one => one.Name, StringComparer.Ordinal))
            table.Add(member.Name, member.State, member.PeerUrl, member.ClientUrl, member.Id);

        table.Show(invocation.Console);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> AddAsync(Invocation invocation, CancellationToken cancellation)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        NodePlace place = FindSharing(layout, invocation.Get(s_name));
        MaterialGenerator.Generate(
            layout.Topology.ToCryptoConfig(), layout.MaterialFolder, layout.Topology.KeyType, invocation.Console.Clock);
        using LogCluster cluster = Open(invocation, layout, except: place);
        string peerUrl = PeerUrlOf(layout, place);
        if (await cluster.AddAsync(peerUrl, cancellation) is { } refusal)
            throw new CommandFault(ExitCode.Refused, $"{place.Node.Name} is not added: {refusal}");

        invocation.Progress.Say($"{place.Node.Name} is a member of the log's cluster");
        if (layout.LocalNodes.Contains(place))
            await NetworkStart.RunAsync(
                invocation, new NetworkStartOptions(Orderers: 3, BasePort: null, KeyType: null, WithoutCas: false),
                cancellation);
        else
            invocation.Progress.Say(
                $"Start {place.Node.Name} on its host now: write its folder with ./hyperprov network plan, and there "
                + "run ./hyperprov network up");

        await UntilVotesAsync(invocation, cluster, place, peerUrl, cancellation);
        await new OrdererPlaces(invocation, layout).NameAsync(place, cancellation);
        return Done(invocation, place, "orders");
    }

    private static async Task<ExitCode> RemoveAsync(Invocation invocation, CancellationToken cancellation)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        NodePlace place = FindSharing(layout, invocation.Get(s_name));
        using LogCluster cluster = Open(invocation, layout, except: place);
        string peerUrl = PeerUrlOf(layout, place);
        if (await cluster.FindFaultOfRemovalAsync(peerUrl, cancellation) is { } refusal)
            throw new CommandFault(ExitCode.Refused, $"{place.Node.Name} is not removed: {refusal}");

        // Clients leave it first; then the log does without it.
        await new OrdererPlaces(invocation, layout).UnnameAsync(place, cancellation);
        if (await cluster.RemoveAsync(peerUrl, cancellation) is { } late)
            throw new CommandFault(ExitCode.Refused, $"{place.Node.Name} is not removed from the log: {late}");

        if (layout.NodeAt(place).IsRunning)
            await layout.NodeAt(place).StopAsync(invocation.Console.Clock, cancellation);

        foreach (ChannelTopology channel in layout.Topology.Channels)
            await cluster.ForgetAsync(place.Node.Name, channel.Id, cancellation);

        invocation.Progress.Say(
            $"Take {place.Node.Name} out of {NetworkTopology.FileName} too, or network up starts it again, idle");
        return Done(invocation, place, "orders no longer");
    }

    private static async Task UntilVotesAsync(
        Invocation invocation, LogCluster cluster, NodePlace place, string peerUrl, CancellationToken cancellation)
    {
        TimeProvider clock = invocation.Console.Clock;
        long since = clock.GetTimestamp();
        await invocation.Progress.WhileAsync($"Waiting for {place.Node.Name} to be in sync", async _ =>
        {
            while (!await VotesAsync(cluster, peerUrl, cancellation))
            {
                if (clock.GetElapsedTime(since) > s_promoteTimeout)
                    throw new CommandFault(
                        ExitCode.Unreachable,
                        $"{place.Node.Name} is added but not in sync after {s_promoteTimeout.TotalMinutes:0} minutes: "
                        + "start it, look at its log.txt, then give this command again");

                await Task.Delay(s_lookEvery, clock, cancellation);
            }
        });
    }

    private static async Task<bool> VotesAsync(LogCluster cluster, string peerUrl, CancellationToken cancellation) =>
        (await cluster.ListAsync(cancellation))
            .Any(member => member.PeerUrl == peerUrl && member.State is "voter" or "leader");

    private static NodePlace FindSharing(NetworkLayout layout, string name)
    {
        NodePlace place = OrdererChoice.Find(layout, name);
        return place.Node.EtcdPeerPort != 0
            ? place
            : throw new CommandFault(
                ExitCode.Usage,
                $"{place.Node.Name} keeps its log on its own disk, and such a log has one orderer. A network that is "
                + "to have several begins with ./hyperprov network up --orderers 3.");
    }

    private static LogCluster Open(Invocation invocation, NetworkLayout layout, NodePlace? except)
    {
        NodePlace[] asked = [.. layout.Nodes.Where(place =>
            place.IsOrderer && place.Node.EtcdClientPort != 0 && place.Node != except?.Node)];
        if (asked.Length == 0)
            throw new CommandFault(
                ExitCode.Usage, $"{NetworkTopology.FileName} names no orderer (else) that shares a log.");

        MemberLayout client = OrdererChoice.AdministratorOf(layout, asked[0]);
        return new LogCluster(
            new EtcdOptions
            {
                Name = "administrator",
                Endpoints = [.. asked.Select(place => UrlOf(layout, place, place.Node.EtcdClientPort))],
                Tls = new OrdererTlsFiles
                {
                    CertificateFile = client.TlsCertificateFile,
                    KeyFile = client.TlsKeyFile,
                    RootFiles = [.. asked.Select(place => layout.MaterialOf(place).TlsRootFile).Distinct()],
                },
            },
            invocation.Console.Clock);
    }

    private static string PeerUrlOf(NetworkLayout layout, NodePlace place) =>
        UrlOf(layout, place, place.Node.EtcdPeerPort);

    private static string UrlOf(NetworkLayout layout, NodePlace place, int port) =>
        $"https://{new Membership.Endpoint(layout.Topology.HostOf(place.Node), port)}";

    private static ExitCode Done(Invocation invocation, NodePlace place, string what)
    {
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Orderer = place.Node.Name, Orders = what == "orders" });
        else
            invocation.Console.Output.WriteLine($"{place.Node.Name} {what}");

        return ExitCode.Ok;
    }
}

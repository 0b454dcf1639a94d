using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Membership.Topology;

namespace Node.Cli.Commands.Networks;

/// <summary><c>network plan</c>: one folder for each host of a network, with that host's keys alone.</summary>
internal static class PlanCommand
{
    private static readonly Argument<string> s_file = new("network.yaml")
    {
        Description = "The network; keys, certificates and genesis blocks beside it are used, and made where missing",
    };

    private static readonly Option<string?> s_host = new("--host")
    {
        Description = "Write this host's folder",
        HelpName = "NAME",
    };

    private static readonly Option<string?> s_client = new("--client")
    {
        Description = "Write a folder for the clients of this organisation: its users' keys and no node",
        HelpName = "ORG",
    };

    private static readonly Option<bool> s_all = new("--all")
    {
        Description = "Write DIR/HOST for each host, and DIR/client-DOMAIN for each organisation, whose keys are here",
    };

    private static readonly Option<string> s_output = new("--out", "-o")
    {
        Description = "Where to write; nothing else may be in there",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Option<string?> s_material = new("--material")
    {
        Description = "Keys and certificates in cryptogen's layout (default: crypto-config beside network.yaml)",
        HelpName = "DIR",
    };

    public static Verb Create() => new Verb(
        "plan", "Write what one host needs: its own keys only, all public certificates, the genesis blocks",
        "network plan plan/network.yaml --host pi2.local --out pi2")
        .Takes(s_file, s_host, s_client, s_all, s_output, s_material)
        .Runs((invocation, _) => Task.FromResult(Write(invocation)));

    private static ExitCode Write(Invocation invocation)
    {
        string? host = invocation.Get(s_host);
        string? client = invocation.Get(s_client);
        if (new[] { host is not null, client is not null, invocation.Get(s_all) }.Count(one => one) != 1)
            throw new CommandFault(ExitCode.Usage, "say one of --host NAME, --client ORG and --all.");

        string file = invocation.Console.PathOf(invocation.Get(s_file));
        NetworkLayout network = Open(invocation, file);
        NetworkFiles.WriteMaterial(network, invocation);
        NetworkFiles.WriteGenesisBlocks(network, invocation);
        var plan = new HostPlan(network, file);
        string output = invocation.Console.PathOf(invocation.Get(s_output)!);
        List<PlannedFolder> written = host is not null ? [OfHost(plan, network, host, output)]
            : client is not null ? [OfClient(plan, NetworkFiles.OrganizationNamed(network, client), output)]
            : All(invocation, plan, network, output);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Folders = written });
        else
            Show(invocation, written);

        return ExitCode.Ok;
    }

    private static NetworkLayout Open(Invocation invocation, string file)
    {
        if (!File.Exists(file))
            throw new CommandFault(ExitCode.NotFound, $"there is no file {file}.");
        if (!NetworkTopology.TryLoad(file, out NetworkTopology? topology, out string? fault))
            throw new CommandFault(ExitCode.Usage, fault);

        var network = new NetworkLayout(Path.GetDirectoryName(file)!, topology, localHost: null);
        return invocation.Get(s_material) is { } material
            ? network.WithMaterialIn(invocation.Console.PathOf(material))
            : network;
    }

    private static List<PlannedFolder> All(
        Invocation invocation, HostPlan plan, NetworkLayout network, string output)
    {
        var written = new List<PlannedFolder>();
        foreach (string host in network.Topology.Hosts)
        {
            if (plan.MissingKeys(host) is [var missing, ..])
                invocation.Progress.Say($"Left out {host}: {missing} is not here");
            else
                written.Add(OfHost(plan, network, host, Path.Combine(output, host)));
        }

        foreach (OrganizationTopology organization in network.Organizations.Where(plan.HasUsers))
            written.Add(OfClient(plan, organization, Path.Combine(output, $"client-{organization.Domain}")));

        File.WriteAllText(Path.Combine(output, ContainerFiles.StackName), ContainerFiles.Stack(network));
        return written;
    }

    private static PlannedFolder OfHost(HostPlan plan, NetworkLayout network, string host, string folder) =>
        new(folder, host, [.. HostGuide.Services(network.On(host)).Select(service => service.Name)],
            plan.WriteHost(host, folder));

    private static PlannedFolder OfClient(HostPlan plan, OrganizationTopology organization, string folder) =>
        new(folder, Host: null, Nodes: [], plan.WriteClient(organization, folder));

    private static void Show(Invocation invocation, List<PlannedFolder> written)
    {
        var table = new TextTable("folder", "runs", "private keys");
        foreach (PlannedFolder folder in written)
            table.Add(
                folder.Folder, folder.Host is null ? "clients" : string.Join(", ", folder.Nodes),
                folder.Keys.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));

        table.Show(invocation.Console);
        invocation.Progress.Say("Move each folder to its host and delete it here; README.md in it says how to go on");
    }
}

/// <summary>One folder that was written.</summary>
/// <param name="Host">Null for clients.</param>
/// <param name="Keys">Files of private keys, below the folder.</param>
internal sealed record PlannedFolder(
    string Folder, string? Host, IReadOnlyList<string> Nodes, IReadOnlyList<string> Keys);

using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Membership.Material;
using Node.Membership.Topology;

namespace Node.Cli.Commands.Networks;

/// <summary>
/// <c>crypto public</c> and <c>crypto import</c>: organisations that share no machine give each other their
/// certificates.
/// </summary>
internal static class PublicMaterialCommands
{
    private static readonly Option<string> s_output = new("--out", "-o")
    {
        Description = "Where to write it",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Argument<string> s_folder = new("DIR")
    {
        Description = "What `crypto public` of another organisation wrote",
    };

    public static Verb CreatePublic() => new Verb(
        "public", "Write the part of --org's keys and certificates that others need: no key at all",
        "crypto public --dir home --org org1 --out org1-public")
        .Takes(s_output)
        .Runs((invocation, _) => Task.FromResult(WritePublic(invocation)));

    public static Verb CreateImport() => new Verb(
        "import", "Take over the certificates of other organisations into the network of --dir",
        "crypto import org2-public --dir home")
        .Takes(s_folder)
        .Runs((invocation, _) => Task.FromResult(Import(invocation)));

    private static ExitCode WritePublic(Invocation invocation)
    {
        NetworkLayout network = NetworkLayout.Open(invocation);
        OrganizationTopology organization = NetworkFiles.OrganizationNamed(network, invocation.Organization);
        string output = invocation.Console.PathOf(invocation.Get(s_output)!);
        IReadOnlyList<PublicFile> files = Read(network.MaterialOf(organization));
        PublicMaterial.Write(files, network.WithMaterialIn(output).MaterialOf(organization));
        Show(invocation, [new ExchangedPart(organization.MspId.Value, output, files.Count, FingerprintOf(files))]);
        return ExitCode.Ok;
    }

    private static ExitCode Import(Invocation invocation)
    {
        NetworkLayout network = NetworkLayout.Open(invocation);
        string folder = invocation.Console.PathOf(invocation.Get(s_folder));
        NetworkLayout given = network.WithMaterialIn(folder);
        var taken = new List<ExchangedPart>();
        foreach (OrganizationTopology organization in network.Organizations)
        {
            OrganizationLayout from = given.MaterialOf(organization);
            if (!Directory.Exists(from.Root))
                continue;

            IReadOnlyList<PublicFile> files = Read(from);
            RequireNodesAtTheirHosts(network.Topology, organization, from);
            int written = PublicMaterial.Write(files, network.MaterialOf(organization));
            taken.Add(new ExchangedPart(
                organization.MspId.Value, network.MaterialOf(organization).Root, written, FingerprintOf(files)));
        }

        if (taken.Count == 0)
            throw new CommandFault(
                ExitCode.NotFound,
                $"{folder} holds no organisation of {NetworkTopology.FileName}: expected peerOrganizations/DOMAIN or " +
                "ordererOrganizations/DOMAIN.");

        Show(invocation, taken);
        return ExitCode.Ok;
    }

    private static IReadOnlyList<PublicFile> Read(OrganizationLayout layout) =>
        PublicMaterial.TryRead(layout, out IReadOnlyList<PublicFile>? files, out string? fault)
            ? files
            : throw new CommandFault(ExitCode.Usage, fault);

    // Found now, this is a letter; found when nodes connect, it is a day of searching.
    private static void RequireNodesAtTheirHosts(
        NetworkTopology topology, OrganizationTopology organization, OrganizationLayout from)
    {
        foreach (NodeTopology node in organization.Nodes)
        {
            string file = from.Node(node.Name).TlsCertificateFile;
            if (!File.Exists(file))
                throw new CommandFault(
                    ExitCode.Usage,
                    $"{NetworkTopology.FileName} has {node.Name}, but {file} is not there: both sides need the same " +
                    "file.");

            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            if (!certificate.MatchesHostname(topology.HostOf(node)))
                throw new CommandFault(
                    ExitCode.Usage,
                    $"{file} is not made for {topology.HostOf(node)}, where {NetworkTopology.FileName} places " +
                    $"{node.Name}: both sides need the same file.");
        }
    }

    private static string FingerprintOf(IReadOnlyList<PublicFile> files) => PublicMaterial.FingerprintOf(files);

    private static void Show(Invocation invocation, List<ExchangedPart> parts)
    {
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new { Organizations = parts });
            return;
        }

        var table = new TextTable("organisation", "folder", "files", "fingerprint of its roots");
        foreach (ExchangedPart part in parts)
            table.Add(
                part.MspId, part.Folder, part.Files.ToString(System.Globalization.CultureInfo.InvariantCulture),
                part.Fingerprint);

        table.Show(invocation.Console);
        invocation.Progress.Say(
            "Compare the fingerprint with the other organisation over another channel, by telephone for example");
    }
}

/// <summary>The public part of one organisation, given or taken.</summary>
/// <param name="Files">How many were written.</param>
internal sealed record ExchangedPart(string MspId, string Folder, int Files, string Fingerprint);

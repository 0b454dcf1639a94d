using System.CommandLine;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;

namespace Node.Cli.Commands.Networks;

/// <summary><c>crypto generate</c>: keys and certificates without a network.</summary>
internal static class CryptoCommand
{
    private static readonly Option<string> s_config = new("--config")
    {
        Description = "A crypto-config.yaml in cryptogen's language; default: the network of --dir, or the default " +
            "network",
        HelpName = "FILE",
    };

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "Where peerOrganizations and ordererOrganizations go (default: crypto-config in --dir)",
        HelpName = "DIR",
    };

    private static readonly Option<string> s_keyType = new("--key-type")
    {
        Description = "p256 or ed25519 (TLS keys are always p256)",
        HelpName = "TYPE",
        DefaultValueFactory = _ => "p256",
    };

    public static Command Create() => new("crypto", "Keys and certificates")
    {
        new Verb(
            "generate",
            "Make the keys and certificates that are missing, with --org of one organisation; what exists stays",
            "crypto generate --config crypto-config.yaml --output ./crypto-config")
            .Takes(s_config, s_output, s_keyType)
            .Runs((invocation, _) => Task.FromResult(Generate(invocation))),
        PublicMaterialCommands.CreatePublic(),
        PublicMaterialCommands.CreateImport(),
    };

    private static ExitCode Generate(Invocation invocation)
    {
        if (!KeyTypeNames.TryParse(invocation.Get(s_keyType)!, out KeyType keyType))
            throw new CommandFault(
                ExitCode.Usage, $"--key-type is p256 or ed25519, not \"{invocation.Get(s_keyType)}\".");

        string output = invocation.Get(s_output) is { } named
            ? invocation.Console.PathOf(named)
            : Path.Combine(invocation.Folder, "crypto-config");
        MaterialReport report = MaterialGenerator.Generate(
            Chosen(ReadConfig(invocation, keyType), invocation), output, keyType, invocation.Console.Clock);
        if (invocation.Json)
            JsonView.Write(
                invocation.Console,
                new { Folder = output, report.FilesWritten, report.Organizations, report.Identities });
        else
            invocation.Console.Output.WriteLine(
                $"{report.Organizations} organisations with {report.Identities} identities in {output}, " +
                $"{report.FilesWritten} files written");

        return ExitCode.Ok;
    }

    // An organisation that shares the network with others makes its own keys and nobody else's.
    private static CryptoConfig Chosen(CryptoConfig config, Invocation invocation)
    {
        if (!invocation.NamesOrganization)
            return config;

        var chosen = new CryptoConfig(
            [.. config.OrdererOrganizations.Where(IsNamed)], [.. config.PeerOrganizations.Where(IsNamed)]);
        IEnumerable<OrganizationSpec> all = config.OrdererOrganizations.Concat(config.PeerOrganizations);
        return chosen.OrdererOrganizations.Count + chosen.PeerOrganizations.Count > 0
            ? chosen
            : throw new CommandFault(
                ExitCode.NotFound,
                $"there is no organisation \"{invocation.Organization}\"; there are " +
                $"{string.Join(", ", all.Select(organization => organization.Domain))}.");

        bool IsNamed(OrganizationSpec organization) =>
            ((string[])[organization.Name, organization.Domain, $"{organization.Name}MSP"])
                .Contains(invocation.Organization, StringComparer.OrdinalIgnoreCase);
    }

    private static CryptoConfig ReadConfig(Invocation invocation, KeyType keyType)
    {
        string? fault;
        if (invocation.Get(s_config) is { } named)
        {
            string path = invocation.Console.PathOf(named);
            if (!File.Exists(path))
                throw new CommandFault(ExitCode.NotFound, $"there is no file {path}.");

            return CryptoConfig.TryLoad(path, out CryptoConfig? config, out fault)
                ? config
                : throw new CommandFault(ExitCode.Usage, fault);
        }

        string network = Path.Combine(invocation.Folder, NetworkTopology.FileName);
        if (!File.Exists(network))
            return NetworkTopology.Default(1, NetworkTopology.DefaultBasePort, keyType).ToCryptoConfig();

        return NetworkTopology.TryLoad(network, out NetworkTopology? topology, out fault)
            ? topology.ToCryptoConfig()
            : throw new CommandFault(ExitCode.Usage, fault);
    }
}

using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Topology;

namespace Node.Cli.Commands.Networks;

/// <summary>Options that say what a new network is like.</summary>
internal static class NewNetworkOptions
{
    private static readonly Option<int?> s_basePort = new("--base-port")
    {
        Description = "Move all ports of a new network so that the first orderer has this one (default " +
            $"{NetworkTopology.DefaultBasePort})",
        HelpName = "PORT",
    };

    private static readonly Option<string?> s_keyType = new("--key-type")
    {
        Description = "Keys of a new network: p256 (default) or ed25519",
        HelpName = "TYPE",
    };

    private static readonly Option<int> s_orderers = new("--orderers")
    {
        Description = "How many orderers a new network has: 1 (default) or 3, which share an etcd cluster",
        HelpName = "COUNT",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<bool> s_noCa = new("--no-ca")
    {
        Description = "A new network gets no certificate authorities",
    };

    private static readonly Option<bool> s_insecure = new("--insecure")
    {
        Description = "A new network speaks no TLS on any port: anybody on the way reads and changes everything",
    };

    public static Symbol[] All => [s_basePort, s_keyType, s_orderers, s_noCa, s_insecure];

    public static NetworkStartOptions Read(Invocation invocation)
    {
        int orderers = invocation.Get(s_orderers);
        if (orderers is not (1 or 3))
            throw new CommandFault(
                ExitCode.Usage,
                $"--orderers is 1 (its own disk keeps the log) or 3 (etcd keeps it), not {orderers}. Other numbers " +
                "can be written into network.yaml.");

        int? basePort = invocation.Get(s_basePort);
        if (basePort is < 1 or > NetworkTopology.BasePortMax)
            throw new CommandFault(
                ExitCode.Usage, $"--base-port {basePort} is out of range: it lies between 1 and " +
                    $"{NetworkTopology.BasePortMax}.");

        KeyType? keyType = null;
        if (invocation.Get(s_keyType) is { } text)
            keyType = KeyTypeNames.TryParse(text, out KeyType parsed)
                ? parsed
                : throw new CommandFault(ExitCode.Usage, $"--key-type is p256 or ed25519, not \"{text}\".");

        return new NetworkStartOptions(orderers, basePort, keyType, invocation.Get(s_noCa))
        {
            Insecure = invocation.Get(s_insecure),
        };
    }
}

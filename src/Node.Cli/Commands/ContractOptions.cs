using System.CommandLine;
using Node.Cli.Networks;

namespace Node.Cli.Commands;

/// <summary>Options of commands that speak to a channel or contract of one's choice.</summary>
internal static class ContractOptions
{
    public static Option<string> Channel { get; } = new("--channel")
    {
        Description = "The channel",
        HelpName = "NAME",
        DefaultValueFactory = _ => NetworkSession.DefaultChannel,
    };

    public static Option<string> Contract { get; } = new("--contract")
    {
        Description = "The contract",
        HelpName = "NAME",
        DefaultValueFactory = _ => NetworkSession.DefaultContract,
    };
}

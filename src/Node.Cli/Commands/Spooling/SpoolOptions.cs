using System.CommandLine;
using Node.Cli.Running;

namespace Node.Cli.Commands.Spooling;

/// <summary>What the spool commands share.</summary>
internal static class SpoolOptions
{
    public static readonly Option<string> Spool = new("--spool")
    {
        Description = "The spool's folder on this device",
        HelpName = "DIR",
        DefaultValueFactory = _ => "./hyperprov-spool",
    };

    public static readonly Option<string> Msp = new("--msp")
    {
        Description = "The device's MSP folder, with signcerts and keystore (default: the user of --org in --dir)",
        HelpName = "FOLDER",
    };

    public static readonly Option<string> MspId = new("--msp-id")
    {
        Description = "The MSP id of the device's organisation, with --msp",
        HelpName = "MSPID",
    };

    public static readonly Option<string> Location = new("--location")
    {
        Description = "Where content is to lie in the end, as records say it: a store that forward can reach "
            + "(default: it stays in the spool)",
        HelpName = "URI",
    };

    public static string FolderOf(Invocation invocation) => invocation.Console.PathOf(invocation.Get(Spool)!);
}

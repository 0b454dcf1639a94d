using System.CommandLine;

namespace Node.Cli.Running;

/// <summary>The options that every command understands.</summary>
internal sealed class CommonOptions
{
    public const string DefaultFolder = "hyperprov-data";

    public Option<string> Folder { get; } = new("--dir")
    {
        Description = "The network folder",
        HelpName = "DIR",
        DefaultValueFactory = _ => "./" + DefaultFolder,
        Recursive = true,
    };

    public Option<string> Organization { get; } = new("--org")
    {
        Description = "Whose peer to speak to, and whose user to be: a name, MSP id or domain of network.yaml",
        HelpName = "ORG",
        DefaultValueFactory = _ => "org1",
        Recursive = true,
    };

    public Option<string> User { get; } = new("--user")
    {
        Description = "Whom to be: a user of that organisation",
        HelpName = "USER",
        DefaultValueFactory = _ => "User1",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Results as JSON on standard output, faults as JSON on standard error",
        Recursive = true,
    };

    public void AddTo(Command root)
    {
        root.Add(Folder);
        root.Add(Organization);
        root.Add(User);
        root.Add(Json);
    }
}

using System.CommandLine;

namespace Node.Cli.Running;

/// <summary>One run of one command: its options, and the console it speaks to.</summary>
internal sealed class Invocation(ParseResult parsed, CommonOptions common, CliConsole console)
{
    public CliConsole Console { get; } = console;

    /// <summary>The network folder, absolute.</summary>
    public string Folder { get; } = console.PathOf(parsed.GetValue(common.Folder)!);

    /// <summary>False where the folder is the default one because the command line names none.</summary>
    public bool NamesFolder { get; } = parsed.GetResult(common.Folder) is { Implicit: false };

    /// <summary>As typed: org1, Org1MSP or org1.example.com.</summary>
    public string Organization { get; } = parsed.GetValue(common.Organization)!;

    /// <summary>False where the organisation is the default one because the command line names none.</summary>
    public bool NamesOrganization { get; } = parsed.GetResult(common.Organization) is { Implicit: false };

    public string User { get; } = parsed.GetValue(common.User)!;

    /// <summary>False where the user is the default one because the command line names none.</summary>
    public bool NamesUser { get; } = parsed.GetResult(common.User) is { Implicit: false };

    public bool Json { get; } = parsed.GetValue(common.Json);

    /// <summary>Progress lines; silent with --json.</summary>
    public ProgressLine Progress { get; } = new(console, quiet: parsed.GetValue(common.Json));

    public T Get<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    public string GetOrEmpty(Argument<string> argument) => parsed.GetValue(argument) ?? "";

    public string[] GetAll(Argument<string[]> argument) => parsed.GetValue(argument) ?? [];

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    /// <summary>Says on which network a person acts, in words for the next step.</summary>
    public string FolderOption => Folder == Console.PathOf(CommonOptions.DefaultFolder) ? "" : $" --dir {Folder}";
}

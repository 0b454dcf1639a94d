using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Node.Cli.Commands;
using Node.Cli.Running;

namespace Node.Cli;

/// <summary>The program `hyperprov`: every role of the network, and the commands that speak to it.</summary>
public static class Program
{
    /// <summary>How long a verb may take to end after Ctrl-C or SIGTERM: nodes finish what is in progress.</summary>
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(15);

    private static async Task<int> Main(string[] args) =>
        await RunAsync(args, CliConsole.OfThisProcess(), CancellationToken.None);

    /// <summary>Runs one command line and returns its exit code. Throws nothing.</summary>
    public static async Task<int> RunAsync(string[] args, CliConsole console, CancellationToken cancellation)
    {
        var common = new CommonOptions();
        RootCommand root = Root(common, console);
        ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Action is ParseErrorAction)
        {
            string line = string.Join(' ', parsed.Errors.Select(error => error.Message));
            Faults.Write(console, parsed.GetValue(common.Json), ExitCode.Usage, $"{line} See: {HelpOf(parsed)}");
            return (int)ExitCode.Usage;
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = console.Output,
                Error = console.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = s_stopTimeout,
            },
            cancellation);
    }

    private static RootCommand Root(CommonOptions common, CliConsole console)
    {
        var root = new RootCommand(
            "Hyperprov: a permissioned ledger that records which data came from what, and proves it.");
        common.AddTo(root);
        foreach (Command command in CommandList.All())
        {
            root.Add(command);
            Bind(command, common, console);
        }

        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction usual } help)
                help.Action = new ExampleHelp(usual);
        }

        return root;
    }

    private static void Bind(Command command, CommonOptions common, CliConsole console)
    {
        if (command is Verb { Body: { } body })
            command.SetAction((parsed, cancellation) => RunVerbAsync(body, parsed, common, console, cancellation));

        foreach (Command child in command.Subcommands)
            Bind(child, common, console);
    }

    private static async Task<int> RunVerbAsync(
        Func<Invocation, CancellationToken, Task<ExitCode>> body, ParseResult parsed, CommonOptions common,
        CliConsole console, CancellationToken cancellation)
    {
        // The library takes signals once the verb has given its thread back. A node that is told to stop in the middle
        // of its start must hear of it.
        await Task.Yield();
        try
        {
            return (int)await body(new Invocation(parsed, common, console), cancellation);
        }
        catch (Exception e)
        {
            // The end of the line: whatever it is, a person gets one sentence and a script gets a code.
            return (int)Faults.Report(e, console, parsed.GetValue(common.Json));
        }
    }

    private static string HelpOf(ParseResult parsed)
    {
        var names = new List<string>();
        for (CommandResult? at = parsed.CommandResult; at?.Parent is not null; at = at.Parent as CommandResult)
            names.Insert(0, at.Command.Name + " ");

        return $"./hyperprov {string.Concat(names)}--help";
    }
}

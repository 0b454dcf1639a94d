using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Node.Cli.Running;

/// <summary>The usual help, with the command's example below.</summary>
internal sealed class ExampleHelp(HelpAction inner) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        inner.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is Verb verb)
        {
            output.WriteLine("Example:");
            output.WriteLine($"  ./hyperprov {verb.Example}");
            output.WriteLine();
        }

        output.WriteLine(
            "Exit codes: 0 ok, 1 verification failed, 2 usage, 3 unreachable, 4 not found, 5 refused, 6 local");
        output.WriteLine("trouble (disk, port), 7 bug. See docs/cli.md.");
        return (int)ExitCode.Ok;
    }
}

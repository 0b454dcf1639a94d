using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Capturing;
using Node.Protocol;

namespace Node.Cli.Commands.Running;

/// <summary><c>run -- CMD …</c>: runs any command and records what went in, what came out, and how.</summary>
internal static class RunCommand
{
    private static readonly Argument<string[]> s_command = new("CMD")
    {
        Description = "The command and its arguments, after --",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> s_key = new("--key", "-k")
    {
        Description = "The key of the run's record (default: run/ and the command's name)",
        HelpName = "KEY",
    };

    private static readonly Option<string[]> s_inputs = new("--input", "-i")
    {
        Description = "Files that it reads: a path, a folder, or a pattern such as 'data/**/*.csv'; may be repeated",
        HelpName = "PATTERN",
    };

    private static readonly Option<string[]> s_outputs = new("--output", "-o")
    {
        Description = "Files that it writes; those that are new or altered are recorded; may be repeated",
        HelpName = "PATTERN",
    };

    private static readonly Option<string[]> s_parameters = new("--param", "-p")
    {
        Description = "A parameter to record; may be repeated",
        HelpName = "NAME=VALUE",
    };

    private static readonly Option<string> s_metrics = new("--metrics")
    {
        Description = "A file that it writes with what it measured: a JSON object, or lines of name=value",
        HelpName = "FILE",
    };

    private static readonly Option<string[]> s_environment = new("--env")
    {
        Description = "An environment variable to record beside the usual ones; never a secret; may be repeated",
        HelpName = "NAME",
    };

    private static readonly Option<string> s_description = new("--description", "-m")
    {
        Description = "Free text (default: the command, its exit code, time and metrics)",
        HelpName = "TEXT",
    };

    private static readonly Option<bool> s_inPlace = new("--in-place")
    {
        Description = "Leave content where it lies: record only checksums and paths",
    };

    public static Verb Create() =>
        new Verb(
            "run", "Run a command, and record its inputs, outputs, commit, environment, parameters and metrics",
            "run -i 'data/*.csv' -o 'models/*' -p epochs=20 --metrics metrics.json -- python3 train.py")
            .Takes(
                s_command, s_key, s_inputs, s_outputs, s_parameters, s_metrics, s_environment, s_description, s_inPlace)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        string[] command = invocation.Get(s_command);
        var options = new CaptureOptions
        {
            Command = command,
            Key = invocation.Get(s_key) ?? $"run/{Path.GetFileName(command[0])}",
            Folder = invocation.Console.Folder,
            Inputs = invocation.Get(s_inputs) ?? [],
            Outputs = invocation.Get(s_outputs) ?? [],
            Parameters = ReadParameters(invocation.Get(s_parameters) ?? []),
            Metrics = invocation.Get(s_metrics),
            Environment = invocation.Get(s_environment) ?? [],
            Description = invocation.Get(s_description) ?? "",
            InPlace = invocation.Get(s_inPlace),
        };
        try
        {
            CapturedRun run = await new RunCapture(session.Provenance, invocation.Console.Clock)
                .RunAsync(options, cancellation);
            Show(invocation, options, run);
            return (ExitCode)run.ExitCode;   // The command's own: a script sees no difference.
        }
        catch (RunNotRecordedException e) when (e.ExitCode != 0)
        {
            Faults.Write(invocation.Console, invocation.Json, ExitCode.Unreachable, e.Message);
            return (ExitCode)e.ExitCode;
        }
    }

    private static Dictionary<string, string> ReadParameters(string[] parameters)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string parameter in parameters)
        {
            int equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new CommandFault(ExitCode.Usage, $"--param is NAME=VALUE, not \"{parameter}\".");
            read[parameter[..equals]] = parameter[(equals + 1)..];
        }

        return read;
    }

    /// <summary>On standard error: standard output is the command's.</summary>
    private static void Show(Invocation invocation, CaptureOptions options, CapturedRun run)
    {
        if (invocation.Json)
        {
            invocation.Console.Error.WriteLine(JsonView.OneLine(new
            {
                options.Key,
                run.Record,
                run.ExitCode,
                Seconds = run.Duration.TotalSeconds,
                OverheadSeconds = run.Overhead.TotalSeconds,
                Inputs = run.Inputs.Select(Describe),
                Outputs = run.Outputs.Select(Describe),
            }));
            return;
        }

        invocation.Progress.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"recorded {options.Key} as {run.Record}: {run.Inputs.Count} inputs, {run.Outputs.Count} outputs, " +
            $"exit code {run.ExitCode}, {run.Duration.TotalSeconds:F2} s, " +
            $"and {run.Overhead.TotalSeconds:F2} s for recording"));
    }

    private static object Describe((CapturedFile File, TxId Record) captured) => new
    {
        captured.File.Path,
        captured.File.Checksum,
        captured.File.Bytes,
        captured.Record,
    };
}

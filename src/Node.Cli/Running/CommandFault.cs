namespace Node.Cli.Running;

/// <summary>Ends a command with an exit code and one line: what, where, and what to do.</summary>
internal sealed class CommandFault(ExitCode code, string message) : Exception(message)
{
    public ExitCode Code { get; } = code;
}

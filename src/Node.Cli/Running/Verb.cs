using System.CommandLine;

namespace Node.Cli.Running;

/// <summary>A command that does something, with the example its help shows.</summary>
internal sealed class Verb : Command
{
    /// <param name="example">Without the program's name: "put report.csv --key report".</param>
    public Verb(string name, string description, string example)
        : base(name, description) =>
        Example = example;

    public string Example { get; }

    /// <summary>Set by <see cref="Runs"/>.</summary>
    public Func<Invocation, CancellationToken, Task<ExitCode>>? Body { get; private set; }

    public Verb Takes(params Symbol[] symbols)
    {
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
                Add(argument);
            else
                Add((Option)symbol);
        }

        return this;
    }

    public Verb Runs(Func<Invocation, CancellationToken, Task<ExitCode>> body)
    {
        Body = body;
        return this;
    }
}

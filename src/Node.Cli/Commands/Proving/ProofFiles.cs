using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Receipts;
using Node.Protocol;

namespace Node.Cli.Commands.Proving;

/// <summary>What the commands that verify proof files share.</summary>
internal static class ProofFiles
{
    public static async Task<byte[]> ReadAsync(Invocation invocation, string name, CancellationToken cancellation)
    {
        string path = invocation.Console.PathOf(name);
        if (!File.Exists(path))
            throw new CommandFault(ExitCode.NotFound, $"no file {path}");

        long bytes = new FileInfo(path).Length;
        return bytes <= Limits.ProofFileBytesMax
            ? await File.ReadAllBytesAsync(path, cancellation)
            : throw new CommandFault(
                ExitCode.VerificationFailed,
                $"{path} has {bytes} bytes, a proof has at most {Limits.ProofFileBytesMax}: this is something else.");
    }

    public static void ShowSteps(CliConsole console, IEnumerable<VerificationStep> steps)
    {
        var table = new TextTable("step", "", "why");
        foreach (VerificationStep step in steps)
        {
            (string word, string color) = step.Outcome switch
            {
                StepOutcome.Passed => ("passed", "green"),
                StepOutcome.Failed => ("FAILED", "red"),
                _ => ("not reached", "grey"),
            };
            table.Add(step.Name, new TextTable.Cell(word, color), step.Why);
        }

        table.Show(console);
    }
}

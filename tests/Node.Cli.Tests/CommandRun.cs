using System.Text;
using System.Text.Json;
using Node.Cli.Running;

namespace Node.Cli.Tests;

/// <summary>One command line, run in this process, and everything it said.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <param name="folder">Where relative paths start.</param>
    public static async Task<CommandRun> OfAsync(string folder, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var binary = new MemoryStream();
        var console = new CliConsole(output, error, isTerminal: false, isErrorTerminal: false)
        {
            Folder = folder,
            BinaryOutput = binary,
            Input = new MemoryStream(Encoding.UTF8.GetBytes("from standard input")),
        };
        int code = await Program.RunAsync(arguments, console, CancellationToken.None);
        return new CommandRun(code, output.ToString(), error.ToString());
    }
}

/// <summary>A folder of its own for one test, removed with everything in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hyperprov-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

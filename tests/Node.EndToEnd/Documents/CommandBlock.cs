using System.Diagnostics;

namespace Node.EndToEnd.Documents;

/// <summary>
/// The commands of a document that stand below a line <c>&lt;!-- run: NAME --&gt;</c>, run as a person would run
/// them: in a folder of their own, on a machine of their own as far as network and host names go.
/// </summary>
/// <remarks>
/// Blocks with one name are run one after the other in one shell. The folder has <c>./hyperprov</c>. Networks that the
/// commands leave running are taken down when the block has ended.
/// </remarks>
internal sealed class CommandBlock : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    private readonly string _name;
    private readonly List<string> _commands;

    public CommandBlock(string document, string name)
    {
        _name = $"{document}, {name}";
        _commands = Read(Path.Combine(Cli.Root, document), name);
        Assert.True(_commands.Count > 0, $"{_name}: no commands are marked with this name.");
        File.WriteAllText(
            Path.Combine(Folder, "hyperprov"), $"#!/bin/sh\nexec dotnet '{Cli.Program}' \"$@\"\n");
        File.WriteAllText(Path.Combine(Folder, ".etc-hosts"), "127.0.0.1 localhost\n");
    }

    /// <summary>Where the commands run. What they read is put here first.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("hyperprov-doc-").FullName;

    /// <summary>A name that is found under this address while the commands run.</summary>
    public void AddHost(string address, string name) =>
        File.AppendAllText(Path.Combine(Folder, ".etc-hosts"), $"{address} {name}\n");

    /// <summary>Runs all commands; the first that fails fails the test with everything that was printed.</summary>
    public async Task<string> RunAsync()
    {
        string script = Path.Combine(Folder, "commands.sh");
        await File.WriteAllTextAsync(script, $"""
            set -eu
            chmod +x hyperprov
            mount --bind .etc-hosts /etc/hosts
            ip link set lo up
            ended() (
                code=$?
                set +ex
                for network in $(find . -name network.yaml -printf '%h\n'); do
                    ./hyperprov network down --dir "$network" >/dev/null 2>&1
                done
                exit $code
            )
            trap ended EXIT
            set -x
            {string.Join('\n', _commands)}
            """);
        var start = new ProcessStartInfo("unshare")
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (string argument in (string[])["--map-root-user", "--net", "--mount", "bash", script])
            start.ArgumentList.Add(argument);

        using Process process = Process.Start(start)
            ?? throw new InvalidOperationException("unshare (util-linux) did not start");
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(s_limit);
        string said = $"{await output}\n{await error}";
        Assert.True(process.ExitCode == 0, $"{_name}: exit code {process.ExitCode}\n{said}");
        return said;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static List<string> Read(string file, string name)
    {
        List<string> commands = [];
        string[] lines = File.ReadAllLines(file);
        for (int i = 0; i + 1 < lines.Length; i++)
        {
            if (lines[i] != $"<!-- run: {name} -->")
                continue;

            Assert.True(lines[i + 1] == "```sh", $"{file}({i + 2}): a shell block must follow the mark.");
            commands.AddRange(lines.Skip(i + 2).TakeWhile(line => line != "```"));
        }

        return commands;
    }
}

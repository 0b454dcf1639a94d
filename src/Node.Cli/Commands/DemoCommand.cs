using System.Globalization;
using Node.Cli.Commands.Networks;
using Node.Cli.Demonstrating;
using Node.Cli.Networks;
using Node.Cli.Running;
using Spectre.Console;

namespace Node.Cli.Commands;

/// <summary><c>demo</c>: the whole of it in under a minute.</summary>
internal static class DemoCommand
{
    private static readonly string s_sample = Path.Combine("samples", "weather", "seattle-weather.csv");

    public static Verb Create() =>
        new Verb(
            "demo", "Start a network, record four years of weather, prove it, catch an altered byte", "demo")
            .Takes(NewNetworkOptions.All)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        long started = invocation.Console.Clock.GetTimestamp();
        string csv = await File.ReadAllTextAsync(FindSample(), cancellation);
        await NetworkStart.RunAsync(invocation, NewNetworkOptions.Read(invocation), cancellation);
        using NetworkSession observers = NetworkSession.Open(invocation, "org1", "User1");
        using NetworkSession analysts = NetworkSession.Open(invocation, "org2", "User1");
        await new DemoStory(invocation, observers, analysts).TellAsync(csv, cancellation);
        ShowWhatNext(invocation, invocation.Console.Clock.GetElapsedTime(started));
        return ExitCode.Ok;
    }

    // Beside the sources, wherever the program was built from them; else beside the program.
    private static string FindSample()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string path = Path.Combine(folder, s_sample);
            if (File.Exists(path))
                return path;
        }

        throw new CommandFault(
            ExitCode.NotFound, $"the demo's data, {s_sample}, is not beside the program. Get it from the repository.");
    }

    private static void ShowWhatNext(Invocation invocation, TimeSpan elapsed)
    {
        string option = invocation.FolderOption;
        string seconds = elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        IAnsiConsole screen = invocation.Console.Screen;
        screen.WriteLine();
        screen.MarkupLine($"[bold green]All as told, in {seconds} s.[/] The network runs on; everything is in " +
            $"{Markup.Escape(invocation.Folder)}.");
        screen.MarkupLine("[bold]Try next[/]");
        string[] next =
        [
            $"./hyperprov put README.md --key my/file --depends weather/climate{option}",
            $"./hyperprov lineage my/file{option}",
            $"./hyperprov lineage weather/month/2013-09 --down{option}",
            $"./hyperprov get weather/climate -o climate.csv{option}",
            $"./hyperprov block latest{option}",
            $"./hyperprov ledger verify {invocation.Folder}",
            $"./hyperprov network down{option}",
        ];
        foreach (string line in next)
            screen.WriteLine("  " + line);
    }
}

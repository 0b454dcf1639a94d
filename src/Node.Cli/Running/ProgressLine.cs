using Spectre.Console;

namespace Node.Cli.Running;

/// <summary>Tells a person what is going on, on standard error.</summary>
internal sealed class ProgressLine(CliConsole console, bool quiet)
{
    /// <summary>One line, said at once.</summary>
    public void Say(string line)
    {
        if (!quiet)
            console.Error.WriteLine(line);
    }

    /// <summary>
    /// Runs something that may take a while, with a spinner where there is a terminal, else with one line.
    /// </summary>
    public async Task<T> WhileAsync<T>(string doing, Func<Action<string>, Task<T>> work)
    {
        if (quiet)
            return await work(_ => { });

        if (!console.IsErrorTerminal)
        {
            console.Error.WriteLine(doing);
            return await work(_ => { });
        }

        return await console.ErrorScreen.Status().Spinner(Spinner.Known.Dots).StartAsync(
            Markup.Escape(doing),
            context => work(text => context.Status(Markup.Escape(text))));
    }

    public Task WhileAsync(string doing, Func<Action<string>, Task> work) =>
        WhileAsync(doing, async report =>
        {
            await work(report);
            return true;
        });
}

using System.Text;
using Spectre.Console;

namespace Node.Cli.Running;

/// <summary>Everything a command says and hears, so that tests run commands without a terminal.</summary>
public sealed class CliConsole
{
    // So wide that nothing wraps: another program reads it, or a person who can scroll.
    private const int PlainWidth = 1 << 15;

    public CliConsole(TextWriter output, TextWriter error, bool isTerminal, bool isErrorTerminal)
    {
        Output = output;
        Error = error;
        IsTerminal = isTerminal;
        IsErrorTerminal = isErrorTerminal;
        Screen = ScreenOn(output, isTerminal);
        ErrorScreen = ScreenOn(error, isErrorTerminal);
    }

    /// <summary>Results, and nothing else.</summary>
    public TextWriter Output { get; }

    /// <summary>Progress and faults.</summary>
    public TextWriter Error { get; }

    public bool IsTerminal { get; }

    public bool IsErrorTerminal { get; }

    /// <summary>The same as <see cref="Output"/>, for tables and trees.</summary>
    public IAnsiConsole Screen { get; }

    /// <summary>The same as <see cref="Error"/>, for progress.</summary>
    public IAnsiConsole ErrorScreen { get; }

    /// <summary>What <c>put -</c> reads.</summary>
    public Stream Input { get; init; } = Stream.Null;

    /// <summary>What <c>get</c> writes bytes to when it has no file.</summary>
    public Stream BinaryOutput { get; init; } = Stream.Null;

    /// <summary>Relative paths start here.</summary>
    public string Folder { get; init; } = Environment.CurrentDirectory;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public static CliConsole OfThisProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true };
        var error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true };
        return new CliConsole(output, error, !Console.IsOutputRedirected, !Console.IsErrorRedirected)
        {
            Input = Console.OpenStandardInput(),
            BinaryOutput = Console.OpenStandardOutput(),
        };
    }

    public string PathOf(string path) => Path.GetFullPath(path, Folder);

    private static IAnsiConsole ScreenOn(TextWriter writer, bool isTerminal)
    {
        IAnsiConsole screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal)
            screen.Profile.Width = PlainWidth;

        return screen;
    }
}

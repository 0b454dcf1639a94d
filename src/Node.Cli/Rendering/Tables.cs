using Node.Cli.Running;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Node.Cli.Rendering;

/// <summary>What several views share: facts, trees, and the colours of a terminal where there is one.</summary>
internal static class Tables
{
    private const int ShortChars = 12;

    /// <summary>
    /// Names on the left, values on the right; what is empty is left out, and lines of a value are kept.
    /// </summary>
    public static void ShowFacts(CliConsole console, params ReadOnlySpan<(string Name, string Value)> facts)
    {
        int width = 0;
        foreach ((string name, _) in facts)
            width = Math.Max(width, name.Length);

        foreach ((string name, string value) in facts)
        {
            string label = name;
            foreach (string line in value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                console.Screen.Markup($"[grey]{Markup.Escape(label.PadRight(width))}[/]");
                console.Output.WriteLine("  " + line);
                label = "";
            }
        }
    }

    public static Tree Tree(CliConsole console, string rootMarkup) => new(new Markup(rootMarkup))
    {
        Guide = console.IsTerminal ? TreeGuide.Line : TreeGuide.Ascii,
        Style = new Style(Color.Grey),
    };

    public static void Show(CliConsole console, IRenderable what)
    {
        console.Screen.Write(what);
        console.Output.Flush();
    }

    public static string Escape(string text) => Markup.Escape(text);

    /// <summary>Enough of an id to tell it from others by eye.</summary>
    public static string Short(string hex) => hex.Length <= ShortChars ? hex : hex[..ShortChars];
}

using Node.Cli.Running;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Node.Cli.Rendering;

/// <summary>Tables and trees, drawn for a terminal and plain for anything else.</summary>
internal static class Tables
{
    private const int ShortChars = 12;

    public static Table New(CliConsole console, params ReadOnlySpan<string> columns)
    {
        var table = new Table
        {
            Border = console.IsTerminal ? TableBorder.Rounded : TableBorder.None,
            BorderStyle = new Style(Color.Grey),
        };
        foreach (string column in columns)
            table.AddColumn(
                new TableColumn(new Markup($"[bold]{Markup.Escape(column)}[/]")) { NoWrap = !console.IsTerminal });

        return table;
    }

    /// <summary>Names on the left, values on the right; what is empty is left out.</summary>
    public static Grid Facts(params ReadOnlySpan<(string Name, string Value)> facts)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn().NoWrap().PadRight(2));
        grid.AddColumn(new GridColumn());
        foreach ((string name, string value) in facts)
        {
            if (value.Length > 0)
                grid.AddRow(new Markup($"[grey]{Markup.Escape(name)}[/]"), new Text(value));
        }

        return grid;
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

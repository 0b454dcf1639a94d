using System.CommandLine;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Lineages;

namespace Node.Cli.Commands.Lineages;

/// <summary>Options of the commands that show a graph.</summary>
internal static class LineageOptions
{
    private const int WidthDefault = 40;

    private static readonly Option<string> s_format = FormatOption();

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "Write to this file instead of standard output; its ending names the format",
        HelpName = "FILE",
    };

    private static readonly Option<int> s_width = new("--width")
    {
        Description = "Draw at most so many records below each one of a tree",
        HelpName = "COUNT",
        DefaultValueFactory = _ => WidthDefault,
    };

    private static readonly Option<string> s_title = new("--title")
    {
        Description = "What stands above an SVG picture",
        HelpName = "TEXT",
    };

    public static Symbol[] All => [s_format, s_output, s_width, s_title];

    public static Option<int> Depth { get; } = new("--depth")
    {
        Description = "At most so many levels; negative: all",
        HelpName = "COUNT",
        DefaultValueFactory = _ => -1,
    };

    /// <summary>Null when the command line names none.</summary>
    public static Option<ulong?> AsOf { get; } = new("--as-of")
    {
        Description = "As it was at this height: what lies in this block or later is not there",
        HelpName = "HEIGHT",
    };

    public static Task WriteAsync(Invocation invocation, LineageGraph graph, CancellationToken cancellation)
    {
        string? file = invocation.Get(s_output);

        // A file takes it all; a screen has an end.
        int width = file is null or "-" ? invocation.Get(s_width) : LineageTree.AllWidth;
        return LineageOutput.WriteAsync(
            invocation, graph, invocation.Get(s_format), file, width, invocation.Get(s_title) ?? "", cancellation);
    }

    private static Option<string> FormatOption()
    {
        var option = new Option<string>("--format")
        {
            Description = "tree, json, dot, mermaid or svg",
            HelpName = "FORMAT",
        };
        option.AcceptOnlyFromAmong(LineageOutput.Formats);
        return option;
    }
}

using System.Globalization;
using System.Text;
using Node.Cli.Running;
using Node.Client.Lineages;
using Node.Client.Storing;

namespace Node.Cli.Rendering;

/// <summary>A graph in the format that the command line names, to the screen or to a file.</summary>
internal static class LineageOutput
{
    public const string Tree = "tree";

    /// <summary>What --format understands.</summary>
    public static readonly string[] Formats = [Tree, "json", "dot", "mermaid", "svg"];

    /// <param name="format">Null: as the file's ending says, else JSON with --json, else a tree.</param>
    /// <param name="file">Null or "-": standard output.</param>
    /// <param name="title">Of a picture; empty: what the graph says of itself.</param>
    public static async Task WriteAsync(
        Invocation invocation, LineageGraph graph, string? format, string? file, int width, string title,
        CancellationToken cancellation)
    {
        string chosen = format ?? OfEnding(file) ?? (invocation.Json ? "json" : Tree);
        bool isScreen = file is null or "-";
        if (isScreen && chosen == Tree)
        {
            LineageView.Show(invocation.Console, graph, width);
            return;
        }

        byte[] bytes = chosen switch
        {
            "json" => LineageJsonText.Write(graph),
            "dot" => Encoding.UTF8.GetBytes(LineageDot.Write(graph)),
            "mermaid" => Encoding.UTF8.GetBytes(LineageMermaid.Write(graph)),
            "svg" => LineageSvg.Draw(graph, new LineageSvgOptions { Title = title }),
            _ => Encoding.UTF8.GetBytes(LineageText.Write(graph, width)),
        };
        await WriteAsync(invocation, bytes, file, cancellation);
    }

    /// <summary>Text in UTF-8 to the screen, or to a file that is there in full or not at all.</summary>
    public static async Task WriteAsync(
        Invocation invocation, byte[] bytes, string? file, CancellationToken cancellation)
    {
        if (file is null or "-")
        {
            await invocation.Console.Output.WriteAsync(Encoding.UTF8.GetString(bytes));
            return;
        }

        string path = invocation.Console.PathOf(file);
        await DurableFile.ReplaceAsync(path, bytes, cancellation);
        invocation.Progress.Say($"Wrote {path}");
    }

    /// <summary>"1 record", "2 records".</summary>
    public static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string? OfEnding(string? file) => Path.GetExtension(file ?? "").ToLowerInvariant() switch
    {
        ".svg" => "svg",
        ".json" => "json",
        ".dot" or ".gv" => "dot",
        ".mmd" or ".mermaid" => "mermaid",
        ".txt" => Tree,
        _ => null,
    };
}

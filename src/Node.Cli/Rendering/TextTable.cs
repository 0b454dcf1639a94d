using Node.Cli.Running;
using Spectre.Console;

namespace Node.Cli.Rendering;

/// <summary>
/// Rows under headings: drawn with borders on a terminal, else in plain columns without trailing blanks.
/// </summary>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<Cell[]> _rows = [];

    /// <param name="Color">A Spectre colour; null for the terminal's own.</param>
    internal readonly record struct Cell(string Text, string? Color)
    {
        public static implicit operator Cell(string text) => new(text, Color: null);
    }

    public void Add(params Cell[] cells) => _rows.Add(cells);

    public void Show(CliConsole console)
    {
        if (console.IsTerminal)
            ShowDrawn(console);
        else
            ShowPlain(console);
    }

    private void ShowDrawn(CliConsole console)
    {
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = new Style(Color.Grey) };
        foreach (string column in columns)
            table.AddColumn(new TableColumn(new Markup($"[bold]{Markup.Escape(column)}[/]")));

        foreach (Cell[] row in _rows)
            table.AddRow(row.Select(Drawn));

        console.Screen.Write(table);
    }

    private void ShowPlain(CliConsole console)
    {
        int[] widths = [.. columns.Select((column, index) =>
            _rows.Select(row => row[index].Text.Length).Append(column.Length).Max())];
        WriteLine(columns);
        foreach (Cell[] row in _rows)
            WriteLine(row.Select(cell => cell.Text));

        void WriteLine(IEnumerable<string> cells) => console.Output.WriteLine(
            string.Concat(cells.Select((cell, index) => cell.PadRight(widths[index] + 2))).TrimEnd());
    }

    private static Markup Drawn(Cell cell) =>
        new(cell.Color is null ? Markup.Escape(cell.Text) : $"[{cell.Color}]{Markup.Escape(cell.Text)}[/]");
}

using System.Globalization;
using Node.Cli.Benching.Experiments;
using Node.Cli.Benching.Reporting;
using Node.Cli.Running;

namespace Node.Cli.Rendering;

/// <summary>Results of measurements for people: the thesis beside ours, or a run's own figures.</summary>
internal static class BenchView
{
    private const int RowsMax = 12;

    public static void Show(
        CliConsole console, IReadOnlyList<ExperimentResult> results, RunDescription run, string folder)
    {
        Comparison[] comparisons = [.. results.SelectMany(result => result.Comparisons)];
        if (comparisons.Length > 0)
            ShowComparisons(console, comparisons);
        else
            ShowTables(console, results);

        foreach (string note in results.SelectMany(result => result.Notes))
            console.Output.WriteLine(note);

        console.Output.WriteLine($"Machine: {run.Machine}");
        console.Output.WriteLine($"Tables, charts and summary.md: {folder}");
    }

    private static void ShowComparisons(CliConsole console, Comparison[] comparisons)
    {
        var table = new TextTable("", "unit", "thesis", "ours", "factor");
        foreach (Comparison one in comparisons)
            table.Add(
                one.What, one.Unit, ResultFolder.Short(one.Thesis), ResultFolder.Short(one.Ours),
                new TextTable.Cell(ResultFolder.FactorText(one), one.Factor >= 1 ? "green" : "yellow"));

        table.Show(console);
    }

    private static void ShowTables(CliConsole console, IReadOnlyList<ExperimentResult> results)
    {
        IEnumerable<ResultTable> all = results.SelectMany(result => result.Tables);
        foreach (ResultTable shown in all.Where(one => one.Rows.Count <= RowsMax))
        {
            var table = new TextTable([.. shown.Columns]);
            foreach (object[] row in shown.Rows)
                table.Add([.. row.Select(cell => new TextTable.Cell(
                    cell is double value ? ResultFolder.Short(value)
                        : Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "", Color: null))]);

            table.Show(console);
            console.Output.WriteLine();
        }
    }
}

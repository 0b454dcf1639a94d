using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Node.Cli.Benching.Experiments;
using Node.Cli.Benching.Measuring;

namespace Node.Cli.Benching.Reporting;

/// <summary>What all experiments of a run have in common.</summary>
/// <param name="Limits">How the channel cuts blocks, for people.</param>
/// <param name="Load">The machine's load average before the run and after it: what else was going on.</param>
internal sealed record RunDescription(
    MachineDescription Machine, string Scale, string Limits, string Nodes, string Load, DateTimeOffset Begun,
    string Command);

/// <summary>
/// Writes results as files: CSV for every table, SVG for every chart, <c>measurement*.json</c> in the format of 2019,
/// and for all of them <c>results.json</c> and <c>summary.md</c>.
/// </summary>
internal sealed class ResultFolder(string folder)
{
    /// <summary>Longer tables, such as every single transaction, are CSV alone.</summary>
    private const int RowsOfJsonMax = 1000;

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string Path { get; } = folder;

    /// <summary>
    /// Writes one experiment's own files as soon as it is over, so that what comes later cannot cost it.
    /// </summary>
    public void Write(ExperimentResult result)
    {
        Directory.CreateDirectory(Path);
        foreach (ResultTable table in result.Tables)
            Write($"{Prefix(result)}{table.Name}.csv", ToCsv(table));

        foreach ((string name, string svg) in result.Charts)
            Write($"{Prefix(result)}{name}.svg", svg);

        foreach ((string name, MeasurementFile measurement) in result.Measurements)
            Write($"{name}.json", measurement.ToJson() + "\n");
    }

    /// <summary>Writes a text file; lines end with a line feed.</summary>
    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path);
        File.WriteAllText(System.IO.Path.Combine(Path, name), text);
    }

    public void WriteAll(IReadOnlyList<ExperimentResult> results, RunDescription run)
    {
        Write("results.json", JsonSerializer.Serialize(ToValue(results, run), s_json) + "\n");
        Write("summary.md", ToMarkdown(results, run));
    }

    /// <summary>The same value as <c>results.json</c> holds.</summary>
    public static object ToValue(IReadOnlyList<ExperimentResult> results, RunDescription run) => new
    {
        run.Machine,
        run.Scale,
        run.Limits,
        run.Nodes,
        run.Load,
        run.Begun,
        run.Command,
        Experiments = results.Select(result => new
        {
            result.Letter,
            result.Title,
            result.How,
            result.Notes,
            Comparisons = result.Comparisons.Select(comparison => new
            {
                comparison.What,
                comparison.Unit,
                comparison.Thesis,
                Ours = Rounded(comparison.Ours),
                Factor = comparison.Factor is { } factor ? Rounded(factor) : (double?)null,
                comparison.Remark,
            }),
            Tables = result.Tables.Where(table => table.Rows.Count <= RowsOfJsonMax).Select(table => new
            {
                table.Name,
                table.Columns,
                Rows = table.Rows.Select(row => row.Select(cell => cell is double number ? Rounded(number) : cell)),
            }),
        }),
    };

    public static string ToCsv(ResultTable table)
    {
        var text = new StringBuilder();
        text.Append(string.Join(',', table.Columns.Select(Quoted))).Append('\n');
        foreach (object[] row in table.Rows)
            text.Append(string.Join(',', row.Select(cell => Quoted(Text(cell))))).Append('\n');

        return text.ToString();
    }

    public static string ToMarkdown(IReadOnlyList<ExperimentResult> results, RunDescription run)
    {
        var text = new StringBuilder();
        Line(text, $"# Experiments of {run.Begun.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}");
        Line(text, "");
        Line(text, $"Command: `{run.Command}`. Machine: {run.Machine}.");
        Line(text, $"Network: {run.Nodes}, all on this machine together with the clients. Blocks: {run.Limits}.");
        Line(text, $"Load average of the machine: {run.Load}.");
        Line(text, "");
        Line(
            text,
            "The thesis is HyperProv's of 2019 (Fabric 1.4); `docs/experiments.md` says how far the two are alike.");
        Line(text, "");
        Comparison[] comparisons = [.. results.SelectMany(result => result.Comparisons)];
        if (comparisons.Length > 0)
        {
            Line(text, "| | unit | thesis | ours | factor | |");
            Line(text, "|---|---|---:|---:|---:|---|");
            foreach (Comparison one in comparisons)
                Line(text, $"| {one.What} | {one.Unit} | {Short(one.Thesis)} | {Short(one.Ours)} | {FactorText(one)} | "
                    + $"{one.Remark} |");

            Line(text, "");
        }

        foreach (ExperimentResult result in results)
            AddExperiment(text, result);

        return text.ToString();
    }

    /// <summary>× 12.3; a dash where nothing can be compared.</summary>
    public static string FactorText(Comparison comparison) =>
        comparison.Factor is { } factor ? $"× {Short(factor)}" : "–";

    /// <summary>Three digits that say something.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        0 => "0",
        < 0.1 => value.ToString("0.####", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00", CultureInfo.InvariantCulture),
    };

    private static void AddExperiment(StringBuilder text, ExperimentResult result)
    {
        const int RowsMax = 60;
        Line(text, $"## {result.Letter}. {result.Title}");
        Line(text, "");
        Line(text, result.How);
        Line(text, "");
        foreach (string note in result.Notes)
        {
            Line(text, note);
            Line(text, "");
        }

        foreach (string chart in result.Charts.Keys)
            Line(text, $"![{result.Letter}, {chart}]({Prefix(result)}{chart}.svg)");

        Line(text, "");
        foreach (ResultTable table in result.Tables)
        {
            if (table.Rows.Count > RowsMax)
            {
                string file = $"{Prefix(result)}{table.Name}.csv";
                Line(text, $"{table.Rows.Count} rows: [{file}]({file})");
                Line(text, "");
                continue;
            }

            if (table.Name.StartsWith("samples", StringComparison.Ordinal))
                continue;

            Line(text, $"| {string.Join(" | ", table.Columns)} |");
            Line(text, "|" + string.Concat(table.Columns.Select(_ => "---|")));
            foreach (object[] row in table.Rows)
            {
                IEnumerable<string> cells = row.Select(cell => cell is double value ? Short(value) : Text(cell));
                Line(text, $"| {string.Join(" | ", cells)} |");
            }

            Line(text, "");
        }
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string Prefix(ExperimentResult result) =>
        result.Letter.Length == 0 ? "" : result.Letter.ToLowerInvariant() + "-";

    private static double Rounded(double value) => Math.Round(value, 4);

    private static string Text(object cell) => cell switch
    {
        double value => value.ToString("0.####", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(format: null, CultureInfo.InvariantCulture),
        _ => cell.ToString() ?? "",
    };

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\n\r") < 0
        ? text
        : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

using Node.Cli.Benching.Measuring;

namespace Node.Cli.Benching.Experiments;

/// <summary>Rows under headings. Cells are numbers or texts.</summary>
/// <param name="Columns">Each with its unit.</param>
internal sealed record ResultTable(string Name, IReadOnlyList<string> Columns)
{
    public List<object[]> Rows { get; } = [];

    public void Add(params object[] cells) => Rows.Add(cells);
}

/// <summary>One figure of the thesis beside ours.</summary>
/// <param name="What">With its parameters, as the thesis names it.</param>
/// <param name="Remark">Where the two are not alike; empty where they are.</param>
internal sealed record Comparison(
    string What, string Unit, double Thesis, double Ours, bool IsMoreBetter, string Remark)
{
    /// <summary>How many times better ours is; below 1 it is worse. Null when ours was not measured.</summary>
    public double? Factor => Ours <= 0 || Thesis <= 0 ? null : IsMoreBetter ? Ours / Thesis : Thesis / Ours;
}

/// <summary>What one experiment came to.</summary>
internal sealed record ExperimentResult(string Letter, string Title, string How)
{
    public List<ResultTable> Tables { get; } = [];

    public List<Comparison> Comparisons { get; } = [];

    /// <summary>SVG by file name, without its ending.</summary>
    public Dictionary<string, string> Charts { get; } = new(StringComparer.Ordinal);

    /// <summary>Files in the format of 2019, by name without its ending.</summary>
    public Dictionary<string, MeasurementFile> Measurements { get; } = new(StringComparer.Ordinal);

    /// <summary>What a reader must know to judge the figures.</summary>
    public List<string> Notes { get; } = [];
}

/// <summary>One of the experiments of the thesis, A to H.</summary>
internal interface IExperiment
{
    /// <summary>A to H.</summary>
    string Letter { get; }

    string Title { get; }

    Task<ExperimentResult> RunAsync(BenchBed bed, CancellationToken cancellation);
}

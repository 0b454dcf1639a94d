namespace Node.Cli.Benching.Experiments;

/// <summary>How much of the experiments is run: seconds, minutes, or all that the thesis did.</summary>
internal sealed record BenchScale
{
    private const int SizeLeast = 1000;

    public required string Name { get; init; }

    /// <summary>Repetitions of each step of the sweeps.</summary>
    public required int Samples { get; init; }

    /// <summary>Largest batch of experiment A.</summary>
    public required int BatchMax { get; init; }

    /// <summary>Factor between two steps of experiment B.</summary>
    public required double SizeGrowth { get; init; }

    /// <summary>Largest content of experiment B with batches of ten.</summary>
    public required long SizeMax { get; init; }

    /// <summary>The larger batch of experiment B.</summary>
    public required int LargeBatch { get; init; }

    /// <summary>Largest content of experiment B with the larger batch.</summary>
    public required long LargeBatchSizeMax { get; init; }

    /// <summary>Calls of each operation in experiment C.</summary>
    public required int Operations { get; init; }

    /// <summary>Pause between two calls in experiment C.</summary>
    public required TimeSpan Pause { get; init; }

    /// <summary>Depths asked for in experiment D, ascending; the last is built.</summary>
    public required IReadOnlyList<int> LineageDepths { get; init; }

    /// <summary>Duration of each load of experiments E, F and G.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>Time between two readings of resources.</summary>
    public required TimeSpan SamplePeriod { get; init; }

    /// <summary>The large content of experiment E.</summary>
    public required int LargeContent { get; init; }

    /// <summary>Most clients of experiment G.</summary>
    public required int ClientsMax { get; init; }

    /// <summary>Models of experiment H, and bytes of each.</summary>
    public required int Models { get; init; }

    public required int ModelBytes { get; init; }

    /// <summary>Each experiment in a few seconds: to see that everything works.</summary>
    public static BenchScale Quick { get; } = new()
    {
        Name = "quick", Samples = 1, BatchMax = 60, SizeGrowth = 8, SizeMax = 64_000, LargeBatch = 30,
        LargeBatchSizeMax = 8_000, Operations = 10, Pause = TimeSpan.Zero, LineageDepths = [1, 5, 10, 50],
        Window = TimeSpan.FromSeconds(1.5), SamplePeriod = TimeSpan.FromMilliseconds(250), LargeContent = 1_000_000,
        ClientsMax = 2, Models = 3, ModelBytes = 2_000_000,
    };

    /// <summary>All experiments in about ten minutes.</summary>
    public static BenchScale Standard { get; } = new()
    {
        Name = "standard", Samples = 3, BatchMax = 10_000, SizeGrowth = 2, SizeMax = 6_000_000, LargeBatch = 500,
        LargeBatchSizeMax = 64_000, Operations = 100, Pause = TimeSpan.FromMilliseconds(50),
        LineageDepths = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000],
        Window = TimeSpan.FromSeconds(20), SamplePeriod = TimeSpan.FromSeconds(1), LargeContent = 100_000_000,
        ClientsMax = 6, Models = 10, ModelBytes = 94_000_000,
    };

    /// <summary>The sizes, pauses and durations of the thesis: many hours.</summary>
    public static BenchScale Full { get; } = Standard with
    {
        Name = "full", SizeGrowth = 1.1, LargeBatchSizeMax = 6_000_000, Pause = TimeSpan.FromSeconds(5),
        Window = TimeSpan.FromSeconds(600), Models = 100,
    };

    /// <summary>"3 samples".</summary>
    public string SamplesText => Samples == 1 ? "1 sample" : $"{Samples} samples";

    /// <summary>10, and each step a third more, up to the greatest.</summary>
    public IReadOnlyList<int> Batches() => [.. Steps(10, 4.0 / 3, BatchMax).Select(size => (int)size)];

    /// <summary>1,000 bytes, and each step larger by the growth, up to the greatest.</summary>
    public IReadOnlyList<int> Sizes(long max) => [.. Steps(SizeLeast, SizeGrowth, max).Select(size => (int)size)];

    private static IEnumerable<long> Steps(double first, double growth, long max)
    {
        // A step that the greatest comes close to would measure the same twice.
        const double Distinct = 0.97;
        for (double size = first; size < max * Distinct; size *= growth)
            yield return (long)Math.Round(size);

        yield return max;
    }
}

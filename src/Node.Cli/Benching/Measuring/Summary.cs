namespace Node.Cli.Benching.Measuring;

/// <summary>Order statistics and moments of some values, in the unit of the values.</summary>
/// <remarks>
/// Percentiles are nearest rank: the smallest value that at least this share of the values does not exceed. The median
/// is the middle value, or the mean of the two in the middle. The standard deviation is that of the values themselves
/// (divided by n), as the original benchmark computes it.
/// </remarks>
internal sealed record Summary(
    int Count, double Mean, double StandardDeviation, double Median, double Min, double Max, double P95, double P99)
{
    /// <summary>All zero for no values.</summary>
    public static Summary Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values];
        if (sorted.Length == 0)
            return new Summary(0, 0, 0, 0, 0, 0, 0, 0);

        Array.Sort(sorted);
        double mean = sorted.Average();
        double squares = sorted.Sum(value => (value - mean) * (value - mean));
        int middle = sorted.Length / 2;
        return new Summary(
            sorted.Length,
            mean,
            Math.Sqrt(squares / sorted.Length),
            sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
            sorted[0],
            sorted[^1],
            At(sorted, 0.95),
            At(sorted, 0.99));
    }

    private static double At(double[] sorted, double share) =>
        sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}

using System.Globalization;

namespace Node.LoadGen;

/// <summary>One finished transaction: when it ended, its stages in microseconds, and how it ended.</summary>
internal readonly record struct Sample(
    long EndMicroseconds, int Endorse, int Submit, int Commit, string TxId, string? Failure)
{
    public int Total => Endorse + Submit + Commit;
}

/// <summary>Order statistics of one stage over the samples of the measured window, in milliseconds.</summary>
internal sealed record StageTimes(double P50, double P95, double P99, double Mean, double Max)
{
    public static StageTimes Of(IEnumerable<int> microseconds)
    {
        int[] sorted = [.. microseconds];
        if (sorted.Length == 0)
            return new StageTimes(0, 0, 0, 0, 0);

        Array.Sort(sorted);
        return new StageTimes(
            At(sorted, 0.50), At(sorted, 0.95), At(sorted, 0.99), sorted.Average() / 1000, sorted[^1] / 1000.0);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"p50 {P50,9:F2}  p95 {P95,9:F2}  p99 {P99,9:F2}  max {Max,9:F2} ms");

    // Nearest rank: the smallest value that at least the given share of the samples do not exceed.
    private static double At(int[] sorted, double share) =>
        sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)] / 1000.0;
}

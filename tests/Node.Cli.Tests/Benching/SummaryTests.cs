using System.Globalization;
using Node.Cli.Benching.Measuring;

namespace Node.Cli.Tests.Benching;

public class SummaryTests
{
    // Values; mean, standard deviation of the population, median, p95, p99.
    [Theory]
    [InlineData("5", "5 0 5 5 5")]
    [InlineData("2 4 4 4 5 5 7 9", "5 2 4.5 9 9")]
    [InlineData("3 1 2", "2 0.8165 2 3 3")]
    [InlineData("1 1 1 1 100", "20.8 39.6 1 100 100")]
    public void Moments_and_order_statistics_are_those_of_the_values(string values, string expected)
    {
        var summary = Summary.Of(values.Split(' ').Select(Number));

        Assert.Equal(
            expected,
            string.Join(' ', new[]
            {
                summary.Mean, summary.StandardDeviation, summary.Median, summary.P95, summary.P99,
            }.Select(value => Math.Round(value, 4).ToString(CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void Percentiles_are_nearest_rank()
    {
        var summary = Summary.Of(Enumerable.Range(1, 200).Select(value => (double)value));

        Assert.Equal((190, 198, 1, 200, 100.5), (summary.P95, summary.P99, summary.Min, summary.Max, summary.Median));
    }

    [Fact]
    public void No_values_give_zeros() => Assert.Equal(new Summary(0, 0, 0, 0, 0, 0, 0, 0), Summary.Of([]));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

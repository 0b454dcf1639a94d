using Node.Cli.Demonstrating;

namespace Node.Cli.Tests;

public class WeatherTableTests
{
    private const string Csv = """
        date,precipitation,temp_max,temp_min,wind,weather
        2012-01-31,0.2,10.0,4.0,4.7,rain
        2012-02-01,1.1,12.0,6.0,4.5,rain
        2012-02-02,0.0,13.0,5.0,2.3,sun
        2013-02-01,3.0,9.0,1.0,2.3,sun

        """;

    [Fact]
    public void Months_are_split_in_order_and_keep_the_header()
    {
        IReadOnlyList<(string Month, string Csv)> months = WeatherTable.SplitIntoMonths(Csv);

        Assert.Equal(["2012-01", "2012-02", "2013-02"], months.Select(month => month.Month));
        Assert.Equal(
            "date,precipitation,temp_max,temp_min,wind,weather\n" +
            "2012-02-01,1.1,12.0,6.0,4.5,rain\n2012-02-02,0.0,13.0,5.0,2.3,sun\n",
            months[1].Csv);
    }

    [Fact]
    public void A_year_is_the_exact_sums_and_means_of_its_months() =>
        Assert.Equal(
            "month,days,precipitation_mm,temp_max_mean_c,temp_min_mean_c\n" +
            "2012-01,1,0.2,10.0,4.0\n2012-02,2,1.1,12.5,5.5\n",
            WeatherTable.SummarizeYear(WeatherTable.SplitIntoMonths(Csv).Take(2)));

    [Fact]
    public void The_climate_is_the_mean_of_the_years()
    {
        string[] years = ["h\n2012-02,2,1.1,12.5,5.5\n", "h\n2013-02,1,3.0,9.0,1.0\n"];

        Assert.Equal(
            "month,years,precipitation_mm_mean,temp_max_mean_c,temp_min_mean_c\n02,2,2.0,10.8,3.2\n",
            WeatherTable.SummarizeClimate(years));
    }

    [Fact]
    public void A_correction_changes_one_cell_and_nothing_else() =>
        Assert.Equal(
            Csv.Replace("2012-02-02,0.0", "2012-02-02,9.9", StringComparison.Ordinal),
            WeatherTable.Correct(Csv, "2012-02-02", 1, "9.9"));

    [Fact]
    public void The_sample_holds_every_day_of_four_years()
    {
        string path = SamplePath();

        IReadOnlyList<(string Month, string Csv)> months = WeatherTable.SplitIntoMonths(File.ReadAllText(path));

        Assert.Equal(48, months.Count);
        Assert.Equal(1461, months.Sum(month => month.Csv.Count(c => c == '\n') - 1));
    }

    private static string SamplePath()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string path = Path.Combine(folder, "samples", "weather", "seattle-weather.csv");
            if (File.Exists(path))
                return path;
        }

        throw new FileNotFoundException("samples/weather is not above the tests");
    }
}

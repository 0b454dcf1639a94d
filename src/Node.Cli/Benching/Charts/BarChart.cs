namespace Node.Cli.Benching.Charts;

/// <summary>One value for each category.</summary>
/// <param name="Values">In the order of the categories; null where there is none.</param>
/// <param name="IsReference">Measured by others, elsewhere: drawn as hollow grey bars.</param>
internal sealed record BarGroup(string Name, IReadOnlyList<double?> Values, bool IsReference);

/// <summary>Values by category, side by side.</summary>
internal sealed record BarChart(
    string Title, string Subtitle, string CategoryLabel, IReadOnlyList<string> Categories, ChartAxis Y,
    IReadOnlyList<BarGroup> Groups)
{
    private const double Filled = 0.8;

    public string ToSvg()
    {
        using var canvas = new SvgCanvas(ChartFrame.Width, ChartFrame.Height, Title);
        double[] values = [.. Groups.SelectMany(group => group.Values).Where(value => value is not null)
            .Select(value => value.GetValueOrDefault())];
        var y = new ChartScale(Y, values, ChartFrame.Bottom, ChartFrame.Top);
        ChartFrame.DrawHead(
            canvas, Title, Subtitle, [.. Groups.Select((group, index) => new LegendEntry(
                group.Name, ColorOf(index), group.IsReference ? LegendMark.Hollow : LegendMark.Filled))]);
        ChartFrame.DrawValueAxis(canvas, Y, y);
        ChartFrame.DrawBase(canvas, CategoryLabel);
        double slot = (double)(ChartFrame.Right - ChartFrame.Left) / Math.Max(1, Categories.Count);
        double bar = slot * Filled / Math.Max(1, Groups.Count);
        for (int category = 0; category < Categories.Count; category++)
        {
            double left = ChartFrame.Left + (slot * category);
            canvas.Label(left + (slot / 2), ChartFrame.Bottom + 20, Categories[category], 12, "middle");
            for (int group = 0; group < Groups.Count; group++)
            {
                double x = left + (slot * (1 - Filled) / 2) + (bar * group);
                DrawBar(canvas, Groups[group], ColorOf(group), Groups[group].Values[category], x, bar, y);
            }
        }

        return canvas.Finish();
    }

    private static void DrawBar(
        SvgCanvas canvas, BarGroup group, string color, double? value, double x, double width, ChartScale y)
    {
        const double Gap = 2;
        if (value is not { } known || !y.Holds(known))
            return;

        double top = y.Place(known);
        canvas.Rectangle(
            x + (Gap / 2), top, Math.Max(1, width - Gap), Math.Max(0.5, ChartFrame.Bottom - top), color,
            group.IsReference);
        canvas.Label(x + (width / 2), top - 4, ChartScale.Text(Round(known)), 10, "middle");
    }

    // Three digits say enough above a bar.
    private static double Round(double value)
    {
        if (value == 0)
            return 0;

        double unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(value))) - 2);
        return Math.Round(value / unit) * unit;
    }

    private string ColorOf(int index) =>
        SvgCanvas.ColorOf(Groups[index].IsReference, Groups.Take(index).Select(group => group.IsReference));
}

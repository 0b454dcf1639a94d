namespace Node.Cli.Benching.Charts;

/// <summary>One measured value.</summary>
/// <param name="Deviation">Drawn as a bar up and down from it; 0 for none.</param>
internal readonly record struct ChartPoint(double X, double Y, double Deviation = 0);

/// <summary>Points that belong together.</summary>
/// <param name="IsReference">Measured by others, elsewhere: drawn as grey diamonds.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points, bool IsReference);

/// <summary>Values over values, joined by lines.</summary>
internal sealed record LineChart(
    string Title, string Subtitle, ChartAxis X, ChartAxis Y, IReadOnlyList<ChartSeries> Series)
{
    private const int MarkedPointsMax = 60;

    public string ToSvg()
    {
        using var canvas = new SvgCanvas(ChartFrame.Width, ChartFrame.Height, Title);
        ChartPoint[] all = [.. Series.SelectMany(series => series.Points)];
        var x = new ChartScale(X, all.Select(point => point.X), ChartFrame.Left, ChartFrame.Right);
        var y = new ChartScale(
            Y, all.SelectMany(point => new[] { point.Y, point.Y + point.Deviation }),
            ChartFrame.Bottom, ChartFrame.Top);
        ChartFrame.DrawHead(
            canvas, Title, Subtitle, [.. Series.Select((series, index) => new LegendEntry(
                series.Name, ColorOf(index), series.IsReference ? LegendMark.Diamond : LegendMark.Filled))]);
        ChartFrame.DrawValueAxis(canvas, Y, y);
        ChartFrame.DrawBaseAxis(canvas, X, x);
        for (int index = 0; index < Series.Count; index++)
            Draw(canvas, Series[index], ColorOf(index), x, y);

        return canvas.Finish();
    }

    private static void Draw(SvgCanvas canvas, ChartSeries series, string color, ChartScale x, ChartScale y)
    {
        ChartPoint[] points = [.. series.Points.Where(point => x.Holds(point.X) && y.Holds(point.Y))];
        if (points.Length > 1)
            canvas.Polyline(
                points.Select(point => (x.Place(point.X), y.Place(point.Y))), color, series.IsReference ? 1.2 : 2,
                series.IsReference ? "5 4" : null);

        bool isMarked = points.Length <= MarkedPointsMax;
        foreach (ChartPoint point in points)
        {
            double across = x.Place(point.X);
            if (point.Deviation > 0 && y.Holds(point.Y - point.Deviation))
                canvas.Line(
                    across, y.Place(point.Y - point.Deviation), across, y.Place(point.Y + point.Deviation), color, 1);

            if (series.IsReference)
                canvas.Diamond(across, y.Place(point.Y), 5, color);
            else if (isMarked)
                canvas.Circle(across, y.Place(point.Y), 3, color);
        }
    }

    private string ColorOf(int index) =>
        SvgCanvas.ColorOf(Series[index].IsReference, Series.Take(index).Select(series => series.IsReference));
}

namespace Node.Cli.Benching.Charts;

internal enum LegendMark
{
    Filled,
    Hollow,
    Diamond,
}

/// <summary>What a colour stands for.</summary>
internal sealed record LegendEntry(string Name, string Color, LegendMark Mark);

/// <summary>What all charts share: paper, title, axes with ticks and units, a legend.</summary>
internal static class ChartFrame
{
    public const int Width = 820;
    public const int Height = 480;
    public const int Left = 78;
    public const int Right = Width - 24;
    public const int Top = 92;
    public const int Bottom = Height - 62;

    private const int TitleSize = 17;
    private const int TextSize = 12;
    private const int LetterWidth = 7;
    private const int LegendGap = 34;
    private const string Faint = "#7c828b40";

    /// <summary>The title, a line below it and the legend.</summary>
    public static void DrawHead(
        SvgCanvas canvas, string title, string subtitle, IReadOnlyList<LegendEntry> legend)
    {
        canvas.Label(Left, 26, title, TitleSize, "start", isBold: true);
        canvas.Label(Left, 46, subtitle, TextSize, "start");
        double x = Left;
        double y = 66;
        foreach ((string name, string color, LegendMark mark) in legend)
        {
            double width = LegendGap + (name.Length * LetterWidth);
            if (x > Left && x + width > Right)
                (x, y) = (Left, y + 16);

            if (mark == LegendMark.Diamond)
                canvas.Diamond(x + 8, y - 4, 5, color);
            else
                canvas.Rectangle(x + 2, y - 10, 12, 12, color, isHollow: mark == LegendMark.Hollow);

            canvas.Label(x + 20, y, name, TextSize, "start");
            x += width;
        }
    }

    /// <summary>The value axis on the left with a line across the paper for each tick.</summary>
    public static void DrawValueAxis(SvgCanvas canvas, ChartAxis axis, ChartScale scale)
    {
        foreach (double tick in scale.Ticks)
        {
            double y = scale.Place(tick);
            canvas.Line(Left, y, Right, y, Faint, 1);
            canvas.Label(Left - 8, y + 4, ChartScale.Text(tick), TextSize, "end");
        }

        canvas.Line(Left, Top, Left, Bottom, SvgCanvas.Ink, 1);
        canvas.Label(20, (Top + Bottom) / 2.0, axis.Label, TextSize, "middle", turn: -90);
    }

    /// <summary>The axis at the bottom.</summary>
    public static void DrawBaseAxis(SvgCanvas canvas, ChartAxis axis, ChartScale scale)
    {
        foreach (double tick in scale.Ticks)
        {
            double x = scale.Place(tick);
            canvas.Line(x, Bottom, x, Bottom + 5, SvgCanvas.Ink, 1);
            canvas.Label(x, Bottom + 20, ChartScale.Text(tick), TextSize, "middle");
        }

        DrawBase(canvas, axis.Label);
    }

    public static void DrawBase(SvgCanvas canvas, string label)
    {
        canvas.Line(Left, Bottom, Right, Bottom, SvgCanvas.Ink, 1);
        canvas.Label((Left + Right) / 2.0, Bottom + 46, label, TextSize, "middle");
    }
}

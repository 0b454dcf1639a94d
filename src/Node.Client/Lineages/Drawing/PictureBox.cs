namespace Node.Client.Lineages.Drawing;

/// <summary>
/// A rectangle of the picture: one record, or several that have the same neighbours and none of their own.
/// </summary>
internal sealed class PictureBox
{
    /// <summary>Indexes of the graph's nodes; one, unless it is a group.</summary>
    public required int[] Nodes { get; init; }

    public bool IsGroup => Nodes.Length > 1;

    /// <summary>For a group: what its keys have in common at their beginning.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>For a group: how many chips stand in one row, and the width of each.</summary>
    public int Columns { get; init; } = 1;

    public int ChipWidth { get; init; }

    public int X { get; set; }

    public int Y { get; set; }

    public int Width { get; set; }

    public int Height { get; init; }
}

/// <summary>An edge of the picture, drawn from the source's box to the result's.</summary>
/// <param name="Points">Where it goes: start, places it passes, end.</param>
/// <param name="Marks">Those of the record it leads from; none for a group.</param>
internal sealed record PictureEdge(int Source, int Result, IReadOnlyList<(int X, int Y)> Points, LineageMarks Marks);

/// <summary>Where everything of a picture is. Pixels; the origin is at the top left.</summary>
internal sealed record Picture(
    IReadOnlyList<PictureBox> Boxes, IReadOnlyList<PictureEdge> Edges, int Width, int Height, int Layers,
    bool IsVertical);

namespace Node.Client.Lineages.Drawing;

/// <summary>Lays a graph out in layers: sources first, results last.</summary>
/// <remarks>
/// Longest-path layering, barycentre ordering, least-squares placing; after Sugiyama, Tagawa and Toda (1981). Whole
/// pixels throughout: the same graph gives the same picture on every machine.
/// </remarks>
internal sealed class LineageLayout
{
    /// <summary>Most places that long edges are led through; beyond it they cross layers in a straight line.</summary>
    private const int PassagesMax = 20_000;

    private const int LayerGap = 64;
    private const int CrossGap = 18;
    private const int PassageSize = 8;
    private const int VerticalRatio = 3;
    private const int VerticalLayersMin = 8;

    private readonly LineageGraph _graph;
    private readonly List<PictureBox> _boxes;
    private readonly List<(int Source, int Result)> _edges;
    private readonly int[] _layerOf;
    private readonly List<int>[] _layers;   // Items: boxes first, then passages of long edges.
    private readonly List<int>[] _before;
    private readonly List<int>[] _after;
    private readonly Dictionary<int, int[]> _passages = [];   // By edge.
    private readonly int _items;
    private readonly bool _isVertical;

    private LineageLayout(LineageGraph graph)
    {
        _graph = graph;
        _boxes = BoxGraph.BoxesOf(graph);
        _edges = EdgesBetween(graph, _boxes);
        bool isUp = graph.Direction == Recording.LineageDirection.Up;
        _layerOf = Layering.Of(_boxes.Count, _edges, hugsResults: isUp);
        int layers = _layerOf.Max() + 1;
        _layers = new List<int>[layers];
        for (int layer = 0; layer < layers; layer++)
            _layers[layer] = [];
        for (int box = 0; box < _boxes.Count; box++)
            _layers[_layerOf[box]].Add(box);

        // A long thin graph goes down the page, as one scrolls.
        _isVertical = layers >= VerticalLayersMin && layers > VerticalRatio * _layers.Max(layer => layer.Count);
        _items = LeadThroughLayers();
        _before = new List<int>[_items];
        _after = new List<int>[_items];
        for (int item = 0; item < _items; item++)
            (_before[item], _after[item]) = ([], []);

        ConnectNeighbours();
    }

    /// <param name="graph">With at least one node.</param>
    public static Picture Of(LineageGraph graph) => new LineageLayout(graph).Draw();

    private static List<(int Source, int Result)> EdgesBetween(LineageGraph graph, List<PictureBox> boxes)
    {
        int[] boxOf = new int[graph.Nodes.Count];
        for (int box = 0; box < boxes.Count; box++)
        {
            foreach (int node in boxes[box].Nodes)
                boxOf[node] = box;
        }

        return
        [
            .. graph.Edges.Select(edge => (Source: boxOf[edge.Parent], Result: boxOf[edge.Child]))
                .Where(edge => edge.Source != edge.Result)
                .Distinct(),
        ];
    }

    /// <summary>
    /// Gives edges that pass layers a place in each of them, so that they bend around the boxes there.
    /// </summary>
    private int LeadThroughLayers()
    {
        int items = _boxes.Count;
        for (int edge = 0; edge < _edges.Count; edge++)
        {
            int from = _layerOf[_edges[edge].Source];
            int passed = _layerOf[_edges[edge].Result] - from - 1;
            if (passed <= 0 || items - _boxes.Count + passed > PassagesMax)
                continue;

            int[] places = new int[passed];
            for (int index = 0; index < passed; index++)
            {
                _layers[from + 1 + index].Add(items);
                places[index] = items++;
            }

            _passages.Add(edge, places);
        }

        return items;
    }

    private void ConnectNeighbours()
    {
        for (int edge = 0; edge < _edges.Count; edge++)
        {
            int[] route = [_edges[edge].Source, .. _passages.GetValueOrDefault(edge, []), _edges[edge].Result];
            bool isNeighbourly = route.Length > 2 || _layerOf[route[1]] - _layerOf[route[0]] == 1;
            for (int step = 1; isNeighbourly && step < route.Length; step++)
            {
                _after[route[step - 1]].Add(route[step]);
                _before[route[step]].Add(route[step - 1]);
            }
        }
    }

    private Picture Draw()
    {
        LayerOrder.Improve(_layers, _before, _after);
        WidenLayers();
        int[] sizes = new int[_items];
        Array.Fill(sizes, PassageSize);
        for (int box = 0; box < _boxes.Count; box++)
            sizes[box] = _isVertical ? _boxes[box].Width : _boxes[box].Height;

        int[] centres = CrossPositions.Of(
            _layers, _before, _after, sizes, CrossGap,
            followsSources: _graph.Direction == Recording.LineageDirection.Up);
        int[] starts = new int[_layers.Length + 1];
        for (int layer = 0; layer < _layers.Length; layer++)
            starts[layer + 1] = starts[layer] + ThicknessOf(layer) + LayerGap;

        for (int box = 0; box < _boxes.Count; box++)
            Place(_boxes[box], starts[_layerOf[box]], ThicknessOf(_layerOf[box]), centres[box]);

        List<PictureEdge> edges = new EdgeRoutes(_graph, _boxes, _edges, _isVertical)
            .All(edge => PassagePoints(edge, centres, starts));
        int length = starts[^1] - LayerGap;
        int breadth = Enumerable.Range(0, _items).Max(item => centres[item] + (sizes[item] + 1) / 2);
        return new Picture(
            _boxes, edges, _isVertical ? breadth : length, _isVertical ? length : breadth, _layers.Length, _isVertical);
    }

    // Single boxes of one layer are equally wide: a column reads better than a staircase.
    private void WidenLayers()
    {
        if (_isVertical)
            return;

        foreach (List<int> layer in _layers)
        {
            PictureBox[] singles = [.. layer.Where(item => item < _boxes.Count).Select(item => _boxes[item])];
            int width = singles.Where(box => !box.IsGroup).Select(box => box.Width).DefaultIfEmpty(0).Max();
            foreach (PictureBox box in singles.Where(box => !box.IsGroup))
                box.Width = width;
        }
    }

    private int ThicknessOf(int layer) => _layers[layer]
        .Where(item => item < _boxes.Count)
        .Select(item => _isVertical ? _boxes[item].Height : _boxes[item].Width)
        .DefaultIfEmpty(0)
        .Max();

    private void Place(PictureBox box, int start, int thickness, int centre)
    {
        int size = _isVertical ? box.Height : box.Width;
        int along = start + (thickness - size) / 2;
        (box.X, box.Y) = _isVertical ? (centre - box.Width / 2, along) : (along, centre - box.Height / 2);
    }

    /// <summary>Where a long edge enters and leaves each layer that it passes.</summary>
    private List<(int X, int Y)> PassagePoints(int edge, int[] centres, int[] starts)
    {
        var points = new List<(int X, int Y)>();
        int layer = _layerOf[_edges[edge].Source] + 1;
        foreach (int passage in _passages.GetValueOrDefault(edge, []))
        {
            int start = starts[layer];
            int end = start + ThicknessOf(layer);
            points.Add(At(start, centres[passage]));
            points.Add(At(end, centres[passage]));
            layer++;
        }

        return points;
    }

    private (int X, int Y) At(int along, int across) => _isVertical ? (across, along) : (along, across);
}

namespace Node.Client.Lineages.Drawing;

/// <summary>Orders the items of each layer so that few edges cross: barycentres, sweeping to and fro.</summary>
internal sealed class LayerOrder
{
    private const int SweepsMax = 16;

    private readonly List<int>[] _layers;
    private readonly List<int>[] _before;   // By item: its neighbours in the layer before, and in the one after.
    private readonly List<int>[] _after;
    private readonly int[] _places;

    private LayerOrder(List<int>[] layers, List<int>[] before, List<int>[] after)
    {
        _layers = layers;
        _before = before;
        _after = after;
        _places = new int[before.Length];
        foreach (List<int> layer in layers)
            NumberPlaces(layer);
    }

    /// <summary>Reorders the layers in place.</summary>
    /// <param name="before">By item: neighbours in the layer before. Every edge joins neighbouring layers.</param>
    public static void Improve(List<int>[] layers, List<int>[] before, List<int>[] after)
    {
        var order = new LayerOrder(layers, before, after);
        long best = order.CountCrossings();
        int[][] kept = order.Copy();
        for (int sweep = 0; sweep < SweepsMax && best > 0; sweep++)
        {
            order.Sweep(forwards: sweep % 2 == 0);
            long crossings = order.CountCrossings();
            if (crossings < best)
            {
                best = crossings;
                kept = order.Copy();
            }
        }

        for (int layer = 0; layer < layers.Length; layer++)
            layers[layer] = [.. kept[layer]];
    }

    private int[][] Copy() => Array.ConvertAll(_layers, layer => layer.ToArray());

    private void Sweep(bool forwards)
    {
        for (int step = 1; step < _layers.Length; step++)
        {
            List<int> layer = _layers[forwards ? step : _layers.Length - 1 - step];
            List<int>[] neighbours = forwards ? _before : _after;

            // An item without neighbours keeps its place. Sorting is stable, so equal ones do too.
            int[] sorted = [.. layer.OrderBy(item => neighbours[item].Count == 0
                ? _places[item]
                : neighbours[item].Average(neighbour => _places[neighbour]))];
            layer.Clear();
            layer.AddRange(sorted);
            NumberPlaces(layer);
        }
    }

    private void NumberPlaces(List<int> layer)
    {
        for (int place = 0; place < layer.Count; place++)
            _places[layer[place]] = place;
    }

    private long CountCrossings()
    {
        long crossings = 0;
        for (int index = 1; index < _layers.Length; index++)
            crossings += CountCrossings(_layers[index], _layers[index - 1].Count);

        return crossings;
    }

    // Edges in the order of one side; how many of those before end farther down on the other. A Fenwick tree counts.
    private long CountCrossings(List<int> layer, int placesBefore)
    {
        int[] tree = new int[placesBefore + 1];
        long crossings = 0;
        int seen = 0;
        foreach (int item in layer)
        {
            int[] ends = [.. _before[item].Select(neighbour => _places[neighbour])];
            foreach (int end in ends)
            {
                int upTo = 0;
                for (int at = end + 1; at > 0; at -= at & -at)
                    upTo += tree[at];

                crossings += seen - upTo;
            }

            foreach (int end in ends)
            {
                for (int at = end + 1; at <= placesBefore; at += at & -at)
                    tree[at]++;
            }

            seen += ends.Length;
        }

        return crossings;
    }
}

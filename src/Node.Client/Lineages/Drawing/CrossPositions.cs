namespace Node.Client.Lineages.Drawing;

/// <summary>Places the items of each layer beside each other, near their neighbours and never overlapping.</summary>
internal static class CrossPositions
{
    private const int Passes = 24;
    private const int LastPasses = 3;

    /// <param name="sizes">By item, across the layers.</param>
    /// <param name="gap">Between two items of a layer.</param>
    /// <param name="followsSources">In the end a box stands beside its sources; else beside its results.</param>
    /// <returns>The centre of each item; the smallest edge of all is at 0.</returns>
    public static int[] Of(
        List<int>[] layers, List<int>[] before, List<int>[] after, int[] sizes, int gap, bool followsSources)
    {
        double[] centres = new double[sizes.Length];
        foreach (List<int> layer in layers)
            PlaceClosely(layer, sizes, gap, centres);

        for (int pass = 0; pass < Passes; pass++)
        {
            // Each side in turn carries what is known across the picture; then both count; in the end the side where
            // the graph spreads, so that a tree looks like one.
            bool isLast = pass >= Passes - LastPasses;
            bool both = !isLast && pass >= Passes / 2;
            bool forwards = isLast ? followsSources : pass % 2 == 0;
            for (int step = 0; step < layers.Length; step++)
            {
                List<int> layer = layers[forwards ? step : layers.Length - 1 - step];
                double[] wishes = Wishes(
                    layer, forwards || both ? before : null, !forwards || both ? after : null, centres);
                Settle(layer, wishes, sizes, gap, centres);
            }
        }

        double top = layers.SelectMany(layer => layer).Min(item => centres[item] - sizes[item] / 2.0);
        return Array.ConvertAll(centres, centre => (int)Math.Round(centre - top));
    }

    private static void PlaceClosely(List<int> layer, int[] sizes, int gap, double[] centres)
    {
        double total = layer.Sum(item => sizes[item] + gap) - gap;
        double at = -total / 2;
        foreach (int item in layer)
        {
            centres[item] = at + sizes[item] / 2.0;
            at += sizes[item] + gap;
        }
    }

    private static double[] Wishes(List<int> layer, List<int>[]? before, List<int>[]? after, double[] centres) =>
    [
        .. layer.Select(item =>
        {
            IEnumerable<int> neighbours = (before?[item] ?? []).Concat(after?[item] ?? []);
            return neighbours.Select(neighbour => centres[neighbour]).DefaultIfEmpty(centres[item]).Average();
        }),
    ];

    /// <summary>
    /// The places nearest to the wishes (least squares) that keep order and distance: isotonic regression, by pooling
    /// neighbours that would overlap.
    /// </summary>
    private static void Settle(List<int> layer, double[] wishes, int[] sizes, int gap, double[] centres)
    {
        var pools = new List<(double Sum, int Count)>();
        double[] offsets = new double[layer.Count];
        for (int place = 0; place < layer.Count; place++)
        {
            if (place > 0)
                offsets[place] = offsets[place - 1] + (sizes[layer[place - 1]] + sizes[layer[place]]) / 2.0 + gap;

            (double Sum, int Count) pool = (wishes[place] - offsets[place], 1);
            while (pools.Count > 0 && pools[^1].Sum / pools[^1].Count >= pool.Sum / pool.Count)
            {
                pool = (pool.Sum + pools[^1].Sum, pool.Count + pools[^1].Count);
                pools.RemoveAt(pools.Count - 1);
            }

            pools.Add(pool);
        }

        int next = 0;
        foreach ((double sum, int count) in pools)
        {
            for (int member = 0; member < count; member++, next++)
                centres[layer[next]] = sum / count + offsets[next];
        }
    }
}

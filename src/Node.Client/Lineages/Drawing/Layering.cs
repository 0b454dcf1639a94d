namespace Node.Client.Lineages.Drawing;

/// <summary>Gives each box a layer, so that every source stands in a layer before its results.</summary>
internal static class Layering
{
    /// <param name="edges">Pairs of source and result.</param>
    /// <param name="hugsResults">
    /// A box stands right before its first result; else right behind its last source. The side that the graph's root is
    /// on decides.
    /// </param>
    /// <returns>The layer of each box, from 0.</returns>
    public static int[] Of(int boxes, IReadOnlyList<(int Source, int Result)> edges, bool hugsResults)
    {
        // Longest path: in the order of the flow, each box one layer beyond the farthest that leads to it.
        IReadOnlyList<(int From, int To)> flow = hugsResults
            ? [.. edges.Select(edge => (edge.Result, edge.Source))]
            : [.. edges.Select(edge => (edge.Source, edge.Result))];
        ILookup<int, int> next = flow.ToLookup(edge => edge.From, edge => edge.To);
        int[] waiting = new int[boxes];
        foreach ((int _, int to) in flow)
            waiting[to]++;

        int[] layers = new int[boxes];
        bool[] done = new bool[boxes];
        var ready = new Queue<int>(Enumerable.Range(0, boxes).Where(box => waiting[box] == 0));
        for (int count = 0, oldest = 0; count < boxes; count++)
        {
            // Records can be derived in a circle if their writers want; the circle is then cut at its first record.
            while (ready.Count == 0)
            {
                if (!done[oldest])
                    ready.Enqueue(oldest);

                oldest++;
            }

            int box = ready.Dequeue();
            done[box] = true;
            foreach (int after in next[box].Where(after => !done[after]))
            {
                layers[after] = Math.Max(layers[after], layers[box] + 1);
                if (--waiting[after] == 0)
                    ready.Enqueue(after);
            }
        }

        int last = layers.Max();
        return hugsResults ? Array.ConvertAll(layers, layer => last - layer) : layers;
    }
}

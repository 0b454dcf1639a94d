namespace Node.Client.Exporting;

/// <summary>Puts what must stand before other things before them.</summary>
internal static class DraftOrder
{
    /// <summary>The indexes in an order that keeps to the constraints and else to the given order.</summary>
    /// <param name="before">For each index those that must stand before it.</param>
    /// <param name="cycle">When there is no such order: indexes of which each must stand before the one before.</param>
    public static int[]? Sort(IReadOnlyList<IReadOnlyCollection<int>> before, out IReadOnlyList<int> cycle)
    {
        int count = before.Count;
        var after = new List<int>[count];
        int[] waiting = new int[count];
        for (int index = 0; index < count; index++)
            after[index] = [];
        for (int index = 0; index < count; index++)
        {
            waiting[index] = before[index].Count;
            foreach (int first in before[index])
                after[first].Add(index);
        }

        var ready = new PriorityQueue<int, int>();
        for (int index = 0; index < count; index++)
        {
            if (waiting[index] == 0)
                ready.Enqueue(index, index);
        }

        var order = new List<int>(count);
        while (ready.TryDequeue(out int next, out _))
        {
            order.Add(next);
            foreach (int freed in after[next])
            {
                if (--waiting[freed] == 0)
                    ready.Enqueue(freed, freed);
            }
        }

        cycle = order.Count == count ? [] : CycleIn(before, waiting);
        return order.Count == count ? [.. order] : null;
    }

    // Whoever still waits, waits for another that does: going from one to the next comes back sooner or later.
    private static List<int> CycleIn(IReadOnlyList<IReadOnlyCollection<int>> before, int[] waiting)
    {
        var path = new List<int>();
        var places = new Dictionary<int, int>();
        int at = Array.FindIndex(waiting, count => count > 0);
        while (places.TryAdd(at, path.Count))
        {
            path.Add(at);
            at = before[at].First(first => waiting[first] > 0);
        }

        return path[places[at]..];
    }
}

using Node.Protocol;

namespace Node.Client.Lineages;

/// <summary>Finds what lies between two records of a graph.</summary>
public static class RecordPaths
{
    /// <summary>
    /// Everything that a record was derived from and that was itself derived from the other, with both.
    /// </summary>
    /// <returns>Null when the one was not derived from the other.</returns>
    public static LineageGraph? Between(LineageGraph graph, TxId child, TxId ancestor)
    {
        int from = IndexOf(graph, child);
        int to = IndexOf(graph, ancestor);
        if (from < 0 || to < 0)
            return null;

        HashSet<int> origins = Reach(graph.ParentsByNode(), from);
        if (!origins.Contains(to))
            return null;

        origins.IntersectWith(Reach(graph.ChildrenByNode(), to));
        return graph.Restrict(origins.Select(index => graph.Nodes[index].Id).ToHashSet());
    }

    /// <summary>A shortest way from a record back to the other, both included.</summary>
    /// <returns>Empty when there is none.</returns>
    public static IReadOnlyList<LineageNode> Shortest(LineageGraph graph, TxId child, TxId ancestor)
    {
        int from = IndexOf(graph, child);
        int to = IndexOf(graph, ancestor);
        if (from < 0 || to < 0)
            return [];

        int[][] parents = graph.ParentsByNode();
        var cameFrom = new Dictionary<int, int> { [from] = from };
        var waiting = new Queue<int>([from]);
        while (waiting.TryDequeue(out int next) && next != to)
        {
            foreach (int parent in parents[next])
            {
                if (cameFrom.TryAdd(parent, next))
                    waiting.Enqueue(parent);
            }
        }

        if (!cameFrom.ContainsKey(to))
            return [];

        var path = new List<LineageNode>();
        for (int at = to; at != from; at = cameFrom[at])
            path.Add(graph.Nodes[at]);

        path.Add(graph.Nodes[from]);
        path.Reverse();
        return path;
    }

    private static int IndexOf(LineageGraph graph, TxId id)
    {
        for (int index = 0; index < graph.Nodes.Count; index++)
        {
            if (graph.Nodes[index].Id == id)
                return index;
        }

        return -1;
    }

    private static HashSet<int> Reach(int[][] next, int start)
    {
        var reached = new HashSet<int> { start };
        var waiting = new Queue<int>([start]);
        while (waiting.TryDequeue(out int at))
        {
            foreach (int to in next[at])
            {
                if (reached.Add(to))
                    waiting.Enqueue(to);
            }
        }

        return reached;
    }
}

using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>
/// Writes a walk upward as the nested tree of the 2019 contract:
/// <c>{"Dependencies":[{"TxID":"…","Depending":[…]}]}</c>.
/// </summary>
/// <remarks>
/// A record with parents is unfolded once, where it is nearest to the root; elsewhere it says <c>seen</c>. A record
/// that was
/// not read says <c>truncated</c>, one that is not recorded <c>missing</c>. No recursion: a lineage may be deeper than
/// a stack.
/// </remarks>
internal static class DependencyTree
{
    private const int AnswerBytesUsual = 16 << 10;

    /// <param name="isRead">False when the depth did not even allow to read the root: nothing is known of its
    /// parents.</param>
    public static ReadOnlyMemory<byte> Write(LineageWalk walk, bool isRead)
    {
        var json = new JsonText(AnswerBytesUsual);
        bool isTruncated = !isRead;
        json.BeginObject();
        json.Name("Dependencies"u8);
        json.BeginArray();
        if (isRead)
            isTruncated = WriteParents(json, walk);
        json.EndArray();
        json.Flag("truncated"u8, isTruncated);
        json.Flag("missing"u8, walk.HasMissing);
        json.EndObject();
        return json.Written;
    }

    private static bool WriteParents(JsonText json, LineageWalk walk)
    {
        bool isTruncated = false;
        var open = new Stack<(LineageNode Node, int Next)>();
        open.Push((walk.Roots[0], 0));
        while (open.TryPop(out (LineageNode Node, int Next) at))
        {
            if (at.Next == at.Node.Parents.Length)
            {
                if (open.Count > 0)
                    CloseEntry(json);
                continue;
            }

            open.Push((at.Node, at.Next + 1));
            Hash32 parent = at.Node.Parents[at.Next];
            json.BeginObject();
            json.Id("TxID"u8, parent);
            json.Name("Depending"u8);
            json.BeginArray();
            if (walk.TryFind(parent, out LineageNode? node) && node.DiscoveredBy == at.Node && IsUnfoldable(node))
                open.Push((node, 0));
            else
                isTruncated |= WriteFolded(json, walk, parent, node);
        }

        return isTruncated;
    }

    /// <summary>Ends an entry whose parents are not listed here, with the reason.</summary>
    /// <returns>True when the reason is a limit.</returns>
    private static bool WriteFolded(JsonText json, LineageWalk walk, Hash32 parent, LineageNode? node)
    {
        json.EndArray();
        bool isMissing = walk.IsMissing(parent);
        bool isTruncated = node is null ? !isMissing : !IsUnfoldable(node);
        if (isTruncated)
            json.Flag("truncated"u8, value: true);
        else if (isMissing)
            json.Flag("missing"u8, value: true);
        else if (node!.Parents.Length > 0)   // Neither truncated nor missing, so it was read.
            json.Flag("seen"u8, value: true);
        json.EndObject();
        return isTruncated;
    }

    private static bool IsUnfoldable(LineageNode node) => node.HasRoomForParents || node.Parents.Length == 0;

    private static void CloseEntry(JsonText json)
    {
        json.EndArray();
        json.EndObject();
    }
}

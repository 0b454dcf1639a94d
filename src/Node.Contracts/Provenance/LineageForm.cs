using System.Text;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>How a walk is written: with ids at both ends of an edge, or in compact form with numbers.</summary>
/// <remarks>
/// In compact form the ends of an edge are positions in the list of nodes, going on in the list of missing ids and then
/// in that of ids that were left out. Half of a long lineage is ids of edges, so that twice as much has room in it.
/// </remarks>
internal sealed class LineageForm
{
    private const string CompactText = "compact";

    /// <summary>An id in an array: quotes and comma.</summary>
    public const int IdBytes = TxId.Chars + 3;

    /// <summary>Less than any node has: names, punctuation and its id.</summary>
    public const int NodeBytesMin = NodeFrameBytes + TxId.Chars;

    /// <summary>What says that a node is truncated.</summary>
    public const int TruncatedBytes = 17;

    /// <summary>All of an answer that is neither node, edge nor id of a list.</summary>
    public const int FrameBytesMax = 512;

    // Two numbers below a million, brackets, commas: so many ids do not fit into an answer.
    private const int CompactEdgeBytesMax = 16;
    private const int EdgeBytes = (2 * IdBytes) + 2;

    // Names and punctuation of what every node has; then of what only some have.
    private const int NodeFrameBytes = 184;
    private const int NewestBytes = 16 + TxId.Chars;
    private const int BatchBytes = 11;
    private const int JournalBytes = 49;

    private LineageForm(bool isCompact) => IsCompact = isCompact;

    public static LineageForm Full { get; } = new(isCompact: false);

    public static LineageForm Compact { get; } = new(isCompact: true);

    public bool IsCompact { get; }

    public static bool TryParse(string text, out LineageForm form)
    {
        form = text == CompactText ? Compact : Full;
        return text is CompactText or "";
    }

    /// <param name="isFull">No further node comes in, so that the parent may have to be listed as left out.</param>
    public int EdgeBytesMax(bool isFull) =>
        !IsCompact ? EdgeBytes : CompactEdgeBytesMax + (isFull ? IdBytes : 0);

    /// <summary>The bytes of a record's node with its comma, unless it is truncated.</summary>
    public static int NodeBytesOf(LocatedRecord located, int level)
    {
        StoredRecord record = located.Record;
        return NodeFrameBytes + Digits(located.Version.Block) + Digits(located.Version.Transaction)
            + Digits((uint)level) + EscapedBytes(located.Key) + TxId.Chars + record.Hash.Length
            + record.ChecksumAlgorithm.Length + record.Location.Length + record.Pointer.Length + record.Type.Length
            + record.Certificate.Length + record.MspId.Length + record.Time.Length
            + (record.Batch.IsEmpty ? 0 : BatchBytes + record.Batch.Length)
            + (record.Journal.IsEmpty ? 0 : JournalBytes + record.Journal.Length + record.JournalSequence.Length
                + record.OriginalTime.Length)
            + (located.IsOutdated ? NewestBytes : 0);
    }

    /// <param name="hasManyRoots">The answer names "roots", not one "root".</param>
    public ReadOnlyMemory<byte> Write(LineageWalk walk, string direction, bool hasManyRoots)
    {
        var json = new JsonText(walk.BytesMax);
        json.BeginObject();
        if (hasManyRoots)
            WriteIds(json, "roots"u8, walk.Roots.Select(root => root.Located.Id));
        else
            json.Id("root"u8, walk.Roots[0].Located.Id);
        json.Text("direction"u8, direction);
        json.Name("nodes"u8);
        json.BeginArray();
        foreach (LineageNode node in walk.Nodes)
            WriteNode(json, node);
        json.EndArray();

        json.Name("edges"u8);
        json.BeginArray();
        if (IsCompact)
            WriteNumberedEdges(json, walk);
        else
            WriteEdges(json, walk);
        json.EndArray();
        json.Flag("truncated"u8, walk.IsTruncated);
        WriteIds(json, "missing"u8, Named(walk, isMissing: true));
        if (IsCompact)
            WriteIds(json, "leftOut"u8, Named(walk, isMissing: false));
        json.EndObject();
        return json.Written;
    }

    private static void WriteNode(JsonText json, LineageNode node)
    {
        json.BeginObject();
        RecordAnswer.WriteLineageMembers(json, node.Located);
        json.Number("level"u8, (ulong)node.Level);
        json.Flag("outdated"u8, node.Located.IsOutdated);
        if (node.Located.IsOutdated)
            json.Id("newestTxid"u8, node.Located.NewestId);
        if (node.IsTruncated)
            json.Flag("truncated"u8, value: true);
        json.EndObject();
    }

    private static void WriteEdges(JsonText json, LineageWalk walk)
    {
        foreach (LineageEdge edge in walk.Edges)
        {
            json.BeginArray();
            json.Id(walk.Nodes[edge.Child].Located.Id);
            json.Id(edge.HasParent ? walk.Nodes[edge.Parent].Located.Id : walk.Named[edge.Named].Id);
            json.EndArray();
        }
    }

    private static void WriteNumberedEdges(JsonText json, LineageWalk walk)
    {
        int[] numbers = NumbersOfNamed(walk);
        foreach (LineageEdge edge in walk.Edges)
        {
            json.BeginArray();
            json.Number((ulong)edge.Child);
            json.Number((ulong)(edge.HasParent ? edge.Parent : numbers[edge.Named]));
            json.EndArray();
        }
    }

    /// <summary>Behind the nodes: those that are missing, then those that are left out.</summary>
    private static int[] NumbersOfNamed(LineageWalk walk)
    {
        int[] numbers = new int[walk.Named.Count];
        int next = walk.Nodes.Count;
        foreach (bool isMissing in (ReadOnlySpan<bool>)[true, false])
        {
            for (int i = 0; i < numbers.Length; i++)
            {
                if (walk.Named[i].IsMissing == isMissing)
                    numbers[i] = next++;
            }
        }

        return numbers;
    }

    private static IEnumerable<Hash32> Named(LineageWalk walk, bool isMissing) =>
        walk.Named.Where(named => named.IsMissing == isMissing).Select(named => named.Id);

    private static void WriteIds(JsonText json, ReadOnlySpan<byte> name, IEnumerable<Hash32> ids)
    {
        json.Name(name);
        json.BeginArray();
        foreach (Hash32 id in ids)
            json.Id(id);
        json.EndArray();
    }

    private static int Digits(ulong number)
    {
        int digits = 1;
        for (ulong rest = number; rest >= 10; rest /= 10)
            digits++;
        return digits;
    }

    private static int EscapedBytes(string key)
    {
        const int StackBytes = 512;
        int bytesMax = Encoding.UTF8.GetMaxByteCount(key.Length);
        Span<byte> utf8 = bytesMax <= StackBytes ? stackalloc byte[StackBytes] : new byte[bytesMax];
        return JsonText.EscapedBytes(utf8[..Encoding.UTF8.GetBytes(key, utf8)]);
    }
}

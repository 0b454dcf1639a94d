using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>One record of a lineage answer.</summary>
internal sealed class LineageNode(LocatedRecord located, int level, LineageNode? discoveredBy)
{
    private TxId[]? _parents;

    public LocatedRecord Located => located;

    /// <summary>Edges between this record and the root, on the shortest way.</summary>
    public int Level => level;

    /// <summary>The neighbour on that way; null for the root.</summary>
    public LineageNode? DiscoveredBy => discoveredBy;

    /// <summary>Neighbours of this record are left out, or may be.</summary>
    public bool IsTruncated { get; set; }

    /// <summary>The answer has room to name its parents.</summary>
    public bool HasRoomForParents { get; set; }

    /// <summary>The edges to its parents are in the answer.</summary>
    public bool HasParentEdges { get; set; }

    public TxId[] Parents => _parents ??= located.Record.Parents();
}

/// <summary>The bounds of one walk. Beyond any of them the answer says truncated.</summary>
/// <param name="Depth">Levels beyond the root.</param>
/// <param name="Nodes">Records, the root included.</param>
internal readonly record struct LineageBounds(int Depth, int Nodes);

/// <summary>
/// Walks from one record to what it was derived from, or to what was derived from it, level by level.
/// </summary>
/// <remarks>
/// Each record is read once, however many ways lead to it. Up costs two point reads per record, a third one where the
/// record
/// is outdated; down costs one scan of its edges more. One owner, one thread.
/// </remarks>
internal sealed class LineageWalk
{
    // Upper bounds of what a node and an edge add to an answer beside the record's own texts.
    private const int NodeBytesMax = 640;
    private const int EdgeBytesMax = (2 * TxId.Chars) + 8;
    private const int EscapeGrowthMax = 6;
    private const int AnswerBytesUsual = 1024;

    // One record of the largest size may pass the bound that is checked before it is read.
    private const int ReservedBytesMax = Limits.LineageBytesMax - (128 << 10);

    private readonly IContractState _state;
    private readonly LineageBounds _bounds;
    private readonly Dictionary<TxId, LineageNode> _known = [];
    private readonly HashSet<TxId> _missing = [];
    private long _bytes;   // Invariant: no less than what the answer has for nodes, edges and missing ids.

    public LineageWalk(IContractState state, LineageBounds bounds, LocatedRecord root)
    {
        _state = state;
        _bounds = bounds;
        Root = Add(root, level: 0, discoveredBy: null);
    }

    public LineageNode Root { get; }

    /// <summary>The root, then the others as they were found, nearest first.</summary>
    public List<LineageNode> Nodes { get; } = [];

    public List<(TxId Child, TxId Parent)> Edges { get; } = [];

    /// <summary>Parents that are named by a record but not recorded, as they were found.</summary>
    public List<TxId> Missing { get; } = [];

    public bool IsTruncated { get; private set; }

    /// <summary>No less than the bytes of the answer about this walk.</summary>
    public int BytesMax => (int)_bytes + AnswerBytesUsual;

    private bool IsFull => Nodes.Count >= _bounds.Nodes || _bytes >= ReservedBytesMax;

    public bool IsMissing(TxId id) => _missing.Contains(id);

    public bool TryFind(TxId id, [NotNullWhen(true)] out LineageNode? node) => _known.TryGetValue(id, out node);

    /// <summary>Follows dependencies: from a record to its parents.</summary>
    public void Up()
    {
        var waiting = new Queue<LineageNode>([Root]);
        while (waiting.TryDequeue(out LineageNode? child))
        {
            if (child.Parents.Length == 0)
                continue;

            child.HasRoomForParents = TryReserve(child.Parents.Length * EdgeBytesMax);
            if (child.Level >= _bounds.Depth || !child.HasRoomForParents)
            {
                Truncate(child);
                continue;
            }

            child.HasParentEdges = true;
            foreach (TxId parent in child.Parents)
            {
                Edges.Add((child.Located.TxId, parent));
                if (Meet(parent, child) is { } met)
                    waiting.Enqueue(met);
            }
        }
    }

    /// <summary>Follows derivations: from a record to its children, in the order they were committed.</summary>
    public void Down()
    {
        var waiting = new Queue<LineageNode>([Root]);
        while (waiting.TryDequeue(out LineageNode? parent))
        {
            if (parent.Level >= _bounds.Depth || IsFull)
            {
                if (HasChildren(parent))
                    Truncate(parent);
                continue;
            }

            foreach ((TxId id, string key, StateVersion version) in Children(parent))
            {
                if (_known.TryGetValue(id, out LineageNode? known))
                {
                    if (!known.HasParentEdges)
                        AddEdge(known, parent);
                    continue;
                }

                if (IsFull)
                {
                    Truncate(parent);
                    break;
                }

                LineageNode child = Add(RecordIndex.FindAt(_state, id, key, version), parent.Level + 1, parent);
                AddEdge(child, parent);
                waiting.Enqueue(child);
            }
        }
    }

    /// <summary>A parent that was not met before and is recorded.</summary>
    private LineageNode? Meet(TxId parent, LineageNode child)
    {
        if (_known.ContainsKey(parent) || _missing.Contains(parent))
            return null;
        if (IsFull)
        {
            Truncate(child);
            return null;
        }

        if (RecordIndex.TryFind(_state, parent, out LocatedRecord? located))
            return Add(located, child.Level + 1, child);

        _missing.Add(parent);
        Missing.Add(parent);
        _bytes += EdgeBytesMax;
        return null;
    }

    private List<(TxId Child, string Key, StateVersion Version)> Children(LineageNode parent)
    {
        // One more than can be shown tells that some are left out. Those already met take no room.
        long room = long.Min(_bounds.Nodes - Nodes.Count, ((ReservedBytesMax - _bytes) / NodeBytesMax) + 1);
        long childrenMax = room + _known.Count + 1;
        List<(TxId Child, string Key, StateVersion Version)> children = [];
        foreach (var child in RecordIndex.Children(_state, parent.Located.TxId))
        {
            children.Add(child);
            if (children.Count >= childrenMax)
                break;
        }

        children.Sort((a, b) => a.Version.CompareTo(b.Version));
        return children;
    }

    private bool HasChildren(LineageNode parent)
    {
        foreach ((TxId, string, StateVersion) _ in RecordIndex.Children(_state, parent.Located.TxId))
            return true;
        return false;
    }

    private LineageNode Add(LocatedRecord located, int level, LineageNode? discoveredBy)
    {
        var node = new LineageNode(located, level, discoveredBy);
        StoredRecord record = located.Record;
        _bytes += NodeBytesMax + (located.Key.Length * EscapeGrowthMax) + record.Hash.Length + record.Location.Length
            + record.Pointer.Length + record.Type.Length + record.Certificate.Length + record.MspId.Length;
        _known.Add(located.TxId, node);
        Nodes.Add(node);
        return node;
    }

    private void AddEdge(LineageNode child, LineageNode parent)
    {
        Edges.Add((child.Located.TxId, parent.Located.TxId));
        _bytes += EdgeBytesMax;
    }

    private bool TryReserve(int bytes)
    {
        if (_bytes + bytes > ReservedBytesMax)
            return false;
        _bytes += bytes;
        return true;
    }

    private void Truncate(LineageNode node)
    {
        node.IsTruncated = true;
        IsTruncated = true;
    }
}

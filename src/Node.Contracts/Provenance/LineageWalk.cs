using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>One record of a lineage answer.</summary>
/// <param name="number">Its position among the nodes.</param>
internal sealed class LineageNode(LocatedRecord located, int number, int level, LineageNode? discoveredBy)
{
    private Hash32[]? _parents;

    public LocatedRecord Located => located;

    public int Number => number;

    /// <summary>Edges between this record and the nearest root, on the shortest way.</summary>
    public int Level => level;

    /// <summary>The neighbour on that way; null for a root.</summary>
    public LineageNode? DiscoveredBy => discoveredBy;

    /// <summary>Neighbours of this record are left out, or may be.</summary>
    public bool IsTruncated { get; set; }

    /// <summary>The answer has room to name its parents.</summary>
    public bool HasRoomForParents { get; set; }

    /// <summary>The edges to its parents are in the answer.</summary>
    public bool HasParentEdges { get; set; }

    public Hash32[] Parents => _parents ??= located.Record.Parents();
}

/// <summary>From a node to its parent, which is a node, or else only named.</summary>
/// <param name="End">The parent's number; the complement of a position among the named for others.</param>
internal readonly record struct LineageEdge(int Child, int End)
{
    public bool HasParent => End >= 0;

    public int Parent => End;

    public int Named => ~End;
}

/// <summary>An id at the end of an edge that is no node.</summary>
/// <param name="IsMissing">Nothing is recorded under it. Else a limit left it out.</param>
internal readonly record struct NamedRecord(Hash32 Id, bool IsMissing);

/// <summary>The bounds of one walk. Beyond any of them the answer says truncated.</summary>
/// <param name="Depth">Levels beyond the roots.</param>
/// <param name="Nodes">Records, the roots included.</param>
internal readonly record struct LineageBounds(int Depth, int Nodes);

/// <summary>
/// Walks from records to what they were derived from, or to what was derived from them, level by level.
/// </summary>
/// <remarks>
/// Each record is read once, however many ways lead to it. Up costs two point reads per record, a third one where the
/// record is outdated; down costs one scan of its edges more. One owner, one thread.
/// </remarks>
internal sealed class LineageWalk
{
    // One record of the largest size may pass the bound that is checked before it is read.
    private const int ReservedBytesMax = Limits.LineageBytesMax - (128 << 10);

    private readonly RecordsAt _records;
    private readonly LineageBounds _bounds;
    private readonly LineageForm _form;
    private readonly List<LineageNode> _roots = [];
    private readonly Dictionary<Hash32, int> _ends = [];   // As in LineageEdge.End.
    private long _bytes = LineageForm.FrameBytesMax;   // Invariant: no less than the answer has.

    public LineageWalk(RecordsAt records, LineageBounds bounds, LineageForm form) =>
        (_records, _bounds, _form) = (records, bounds, form);

    /// <summary>The roots, then the others as they were found, nearest first.</summary>
    public List<LineageNode> Nodes { get; } = [];

    public IReadOnlyList<LineageNode> Roots => _roots;

    public List<LineageEdge> Edges { get; } = [];

    /// <summary>Parents that are no nodes, as they were found.</summary>
    public List<NamedRecord> Named { get; } = [];

    public bool HasMissing { get; private set; }

    public bool IsTruncated { get; private set; }

    /// <summary>No less than the bytes of the answer about this walk.</summary>
    public int BytesMax => (int)_bytes;

    private bool IsFull => Nodes.Count >= _bounds.Nodes || _bytes >= ReservedBytesMax;

    /// <summary>Before walking. False when the bounds have no room for it: the answer is truncated then.</summary>
    public bool TryAddRoot(LocatedRecord root)
    {
        if (_ends.ContainsKey(root.Id))
            return true;
        if (IsFull && _roots.Count > 0)
        {
            IsTruncated = true;
            return false;
        }

        _roots.Add(Add(root, level: 0, discoveredBy: null));
        return true;
    }

    public bool IsMissing(Hash32 id) =>
        _ends.TryGetValue(id, out int end) && end < 0 && Named[~end].IsMissing;

    public bool TryFind(Hash32 id, [NotNullWhen(true)] out LineageNode? node)
    {
        node = _ends.TryGetValue(id, out int end) && end >= 0 ? Nodes[end] : null;
        return node is not null;
    }

    /// <summary>Follows dependencies: from records to their parents.</summary>
    public void Up()
    {
        var waiting = new Queue<LineageNode>(_roots);
        while (waiting.TryDequeue(out LineageNode? child))
        {
            if (child.Parents.Length == 0)
                continue;

            child.HasRoomForParents = TryReserve(child.Parents.Length * _form.EdgeBytesMax(IsFull));
            if (child.Level >= _bounds.Depth || !child.HasRoomForParents)
            {
                Truncate(child);
                continue;
            }

            child.HasParentEdges = true;
            foreach (Hash32 parent in child.Parents)
            {
                bool isNew = !_ends.TryGetValue(parent, out int end);
                if (isNew)
                    end = Meet(parent, child);
                Edges.Add(new LineageEdge(child.Number, end));
                if (isNew && end >= 0)
                    waiting.Enqueue(Nodes[end]);
                else if (end < 0 && !Named[~end].IsMissing)
                    Truncate(child);
            }
        }
    }

    /// <summary>Follows derivations: from records to their children, in the order they were committed.</summary>
    public void Down()
    {
        var waiting = new Queue<LineageNode>(_roots);
        while (waiting.TryDequeue(out LineageNode? parent))
        {
            if (parent.Level >= _bounds.Depth || IsFull)
            {
                if (HasChildren(parent))
                    Truncate(parent);
                continue;
            }

            foreach ((Hash32 id, string key, StateVersion version) in Children(parent))
            {
                if (TryFind(id, out LineageNode? known))
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

                LineageNode child = Add(_records.FindAt(id, key, version), parent.Level + 1, parent);
                AddEdge(child, parent);
                waiting.Enqueue(child);
            }
        }
    }

    /// <summary>Where the edge to a parent ends that was not met before.</summary>
    private int Meet(Hash32 parent, LineageNode child)
    {
        bool isLeftOut = IsFull;
        if (!isLeftOut && _records.TryFind(parent, out LocatedRecord? located))
            return Add(located, child.Level + 1, child).Number;

        HasMissing |= !isLeftOut;
        _bytes += isLeftOut ? 0 : LineageForm.IdBytes;   // What is left out was reserved with its edge.
        int end = ~Named.Count;
        Named.Add(new NamedRecord(parent, IsMissing: !isLeftOut));
        _ends.Add(parent, end);
        return end;
    }

    private List<(Hash32 Child, string Key, StateVersion Version)> Children(LineageNode parent)
    {
        // One more than can be shown tells that some are left out. Those already met take no room.
        long room = long.Min(
            _bounds.Nodes - Nodes.Count, ((ReservedBytesMax - _bytes) / LineageForm.NodeBytesMin) + 1);
        long childrenMax = room + Nodes.Count + 1;
        List<(Hash32 Child, string Key, StateVersion Version)> children = [];
        foreach (var child in _records.Children(parent.Located.Id))
        {
            children.Add(child);
            if (children.Count >= childrenMax)
                break;
        }

        children.Sort((a, b) =>
            a.Version != b.Version ? a.Version.CompareTo(b.Version) : a.Child.CompareTo(b.Child));
        return children;
    }

    private bool HasChildren(LineageNode parent)
    {
        foreach ((Hash32, string, StateVersion) _ in _records.Children(parent.Located.Id))
            return true;
        return false;
    }

    private LineageNode Add(LocatedRecord located, int level, LineageNode? discoveredBy)
    {
        var node = new LineageNode(located, Nodes.Count, level, discoveredBy);
        _bytes += LineageForm.NodeBytesOf(located, level);
        _ends[located.Id] = node.Number;
        Nodes.Add(node);
        return node;
    }

    private void AddEdge(LineageNode child, LineageNode parent)
    {
        Edges.Add(new LineageEdge(child.Number, parent.Number));
        _bytes += _form.EdgeBytesMax(isFull: false);
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
        if (!node.IsTruncated)
            _bytes += LineageForm.TruncatedBytes;
        node.IsTruncated = true;
        IsTruncated = true;
    }
}

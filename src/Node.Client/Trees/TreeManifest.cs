using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Protocol;
using Node.Protocol.Merkle;

namespace Node.Client.Trees;

/// <summary>All files of a tree, in the order of their paths. Immutable.</summary>
public sealed class TreeManifest
{
    /// <summary>Longest list that is read.</summary>
    public const int ListBytesMax = 256 << 20;

    private readonly byte[] _list;

    private TreeManifest(IReadOnlyList<TreeEntry> entries, byte[] list)
    {
        Entries = entries;
        _list = list;
        Head = new TreeHead(
            MerkleRoot.Of(Leaves(list)), Hash32.Of(list), entries.Count, entries.Sum(entry => entry.Bytes));
    }

    public IReadOnlyList<TreeEntry> Entries { get; }

    public TreeHead Head { get; }

    /// <summary>One line for each entry, each ended by a line feed.</summary>
    public ReadOnlyMemory<byte> List => _list;

    /// <param name="entries">In any order; no path twice.</param>
    public static TreeManifest Of(IEnumerable<TreeEntry> entries)
    {
        TreeEntry[] sorted = [.. entries];
        byte[][] keys = Array.ConvertAll(sorted, entry => Encoding.UTF8.GetBytes(entry.Path));
        Array.Sort(keys, sorted, Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
        var list = new StringBuilder();
        foreach (TreeEntry entry in sorted)
            list.Append(entry.Line).Append('\n');

        return new TreeManifest(sorted, Encoding.UTF8.GetBytes(list.ToString()));
    }

    /// <param name="list">As stored. Held against the head in full: count, order, checksum and root.</param>
    public static bool TryParse(
        TreeHead head, byte[] list, [NotNullWhen(true)] out TreeManifest? manifest,
        [NotNullWhen(false)] out string? fault)
    {
        manifest = null;
        var entries = new List<TreeEntry>(Math.Min(head.Entries, list.Length / 70));
        fault = Hash32.Of(list) == head.List ? null : "the list of files is not the one that the head names";
        foreach (ReadOnlyMemory<byte> leaf in fault is null ? Leaves(list) : [])
        {
            if (!TreeEntry.TryParse(Encoding.UTF8.GetString(leaf.Span), out TreeEntry? entry, out fault))
            {
                fault = $"line {entries.Count + 1} of the list: {fault}";
                return false;
            }

            if (entries.Count > 0 && TreeEntry.Compare(entries[^1].Path, entry.Path) >= 0)
                fault = $"line {entries.Count + 1} of the list is out of order, or there twice";

            entries.Add(entry);
        }

        if (fault is not null)
            return false;

        var found = new TreeManifest(entries, list);
        fault = found.Head == head ? null : "the head says another count, size or root than its list has";
        manifest = fault is null ? found : null;
        return fault is null;
    }

    /// <summary>Proves that a file is in the tree; null when it is not.</summary>
    public TreeProof? Prove(string path)
    {
        for (int index = 0; index < Entries.Count; index++)
        {
            if (Entries[index].Path == path)
            {
                ulong size = (ulong)Entries.Count;
                Hash32[] steps = MerkleTree.OfLeaves(Leaves(_list)).ProveInclusion((ulong)index, size);
                return new TreeProof(Head, Entries[index], index, steps);
            }
        }

        return null;
    }

    private static ReadOnlyMemory<byte>[] Leaves(byte[] list)
    {
        var leaves = new List<ReadOnlyMemory<byte>>();
        for (int start = 0; start < list.Length;)
        {
            int end = Array.IndexOf(list, (byte)'\n', start);
            end = end < 0 ? list.Length : end;
            leaves.Add(list.AsMemory(start, end - start));
            start = end + 1;
        }

        return [.. leaves];
    }
}

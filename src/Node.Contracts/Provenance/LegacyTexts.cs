using System.Text;
using System.Text.Json;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Answers in the very texts of the 2019 contract, for callers that take them apart by hand.</summary>
/// <remarks>
/// Values are escaped, which the original left out; all else is as it was, so that getdependencies is no JSON where a
/// limit or a missing record is met. No recursion: a lineage may be deeper than a stack.
/// </remarks>
internal static class LegacyTexts
{
    /// <summary>What a caller adds to the arguments.</summary>
    public const string Form = "legacy";

    private const string CountReached = "count 0";

    /// <summary>getfromid: seven members, a blank behind each comma.</summary>
    public static ReadOnlyMemory<byte> FromId(LocatedRecord located)
    {
        StoredRecord record = located.Record;
        var text = new StringBuilder("{");
        Append("Type", record.Type, ", ");
        Append("Hash", record.Hash, ", ");
        Append("Location", record.Location, ", ");
        Append("Pointer", record.Pointer, ", ");
        Append("Description", record.Description, ", ");
        Append("Dependencies", record.Dependencies, ", ");
        var key = new JsonText(located.Key.Length + 2);
        key.Text(located.Key);
        Append("Key", key.Written.Span[1..^1], "}");
        return Encoding.UTF8.GetBytes(text.ToString());

        void Append(string name, ReadOnlySpan<byte> escaped, string end) =>
            text.Append('"').Append(name).Append("\":\"").Append(Encoding.UTF8.GetString(escaped)).Append('"')
                .Append(end);
    }

    /// <summary>
    /// getdependencies. A record whose parents stand at another place, nearer to the root, has the mark of the depth:
    /// the original wrote them again and again.
    /// </summary>
    /// <param name="isRead">False when the depth did not even allow to read the root.</param>
    public static ReadOnlyMemory<byte> Dependencies(LineageWalk walk, bool isRead)
    {
        var text = new StringBuilder("{\"Dependencies\": ");
        var open = new Stack<(LineageNode Node, int Next)>();
        if (isRead)
            open.Push((walk.Roots[0], 0));
        else
            text.Append(CountReached);
        text.Append(isRead ? "[" : "");
        while (open.TryPop(out (LineageNode Node, int Next) at))
        {
            if (at.Next == at.Node.Parents.Length)
            {
                text.Append(open.Count > 0 ? "]}" : "]");
                continue;
            }

            open.Push((at.Node, at.Next + 1));
            Hash32 parent = at.Node.Parents[at.Next];
            text.Append(at.Next > 0 ? ", " : "").Append("{\"TxID\":\"").Append(parent).Append("\",  \"Depending\": ");
            bool isKnown = walk.TryFind(parent, out LineageNode? node);
            if (isKnown && (node!.Parents.Length == 0 || (node.DiscoveredBy == at.Node && node.HasRoomForParents)))
            {
                text.Append('[');
                open.Push((node, 0));
            }
            else
            {
                text.Append(walk.IsMissing(parent) ? $"no such key:-:{parent}" : CountReached).Append('}');
            }
        }

        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    /// <summary>A stored text as it was before it was escaped.</summary>
    public static string Unescaped(ReadOnlySpan<byte> escaped)
    {
        if (escaped.IndexOf((byte)'\\') < 0)
            return Encoding.UTF8.GetString(escaped);

        byte[] quoted = [(byte)'"', .. escaped, (byte)'"'];
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString() ?? "";
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Node.Protocol;

namespace Node.Client.Trees;

/// <summary>
/// What the record of a tree names: a short text that commits to the list of files and to the Merkle root over it.
/// </summary>
/// <remarks>docs/formats.md, "Tree". The record's checksum is that of these bytes.</remarks>
/// <param name="Root">RFC 6962 root over the lines of the list.</param>
/// <param name="List">SHA-256 of the list.</param>
/// <param name="Entries">Lines of the list.</param>
/// <param name="Bytes">Of all contents.</param>
public sealed record TreeHead(Hash32 Root, Hash32 List, int Entries, long Bytes)
{
    /// <summary>Of a record of a tree.</summary>
    public const string RecordType = "Tree";

    /// <summary>Most files of one tree.</summary>
    public const int EntriesMax = 1_000_000;

    /// <summary>Longest head that is read.</summary>
    public const int BytesMax = 1 << 10;

    private const string Magic = "hyperprov-tree 1";
    private const int Lines = 5;

    public byte[] ToBytes() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{Magic}\nroot {Root}\nlist {List}\nentries {Entries}\nbytes {Bytes}\n"));

    public static bool TryParse(
        ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TreeHead? head, [NotNullWhen(false)] out string? fault)
    {
        head = null;
        fault = "it is no head of a tree";
        if (bytes.Length > BytesMax)
            return false;

        string[] lines = Encoding.ASCII.GetString(bytes).Split('\n');
        if (lines.Length != Lines + 1 || lines[0] != Magic)
        {
            if (lines[0].StartsWith("hyperprov-tree ", StringComparison.Ordinal) && lines[0] != Magic)
                fault = $"it is a tree of another format ({lines[0]}, known: {Magic}): update this program";

            return false;
        }

        if (!Hash32.TryParseHex(ValueOf(lines[1], "root"), out Hash32 root)
            || !Hash32.TryParseHex(ValueOf(lines[2], "list"), out Hash32 list)
            || !long.TryParse(
                ValueOf(lines[3], "entries"), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || !long.TryParse(
                ValueOf(lines[4], "bytes"), NumberStyles.None, CultureInfo.InvariantCulture, out long total)
            || count > EntriesMax)
            return false;

        // One form only: what differs in spacing, case or leading zeros would be a second checksum of one tree.
        TreeHead found = new(root, list, (int)count, total);
        if (!found.ToBytes().AsSpan().SequenceEqual(bytes))
            return false;

        head = found;
        fault = null;
        return true;
    }

    private static string ValueOf(string line, string name) =>
        line.StartsWith(name + " ", StringComparison.Ordinal) ? line[(name.Length + 1)..] : "";
}

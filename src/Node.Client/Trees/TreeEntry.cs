using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Node.Protocol;

namespace Node.Client.Trees;

public enum TreeEntryKind
{
    File,

    /// <summary>A symbolic link: its content is the text of its target, and nothing is followed.</summary>
    Link,
}

/// <summary>One file of a tree.</summary>
/// <param name="Path">Relative, parts separated by slashes, in the bytes of the file system.</param>
/// <param name="Checksum">SHA-256 of the content.</param>
public sealed record TreeEntry(TreeEntryKind Kind, string Path, long Bytes, Hash32 Checksum)
{
    private const int FieldsOfLine = 4;

    /// <summary>
    /// Its line in the list, without the line feed: a leaf of the tree's Merkle root. docs/formats.md.
    /// </summary>
    public string Line => string.Create(
        CultureInfo.InvariantCulture, $"{(Kind == TreeEntryKind.File ? 'f' : 'l')} {Checksum} {Bytes} {Escape(Path)}");

    /// <summary>Takes a line in exactly the form of <see cref="Line"/>.</summary>
    public static bool TryParse(
        string line, [NotNullWhen(true)] out TreeEntry? entry, [NotNullWhen(false)] out string? fault)
    {
        entry = null;
        string[] fields = line.Split(' ', FieldsOfLine);
        if (fields.Length != FieldsOfLine || fields[0] is not ("f" or "l")
            || !Hash32.TryParseHex(fields[1], out Hash32 checksum)
            || !long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            || !TryUnescape(fields[3], out string? path))
        {
            fault = "it is no line of a tree: expected f or l, a SHA-256, a length and a path";
            return false;
        }

        TreeEntry found = new(fields[0] == "f" ? TreeEntryKind.File : TreeEntryKind.Link, path, bytes, checksum);
        fault = FaultOf(path) ?? (found.Line == line ? null : "it is not written in the one form it has");
        entry = fault is null ? found : null;
        return fault is null;
    }

    /// <summary>Why a path cannot stand in a tree; null when it can.</summary>
    public static string? FaultOf(string path)
    {
        if (path.Length == 0 || path[0] == '/')
            return "the path is not relative";
        if (path.Contains('\0') || path.Contains('\uFFFD'))
            return "the path is not UTF-8";

        foreach (string part in path.Split('/'))
        {
            if (part is "" or "." or "..")
                return "the path has an empty part, . or .. in it";
        }

        return null;
    }

    /// <summary>The order of the list: by the bytes of UTF-8.</summary>
    public static int Compare(string left, string right) =>
        Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));

    // A line feed in a name must not make two lines of one.
    private static string Escape(string path)
    {
        if (!path.Any(NeedsEscape))
            return path;

        var text = new StringBuilder();
        foreach (char character in path)
        {
            if (NeedsEscape(character))
                text.Append(CultureInfo.InvariantCulture, $"%{(int)character:X2}");
            else
                text.Append(character);
        }

        return text.ToString();
    }

    private static bool NeedsEscape(char character) => character is < ' ' or '%' or '\x7f';

    private static bool TryUnescape(string text, [NotNullWhen(true)] out string? path)
    {
        path = null;
        var characters = new StringBuilder();
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '%')
            {
                characters.Append(text[at]);
                continue;
            }

            if (at + 2 >= text.Length
                || !byte.TryParse(
                    text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                    out byte value))
                return false;

            characters.Append((char)value);
            at += 2;
        }

        path = characters.ToString();
        return true;
    }
}

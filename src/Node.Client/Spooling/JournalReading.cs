using System.Globalization;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Client.Spooling;

/// <summary>Reads a spool's journal in order, up to where the device says that it is on disk.</summary>
/// <remarks>
/// Any process may read while one adds: what lies behind the tip is not looked at. Frames are checked by their sums;
/// links and signatures are <see cref="SpoolVerification"/>'s and the contract's to check.
/// </remarks>
internal sealed class JournalReading(SpoolLayout layout)
{
    public SpoolTip ReadTip()
    {
        layout.RequireSpool();
        return SpoolTip.ReadNewest(layout.TipFile)?.Tip ?? throw Altered($"{layout.TipFile} holds no tip of a journal");
    }

    /// <summary>Entries from a sequence on, up to and including the tip's.</summary>
    /// <exception cref="SpoolException">An entry of these is missing or altered.</exception>
    public IEnumerable<SignedJournalEntry> ReadFrom(ulong sequence, SpoolTip tip)
    {
        List<(ulong First, string Path)> segments = layout.ListSegments();
        int index = segments.FindLastIndex(segment => segment.First <= sequence);
        ulong next = index < 0 ? sequence : segments[index].First;
        for (; index >= 0 && index < segments.Count && next <= tip.Sequence; index++)
        {
            if (segments[index].First != next)
                break;

            foreach (ReadOnlyMemory<byte> frame in Frames(segments[index].Path, tip.Journal, next))
            {
                if (next > tip.Sequence)
                    yield break;
                if (next >= sequence)
                    yield return Decode(frame, next, segments[index].Path);
                next++;
            }
        }

        if (next <= tip.Sequence)
            throw Altered(Numbered($"entry {next} is not there"));
    }

    /// <summary>One entry that the tip covers.</summary>
    public SignedJournalEntry ReadOne(ulong sequence, SpoolTip tip)
    {
        foreach (SignedJournalEntry entry in ReadFrom(sequence, tip))
            return entry;
        throw Altered(Numbered($"entry {sequence} is not there"));
    }

    private SignedJournalEntry Decode(ReadOnlyMemory<byte> frame, ulong sequence, string path)
    {
        if (!SegmentBytes.TryDecode(frame, out SignedJournalEntry? signed, out string? fault))
            throw Altered(Numbered($"entry {sequence} in {path} cannot be read: {fault}"));
        return signed.Entry.Sequence == sequence
            ? signed
            : throw Altered(Numbered($"entry {signed.Entry.Sequence} stands in {path} where {sequence} belongs"));
    }

    private IEnumerable<ReadOnlyMemory<byte>> Frames(string path, Hash32 journal, ulong first)
    {
        byte[] segment = ReadShared(path);
        if (!SegmentBytes.IsHeadOf(segment, journal, first))
            throw Altered($"{path} does not begin as the journal's segment");

        for (int offset = SegmentBytes.HeadBytes;
            SegmentBytes.TryMeasure(segment.AsSpan(offset), out int bytes);
            offset += bytes)
            yield return segment.AsMemory(offset, bytes);
    }

    /// <summary>A whole segment, also while another process writes at its end.</summary>
    public static byte[] ReadShared(string path)
    {
        try
        {
            const FileShare All = FileShare.ReadWrite | FileShare.Delete;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, All);
            var bytes = new byte[file.Length];
            int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return read == bytes.Length ? bytes : bytes[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("read a segment", path, e.Message, e);
        }
    }

    private SpoolException Altered(string what) => new(
        SpoolFaultKind.Altered,
        $"The journal in {layout.Folder} is not what was recorded: {what}. See: hyperprov spool verify.");

    private static string Numbered(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

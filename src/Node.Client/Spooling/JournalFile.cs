using System.Globalization;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Client.Spooling;

/// <summary>The growing end of a journal: its last segment, and the tip.</summary>
/// <remarks>
/// One writer, who holds the lock; not thread-safe. After a failed write the disk and this object may disagree: dispose
/// it and open the spool again.
/// </remarks>
internal sealed class JournalFile : IDisposable
{
    /// <summary>A segment that has grown beyond this is followed by another one.</summary>
    private const long SegmentBytesUsual = 64L << 20;

    private readonly SpoolLayout _layout;
    private readonly Hash32 _journal;
    private FileStream _segment;
    private long _tipOffset;

    private JournalFile(SpoolLayout layout, Hash32 journal, FileStream segment, long tipOffset)
    {
        _layout = layout;
        _journal = journal;
        _segment = segment;
        _tipOffset = tipOffset;
    }

    /// <summary>Makes the journal's first segment; nothing of it is on disk for sure before the first entry
    /// is.</summary>
    public static JournalFile Create(SpoolLayout layout, Hash32 journal)
    {
        FileSync.CreateFolder(layout.Segments);
        return new JournalFile(layout, journal, NewSegment(layout, journal, first: 0), tipOffset: SpoolTip.SlotBytes);
    }

    /// <summary>
    /// Finds the end, and cuts off what a crash left behind it: entries that are torn, or that nobody was told of.
    /// </summary>
    /// <exception cref="SpoolException">What the tip vouches for is not there.</exception>
    public static (JournalFile File, SignedJournalEntry Last) Open(SpoolLayout layout)
    {
        (SpoolTip tip, long tipOffset) = SpoolTip.ReadNewest(layout.TipFile)
            ?? throw Altered(layout, $"{layout.TipFile} holds no tip of a journal");
        List<(ulong First, string Path)> segments = layout.ListSegments();

        // A segment behind the tip without a whole entry was being made when the power went.
        while (segments.Count > 0
            && segments[^1].First > tip.Sequence
            && LastOf(segments[^1], tip, out _) is null)
        {
            File.Delete(segments[^1].Path);
            segments.RemoveAt(segments.Count - 1);
        }

        if (segments.Count == 0)
            throw Altered(layout, "it has no segment");

        SignedJournalEntry? last = LastOf(segments[^1], tip, out long end);
        if (last is null || last.Entry.Sequence < tip.Sequence)
            throw Altered(layout, Numbered(
                $"the device vouched for {tip.Sequence} entries, {segments[^1].Path} ends before the last of them"));

        var file = new FileStream(segments[^1].Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
        if (file.Length > end)
            file.SetLength(end);
        file.Seek(end, SeekOrigin.Begin);
        file.Flush(flushToDisk: true);
        return (new JournalFile(layout, tip.Journal, file, SpoolTip.OffsetAfter(tipOffset)), last);
    }

    /// <summary>On disk when it returns.</summary>
    /// <exception cref="StorageFailedException">Which of the entries are on disk is unknown.</exception>
    public void Append(IReadOnlyList<SignedJournalEntry> entries)
    {
        try
        {
            if (_segment.Position >= SegmentBytesUsual)
            {
                _segment.Dispose();
                _segment = NewSegment(_layout, _journal, entries[0].Entry.Sequence);
            }

            _segment.Write(SegmentBytes.EncodeFrames(entries));
            _segment.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("append to a journal", _segment.Name, e.Message, e);
        }
    }

    /// <summary>Says how far the journal goes. After <see cref="Append"/>, and not synced: see SpoolTip.</summary>
    public void WriteTip(SpoolTip tip)
    {
        try
        {
            using var file = new FileStream(
                _layout.TipFile, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, 0);
            file.Seek(_tipOffset, SeekOrigin.Begin);
            file.Write(tip.ToSlot());
            if (tip.Sequence == 0)
                file.Flush(flushToDisk: true);
            _tipOffset = SpoolTip.OffsetAfter(_tipOffset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("write the tip", _layout.TipFile, e.Message, e);
        }
    }

    public void Dispose() => _segment.Dispose();

    private static FileStream NewSegment(SpoolLayout layout, Hash32 journal, ulong first)
    {
        string path = layout.SegmentOf(first);
        var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
        file.Write(SegmentBytes.EncodeHead(journal, first));
        FileSync.SyncFolder(layout.Segments);
        return file;
    }

    /// <summary>The last entry of a segment that can be trusted, and where it ends.</summary>
    private static SignedJournalEntry? LastOf((ulong First, string Path) segment, SpoolTip tip, out long end)
    {
        byte[] bytes = JournalReading.ReadShared(segment.Path);
        SignedJournalEntry? last = null;
        end = SegmentBytes.HeadBytes;
        if (!SegmentBytes.IsHeadOf(bytes, tip.Journal, segment.First))
            return null;

        while (SegmentBytes.TryMeasure(bytes.AsSpan((int)end), out int frame)
            && SegmentBytes.TryDecode(bytes.AsMemory((int)end, frame), out SignedJournalEntry? entry, out _)
            && (last is null || JournalHead.After(last.Entry).FaultOfNext(entry.Entry) is null))
        {
            last = entry;
            end += frame;
        }

        return last;
    }

    private static SpoolException Altered(SpoolLayout layout, string what) => new(
        SpoolFaultKind.Altered,
        $"The journal in {layout.Folder} is not what was recorded: {what}. See: hyperprov spool verify.");

    private static string Numbered(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

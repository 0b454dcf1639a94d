using System.Globalization;
using Node.Client.Storing;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Client.Spooling;

/// <summary>
/// Checks every byte of a spool's journal without a network: sums, numbers, links, times, signatures, and that it goes
/// as far as the device said.
/// </summary>
/// <remarks>
/// What it cannot see is a folder that was put back as a whole to an earlier state, tip included: that shows when the
/// ledger has more of the journal, which forwarding and <c>spool status</c> tell. One run, one owner.
/// </remarks>
public sealed class SpoolVerification
{
    private readonly SpoolLayout _layout;
    private readonly bool _withContent;
    private readonly string? _location;
    private readonly List<SpoolFinding> _findings = [];
    private JournalHead? _head;
    private MemberCertificate? _signer;
    private SpoolTip? _tip;
    private ulong _entries;

    private SpoolVerification(string folder, bool withContent)
    {
        _layout = new SpoolLayout(folder);
        _withContent = withContent;
        _location = File.Exists(_layout.LocationFile) ? File.ReadAllText(_layout.LocationFile).Trim() : null;
    }

    /// <param name="withContent">Also hold each record's content in the spool's own store against its checksum.</param>
    /// <exception cref="SpoolException">There is no spool.</exception>
    /// <exception cref="StorageFailedException">
    /// A file cannot be read, which says nothing about the journal.
    /// </exception>
    public static async Task<SpoolReport> RunAsync(
        string folder, bool withContent, CancellationToken cancellation)
    {
        var verification = new SpoolVerification(folder, withContent);
        return await verification.RunAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<SpoolReport> RunAsync(CancellationToken cancellation)
    {
        FolderStore store = new(_layout.Store);
        await using (store.ConfigureAwait(false))
        {
            return await RunAsync(store, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<SpoolReport> RunAsync(FolderStore store, CancellationToken cancellation)
    {
        List<(ulong First, string Path)> segments = _layout.ListSegments();
        if (segments.Count == 0)
            _layout.RequireSpool();

        _tip = SpoolTip.ReadNewest(_layout.TipFile)?.Tip;
        if (_tip is null)
            Find(null, _layout.TipFile, "the device's tip is gone or altered: nobody can say how far the journal goes");

        foreach ((ulong first, string path) in segments)
        {
            foreach (SignedJournalEntry entry in ReadSegment(first, path))
            {
                cancellation.ThrowIfCancellationRequested();
                if (_withContent && entry.Entry.Record is { } record)
                    await CheckContentAsync(store, entry.Entry.Sequence, record, cancellation).ConfigureAwait(false);
            }
        }

        CheckEnd();
        return new SpoolReport(_head?.Journal ?? _tip?.Journal ?? default, _entries, _findings);
    }

    private IEnumerable<SignedJournalEntry> ReadSegment(ulong first, string path)
    {
        byte[] segment = JournalReading.ReadShared(path);
        Hash32 journal = _tip?.Journal ?? _head?.Journal ?? default;
        if (!SegmentBytes.IsHeadOf(segment, journal, first) && !IsUnfinished(segment, first))
            Find(null, path, "its head is altered, or of another journal");

        int offset = SegmentBytes.HeadBytes;
        while (SegmentBytes.TryMeasure(segment.AsSpan(int.Min(offset, segment.Length)), out int bytes))
        {
            string place = SegmentBytes.At(path, offset);
            ReadOnlyMemory<byte> frame = segment.AsMemory(offset, bytes);
            if (!SegmentBytes.TryDecode(frame, out SignedJournalEntry? signed, out string? fault))
                Find(_head?.Sequence + 1, place, $"the entry cannot be read: {fault}");
            else if (Check(signed, place))
                yield return signed;
            offset += bytes;
        }

        // Behind the tip it is what a crash left, and the next one who adds cuts it off.
        if (offset < segment.Length && _tip is { } tip && (_head?.Sequence ?? 0) < tip.Sequence)
            Find(_head?.Sequence + 1, SegmentBytes.At(path, offset), "what follows is no entry: it was altered or cut");
    }

    private bool IsUnfinished(byte[] segment, ulong first) =>
        segment.Length <= SegmentBytes.HeadBytes && _tip is { } tip && first > tip.Sequence;

    /// <returns>True for a record whose content may be looked at.</returns>
    private bool Check(SignedJournalEntry signed, string place)
    {
        JournalEntry entry = signed.Entry;
        _entries++;
        string? fault = _head is null
            ? entry.Kind == JournalEntryKind.Open ? null : "the journal does not begin with its opening entry"
            : _head.FaultOfNext(entry);
        if (fault is null && _head is null && _tip is { } tip && tip.Journal != entry.Hash)
            fault = $"this opens the journal {entry.Hash}, the tip is of {tip.Journal}";
        if (fault is not null)
            Find(entry.Sequence, place, fault);

        if (entry.Kind == JournalEntryKind.Open)
            Admit(entry, place);
        CheckSignature(signed, place);
        if (entry.Kind == JournalEntryKind.Renew)
            Admit(entry, place);

        // Going on from what is there shows each break once, not once per entry behind it.
        _head = JournalHead.After(entry);
        if (_tip is { } vouched && vouched.Sequence == entry.Sequence && vouched.Hash != entry.Hash)
            Find(entry.Sequence, place, "the device's tip names another entry of this number");
        return fault is null;
    }

    private void CheckSignature(SignedJournalEntry signed, string place)
    {
        JournalEntry entry = signed.Entry;
        if (_signer is null)
            return;   // Told where the certificate could not be read.
        if (entry.Place.Signer != _signer.Fingerprint)
            Find(entry.Sequence, place,
                $"it names the certificate {entry.Place.Signer}, the journal's is {_signer.Fingerprint}");
        else if (!_signer.Verify(entry.Body.Span, signed.Signature.Span))
            Find(entry.Sequence, place, "its signature is not the device's over these bytes");
    }

    private void Admit(JournalEntry entry, string place)
    {
        // Openings and renewals bring a device.
        if (SpoolIdentities.TryRead(entry.Device!, out MemberCertificate? certificate, out string? fault))
            _signer = certificate;
        else
            Find(entry.Sequence, place, $"its certificate cannot be read: {fault}");
    }

    private void CheckEnd()
    {
        if (_tip is not { } tip)
            return;

        ulong last = _head?.Sequence ?? 0;
        if (_head is null)
            Find(0, _layout.Segments, "no entry can be read");
        else if (last < tip.Sequence)
            Find(last + 1, _layout.Segments, Numbered(
                $"entries {last + 1} to {tip.Sequence}, for which the device vouched, were removed from the end"));
        if (_signer is not null && last == tip.Sequence && !tip.IsSignedBy(_signer))
            Find(null, _layout.TipFile, "the tip is not signed by the device");
    }

    private async Task CheckContentAsync(
        FolderStore store, ulong sequence, JournaledRecord record, CancellationToken cancellation)
    {
        // Content that is to lie elsewhere has the same pointer here until then.
        string own = record.Pointer;
        bool isOwn = record.Location == _location || store.Covers(record.Location, record.Pointer, out own);
        if (!isOwn || !Checksum.TryParse(record.Algorithm, record.Hash, out Checksum? expected))
            return;

        string place = Path.Combine(_layout.Store, own);
        try
        {
            Stream content = await store.OpenAsync(own, cancellation).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                string found = await HashAsync(content, expected, cancellation).ConfigureAwait(false);
                if (found != expected.Hex)
                    Find(
                        sequence, place,
                        $"the content was altered: {expected.Algorithm} {found}, recorded {expected.Hex}");
            }
        }
        catch (ContentMissingException)
        {
            Find(sequence, place, "the content is gone");
        }
    }

    private static async Task<string> HashAsync(Stream content, Checksum expected, CancellationToken cancellation)
    {
        byte[] hash = await System.Security.Cryptography.CryptographicOperations.HashDataAsync(
            expected.Name, content, cancellation).ConfigureAwait(false);
        return Convert.ToHexStringLower(hash);
    }

    private void Find(ulong? sequence, string place, string message)
    {
        if (_findings.Count < SpoolReport.FindingsMax)
            _findings.Add(new SpoolFinding(sequence, place, message));
    }

    private static string Numbered(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

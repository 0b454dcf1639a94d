using System.Security.Cryptography;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Client.Spooling;

/// <summary>Keeps a device's records while it is alone: signed, chained, and on disk when it says so.</summary>
/// <remarks>
/// One process adds at a time; others may read, verify and forward meanwhile. Not thread-safe. After a
/// <see cref="StorageFailedException"/> dispose it and open the spool again: what was acknowledged is there.
/// </remarks>
public sealed class Spool : IDisposable
{
    private readonly SpoolLayout _layout;
    private readonly FileStream _lock;
    private readonly JournalFile _file;
    private readonly TimeProvider _clock;
    private SigningIdentity _device;
    private JournalHead _head;

    private Spool(
        SpoolLayout layout, FileStream heldLock, JournalFile file, SigningIdentity device, JournalHead head,
        TimeProvider clock)
    {
        _layout = layout;
        _lock = heldLock;
        _file = file;
        _device = device;
        _head = head;
        _clock = clock;
    }

    /// <summary>Names the journal: the hash of its opening entry.</summary>
    public Hash32 Journal => _head.Journal;

    /// <summary>The number of the last entry; 0 is the opening.</summary>
    public ulong Sequence => _head.Sequence;

    /// <summary>When the certificate that signs expires. Entries are taken after that too; see docs/spool.md.</summary>
    public DateTimeOffset CertificateNotAfter => _device.NotAfter;

    /// <summary>Makes a spool, and opens its journal as this device.</summary>
    /// <param name="mspFolder">With signcerts and keystore; it is copied.</param>
    /// <exception cref="SpoolException">There is a spool already, or the identity cannot sign.</exception>
    public static Spool Create(string folder, MspId mspId, string mspFolder, TimeProvider clock)
    {
        var layout = new SpoolLayout(folder);
        if (layout.Exists)
            throw new SpoolException(
                SpoolFaultKind.WrongPlace,
                $"There is a spool in {layout.Folder} already. Go on with it, or name another folder with --spool.");

        FileSync.CreateFolder(layout.Folder);
        FileStream heldLock = TakeLock(layout);
        SigningIdentity? device = null;
        Spool? spool = null;
        try
        {
            device = SpoolIdentities.Import(layout, mspId, mspFolder);
            JournaledDevice introduced = SpoolIdentities.Introduce(
                device, RandomNumberGenerator.GetBytes(JournaledDevice.NonceBytes));
            DateTimeOffset now = clock.GetUtcNow();
            SpoolIdentities.RequireInForce(introduced, now);
            JournalEntry opening = JournalEntry.Create(
                new JournalPlace(
                    Hash32.Zero, Sequence: 0, Hash32.Zero, now, IsClockBehind: false,
                    SpoolIdentities.FingerprintOf(device)),
                introduced);
            JournalFile file = JournalFile.Create(layout, opening.Hash);
            var made = new Spool(layout, heldLock, file, device, JournalHead.After(opening), clock);
            made.Append([new SignedJournalEntry(opening, device.Sign(opening.Body.Span))]);
            FileSync.SyncFolder(layout.Folder);
            spool = made;
            return spool;
        }
        finally
        {
            Release(spool, file: null, device, heldLock);
        }
    }

    /// <summary>Opens a spool to add to it. What a crash left unfinished is cut off.</summary>
    /// <exception cref="SpoolException">
    /// There is none, another process adds to it, or acknowledged entries are gone.
    /// </exception>
    public static Spool Open(string folder, TimeProvider clock)
    {
        var layout = new SpoolLayout(folder);
        layout.RequireSpool();
        FileStream heldLock = TakeLock(layout);
        JournalFile? file = null;
        SigningIdentity? device = null;
        Spool? spool = null;
        try
        {
            (file, SignedJournalEntry last) = JournalFile.Open(layout);
            device = OpenDevice(layout, last.Entry);
            file.WriteTip(SpoolTip.Sign(last.Entry, device));
            spool = new Spool(layout, heldLock, file, device, JournalHead.After(last.Entry), clock);
            return spool;
        }
        finally
        {
            Release(spool, file, device, heldLock);
        }
    }

    /// <summary>Adds one record. On disk when it returns.</summary>
    /// <returns>What other records name as their parent, here and on the ledger.</returns>
    /// <inheritdoc cref="Add(IReadOnlyList{JournaledRecord})" path="/exception"/>
    public TxId Add(JournaledRecord record) => Add([record])[0];

    /// <summary>Adds records with one sync for all of them. All are on disk when it returns.</summary>
    /// <exception cref="ArgumentException">A record is none that the ledger would take; nothing was added.</exception>
    /// <exception cref="StorageFailedException">Which of them are on disk is unknown.</exception>
    public IReadOnlyList<TxId> Add(IReadOnlyList<JournaledRecord> records)
    {
        var entries = new SignedJournalEntry[records.Count];
        JournalHead head = _head;
        for (int i = 0; i < entries.Length; i++)
        {
            JournalEntry entry = JournalEntry.Create(PlaceBehind(head), records[i]);
            entries[i] = new SignedJournalEntry(entry, _device.Sign(entry.Body.Span));
            head = JournalHead.After(entry);
        }

        if (entries.Length > 0)
            Append(entries);
        return Array.ConvertAll(entries, entry => entry.Entry.RecordId);
    }

    /// <summary>Goes on with a new certificate of the same device, which the old key signs for.</summary>
    /// <exception cref="SpoolException">The identity cannot sign, or is another one's; nothing was added.</exception>
    public void Renew(MspId mspId, string mspFolder)
    {
        SigningIdentity renewed = SpoolIdentities.Import(_layout, mspId, mspFolder);
        JournaledDevice introduced = SpoolIdentities.Introduce(renewed, ReadOnlyMemory<byte>.Empty);
        JournalPlace place = PlaceBehind(_head);
        SpoolIdentities.RequireInForce(introduced, place.Time);
        SpoolIdentities.RequireSameDevice(
            SpoolIdentities.Introduce(_device, ReadOnlyMemory<byte>.Empty), introduced);
        JournalEntry entry = JournalEntry.Create(place, introduced);
        var signed = new SignedJournalEntry(entry, _device.Sign(entry.Body.Span));
        _device.Dispose();
        _device = renewed;
        Append([signed]);
    }

    public void Dispose()
    {
        _device.Dispose();
        _file.Dispose();
        _lock.Dispose();
    }

    /// <summary>Lets go of everything when opening did not succeed.</summary>
    private static void Release(Spool? opened, JournalFile? file, SigningIdentity? device, FileStream heldLock)
    {
        if (opened is not null)
            return;

        device?.Dispose();
        file?.Dispose();
        heldLock.Dispose();
    }

    private void Append(IReadOnlyList<SignedJournalEntry> entries)
    {
        _file.Append(entries);
        _head = JournalHead.After(entries[^1].Entry);
        _file.WriteTip(SpoolTip.Sign(entries[^1].Entry, _device));
    }

    /// <summary>Time never runs backward in a journal: a device without a battery may wake up in 1970.</summary>
    private JournalPlace PlaceBehind(JournalHead head)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        bool isBehind = now < head.Time;
        return new JournalPlace(
            head.Journal, head.Sequence + 1, head.Hash, isBehind ? head.Time : now, isBehind,
            SpoolIdentities.FingerprintOf(_device));
    }

    private static SigningIdentity OpenDevice(SpoolLayout layout, JournalEntry last)
    {
        Hash32 signer = last.Place.Signer;
        string fault = "";
        if (last.Device is { } device && !JournaledDevice.TryFingerprint(
            device.CertificatePem.Span, out signer, out string? unreadable))
            fault = unreadable;
        if (fault.Length > 0)
            throw new SpoolException(SpoolFaultKind.NoIdentity, fault);

        return SpoolIdentities.Open(layout, MspOf(layout), signer);
    }

    private static MspId MspOf(SpoolLayout layout)
    {
        var reading = new JournalReading(layout);
        SignedJournalEntry opening = reading.ReadOne(0, reading.ReadTip());
        return opening.Entry.Device?.MspId ?? throw new SpoolException(
            SpoolFaultKind.Altered, $"The journal in {layout.Folder} does not begin with its opening entry.");
    }

    private static FileStream TakeLock(SpoolLayout layout)
    {
        try
        {
            return new FileStream(layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageFailedException("lock a spool", layout.LockFile, e.Message, e);
        }
        catch (IOException e) when (File.Exists(layout.LockFile))
        {
            throw new SpoolException(
                SpoolFaultKind.Busy,
                $"Another process adds to the spool in {layout.Folder} ({e.Message}). Wait until it ends.");
        }
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Node.Protocol.Journaling;

/// <summary>One entry of a device's journal, with its canonical bytes. Immutable.</summary>
/// <remarks>
/// The bytes are what is hashed, signed and sent; they are never encoded again from the members. Layout:
/// docs/formats.md, "Journal entry".
/// </remarks>
public sealed class JournalEntry
{
    private JournalEntry(
        JournalPlace place, JournalEntryKind kind, JournaledRecord? record, JournaledDevice? device,
        ReadOnlyMemory<byte> body)
    {
        Place = place;
        Kind = kind;
        Record = record;
        Device = device;
        Body = body;
        Hash = Hash32.Of(body.Span);
    }

    public JournalEntryKind Kind { get; }

    public JournalPlace Place { get; }

    public ulong Sequence => Place.Sequence;

    /// <summary>Not null exactly in records.</summary>
    public JournaledRecord? Record { get; }

    /// <summary>Not null exactly in openings and renewals.</summary>
    public JournaledDevice? Device { get; }

    /// <summary>The canonical bytes, which the device signs.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>SHA-256 of <see cref="Body"/>: what the next entry names, and the record's id on the ledger.</summary>
    public Hash32 Hash { get; }

    public TxId RecordId => TxId.Of(Hash);

    /// <summary>Which journal it belongs to; an opening is its own.</summary>
    public Hash32 Journal => Kind == JournalEntryKind.Open ? Hash : Place.Journal;

    /// <exception cref="ArgumentException">The entry would be larger than the limit.</exception>
    public static JournalEntry Create(JournalPlace place, JournaledRecord record) =>
        Build(place, JournalEntryKind.Record, record, device: null);

    /// <summary>An opening at sequence 0, else a renewal.</summary>
    /// <inheritdoc cref="Create(JournalPlace, JournaledRecord)" path="/exception"/>
    public static JournalEntry Create(JournalPlace place, JournaledDevice device) =>
        Build(place, place.Sequence == 0 ? JournalEntryKind.Open : JournalEntryKind.Renew, record: null, device);

    /// <summary>Reads bytes from outside: exactly the canonical spelling, nothing behind it.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> body,
        [NotNullWhen(true)] out JournalEntry? entry,
        [NotNullWhen(false)] out string? fault)
    {
        entry = null;
        if (!JournalEntryBytes.TryDecode(
            body, out JournalPlace place, out JournalEntryKind kind, out JournaledRecord? record,
            out JournaledDevice? device, out fault))
            return false;

        entry = new JournalEntry(place, kind, record, device, body);
        return true;
    }

    private static JournalEntry Build(
        JournalPlace place, JournalEntryKind kind, JournaledRecord? record, JournaledDevice? device)
    {
        byte[] body = JournalEntryBytes.Encode(place, kind, record, device);

        // What is written must be what a reader takes: limits and canonical spelling are checked in one place.
        if (!TryRead(body, out JournalEntry? entry, out string? fault))
            throw new ArgumentException($"This is no journal entry: {fault}.");
        return entry;
    }
}

using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>A record as it lies in world state: one flat JSON object, read without unescaping anything.</summary>
/// <remarks>
/// Members are slices of the stored bytes from inside of their quotes, escaped as <see cref="JsonText"/> wrote them, so
/// an answer copies them. The first eight members and their order are those of the 2019 contract.
/// </remarks>
internal sealed class StoredRecord
{
    private readonly ReadOnlyMemory<byte> _json;
    private Slices _slices;

    private StoredRecord(ReadOnlyMemory<byte> json) => _json = json;

    // In the order in which they are written.
    private enum Member
    {
        Hash,
        Location,
        Pointer,
        TxId,
        Certificate,
        Type,
        Description,
        Dependencies,
        ChecksumAlgorithm,
        MspId,
        Fingerprint,
        Time,
        Batch,
        OriginalTime,
        Journal,
        JournalSequence,
        Earlier,
        Count,
    }

    // A record of a lineage of many thousands: one object, no list beside it.
    [InlineArray((int)Member.Count)]
    private struct Slices
    {
        private (int Start, int Length) _first;
    }

    public static StoredRecord Empty { get; } = new(default);

    /// <summary>As stored.</summary>
    public int Bytes => _json.Length;

    public ReadOnlySpan<byte> Hash => this[Member.Hash];

    public ReadOnlySpan<byte> Location => this[Member.Location];

    public ReadOnlySpan<byte> Pointer => this[Member.Pointer];

    /// <summary>The record's id: that of its transaction, unless it is one of a batch.</summary>
    public ReadOnlySpan<byte> TxId => this[Member.TxId];

    /// <summary>The writer's enrolment id.</summary>
    public ReadOnlySpan<byte> Certificate => this[Member.Certificate];

    public ReadOnlySpan<byte> Type => this[Member.Type];

    public ReadOnlySpan<byte> Description => this[Member.Description];

    /// <summary>Record ids joined by ':'; empty for none.</summary>
    public ReadOnlySpan<byte> Dependencies => this[Member.Dependencies];

    public ReadOnlySpan<byte> ChecksumAlgorithm => this[Member.ChecksumAlgorithm];

    public ReadOnlySpan<byte> MspId => this[Member.MspId];

    public ReadOnlySpan<byte> Fingerprint => this[Member.Fingerprint];

    public ReadOnlySpan<byte> Time => this[Member.Time];

    /// <summary>The transaction that wrote it, where that is not <see cref="TxId"/>; else empty.</summary>
    public ReadOnlySpan<byte> Batch => this[Member.Batch];

    /// <summary>When a device recorded it, if it came through a journal; else empty, as the next three are.</summary>
    public ReadOnlySpan<byte> OriginalTime => this[Member.OriginalTime];

    public ReadOnlySpan<byte> Journal => this[Member.Journal];

    /// <summary>The entry's number in its journal, in decimal digits.</summary>
    public ReadOnlySpan<byte> JournalSequence => this[Member.JournalSequence];

    /// <summary>The record of the same key that the same transaction wrote before this one.</summary>
    public ReadOnlySpan<byte> Earlier => this[Member.Earlier];

    /// <summary><see cref="TxId"/> as a digest.</summary>
    public Hash32 Id => IdOf(TxId);

    private ReadOnlySpan<byte> this[Member member]
    {
        get
        {
            (int start, int length) = _slices[(int)member];
            return _json.Span.Slice(start, length);
        }
    }

    /// <summary>Whether a member of this organisation wrote it.</summary>
    public bool IsOf(Protocol.MspId mspId) => IsText(MspId, mspId.Value);

    /// <summary>Whether this person wrote it, with this certificate or another one.</summary>
    public bool IsBy(ClientIdentity client) =>
        IsOf(client.MspId) && IsText(Certificate, client.EnrollmentId);

    /// <summary>0 for a record that came through no journal.</summary>
    public ulong JournalNumber() => Utf8Parser.TryParse(JournalSequence, out ulong number, out _) ? number : 0;

    /// <summary>The parents, in the order they were named.</summary>
    public Hash32[] Parents()
    {
        const int IdAndColon = Protocol.TxId.Chars + 1;
        ReadOnlySpan<byte> rest = Dependencies;
        if (rest.IsEmpty)
            return [];

        var parents = new Hash32[(rest.Length + 1) / IdAndColon];
        for (int i = 0; i < parents.Length; i++)
            parents[i] = IdOf(rest.Slice(i * IdAndColon, Protocol.TxId.Chars));
        return parents;
    }

    /// <summary>RFC 3339 in UTC; a fraction as long as it needs to be.</summary>
    public static string TimeText(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>How the 2019 contract showed the same time.</summary>
    public static string LegacyTimeText(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF '+0000 UTC'", CultureInfo.InvariantCulture);

    /// <summary>False when the bytes are no record. Members of later formats are passed over.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out StoredRecord? record)
    {
        var reader = new Utf8JsonReader(json.Span);
        record = new StoredRecord(json);
        try
        {
            int expected = 0;
            bool isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                record.ReadMember(ref reader, ref expected);
        }
        catch (JsonException)
        {
            record = null;
            return false;
        }

        if (reader.TokenType != JsonTokenType.EndObject || record.TxId.Length != Protocol.TxId.Chars)
            record = null;
        return record is not null;
    }

    private static bool IsText(ReadOnlySpan<byte> escaped, string text)
    {
        const int Quotes = 2;
        var json = new JsonText(escaped.Length + Quotes);
        json.Text(text);
        return json.Written.Span[1..^1].SequenceEqual(escaped);
    }

    private static Hash32 IdOf(ReadOnlySpan<byte> hex) =>
        Hash32.TryParseHex(hex, out Hash32 id)
            ? id
            : throw new InvalidOperationException("A record names itself or a parent by what is no id.");

    /// <param name="expected">The member that comes next in a record as this contract writes it.</param>
    private void ReadMember(ref Utf8JsonReader reader, ref int expected)
    {
        int member = IndexOf(reader.ValueSpan, expected);
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return;
        }

        // One quote stands before the text.
        if (member >= 0)
            _slices[member] = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        expected = member + 1;
    }

    private static int IndexOf(ReadOnlySpan<byte> name, int expected)
    {
        if (expected < (int)Member.Count && name.SequenceEqual(NameOf((Member)expected)))
            return expected;

        for (int member = 0; member < (int)Member.Count; member++)
        {
            if (name.SequenceEqual(NameOf((Member)member)))
                return member;
        }

        return -1;
    }

    private static ReadOnlySpan<byte> NameOf(Member member) => member switch
    {
        Member.Hash => "hash"u8,
        Member.Location => "location"u8,
        Member.Pointer => "pointer"u8,
        Member.TxId => "txid"u8,
        Member.Certificate => "cert"u8,
        Member.Type => "type"u8,
        Member.Description => "desc"u8,
        Member.Dependencies => "depends"u8,
        Member.ChecksumAlgorithm => "checksumAlgorithm"u8,
        Member.MspId => "mspId"u8,
        Member.Fingerprint => "fingerprint"u8,
        Member.Time => "time"u8,
        Member.Batch => "batch"u8,
        Member.OriginalTime => "originalTime"u8,
        Member.Journal => "journal"u8,
        Member.JournalSequence => "journalSequence"u8,
        Member.Earlier => "earlier"u8,
        _ => default,
    };
}

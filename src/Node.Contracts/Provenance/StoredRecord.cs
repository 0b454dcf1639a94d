using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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
    public ReadOnlyMemory<byte> Hash { get; private set; }

    public ReadOnlyMemory<byte> Location { get; private set; }

    public ReadOnlyMemory<byte> Pointer { get; private set; }

    /// <summary>The record's id: that of its transaction, unless it is one of a batch.</summary>
    public ReadOnlyMemory<byte> TxId { get; private set; }

    /// <summary>The writer's enrolment id.</summary>
    public ReadOnlyMemory<byte> Certificate { get; private set; }

    public ReadOnlyMemory<byte> Type { get; private set; }

    public ReadOnlyMemory<byte> Description { get; private set; }

    /// <summary>Transaction ids joined by ':'; empty for none.</summary>
    public ReadOnlyMemory<byte> Dependencies { get; private set; }

    public ReadOnlyMemory<byte> ChecksumAlgorithm { get; private set; }

    public ReadOnlyMemory<byte> MspId { get; private set; }

    public ReadOnlyMemory<byte> Fingerprint { get; private set; }

    public ReadOnlyMemory<byte> Time { get; private set; }

    /// <summary>The transaction that wrote it, where that is not <see cref="TxId"/>; else empty.</summary>
    public ReadOnlyMemory<byte> Batch { get; private set; }

    /// <summary>When a device recorded it, where it came through a journal; else empty, as the next three are.</summary>
    public ReadOnlyMemory<byte> OriginalTime { get; private set; }

    public ReadOnlyMemory<byte> Journal { get; private set; }

    /// <summary>The entry's number in its journal, in decimal digits.</summary>
    public ReadOnlyMemory<byte> JournalSequence { get; private set; }

    /// <summary>The record of the same key that the same transaction wrote before this one.</summary>
    public ReadOnlyMemory<byte> Earlier { get; private set; }

    /// <summary>0 for a record that came through no journal.</summary>
    public ulong JournalNumber() =>
        Utf8Parser.TryParse(JournalSequence.Span, out ulong number, out _) ? number : 0;

    /// <summary>The parents, in the order they were named.</summary>
    public TxId[] Parents()
    {
        ReadOnlySpan<byte> rest = Dependencies.Span;
        if (rest.IsEmpty)
            return [];

        var parents = new TxId[(rest.Length + 1) / (Protocol.TxId.Chars + 1)];
        for (int i = 0; i < parents.Length; i++)
        {
            bool parsed = Protocol.TxId.TryParse(rest[..Protocol.TxId.Chars], out parents[i], out string? fault);
            if (!parsed)
                throw new InvalidOperationException(fault);
            rest = i + 1 < parents.Length ? rest[(Protocol.TxId.Chars + 1)..] : default;
        }

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
        record = new StoredRecord();
        try
        {
            bool isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                record.ReadMember(ref reader, json);
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

    private void ReadMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        int member = IndexOf(ref reader);
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return;
        }

        // One quote stands before the text.
        ReadOnlyMemory<byte> text = json.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        switch (member)
        {
            case 0: Hash = text; break;
            case 1: Location = text; break;
            case 2: Pointer = text; break;
            case 3: TxId = text; break;
            case 4: Certificate = text; break;
            case 5: Type = text; break;
            case 6: Description = text; break;
            case 7: Dependencies = text; break;
            case 8: ChecksumAlgorithm = text; break;
            case 9: MspId = text; break;
            case 10: Fingerprint = text; break;
            case 11: Time = text; break;
            case 12: Batch = text; break;
            case 13: OriginalTime = text; break;
            case 14: Journal = text; break;
            case 15: JournalSequence = text; break;
            case 16: Earlier = text; break;
            default: break;
        }
    }

    private static int IndexOf(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> name = reader.ValueSpan;
        if (name.SequenceEqual("hash"u8))
            return 0;
        if (name.SequenceEqual("location"u8))
            return 1;
        if (name.SequenceEqual("pointer"u8))
            return 2;
        if (name.SequenceEqual("txid"u8))
            return 3;
        if (name.SequenceEqual("cert"u8))
            return 4;
        if (name.SequenceEqual("type"u8))
            return 5;
        if (name.SequenceEqual("desc"u8))
            return 6;
        if (name.SequenceEqual("depends"u8))
            return 7;
        if (name.SequenceEqual("checksumAlgorithm"u8))
            return 8;
        if (name.SequenceEqual("mspId"u8))
            return 9;
        if (name.SequenceEqual("fingerprint"u8))
            return 10;
        if (name.SequenceEqual("time"u8))
            return 11;
        return name.SequenceEqual("batch"u8) ? 12 : IndexOfJournaled(name);
    }

    private static int IndexOfJournaled(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("originalTime"u8))
            return 13;
        if (name.SequenceEqual("journal"u8))
            return 14;
        if (name.SequenceEqual("journalSequence"u8))
            return 15;
        return name.SequenceEqual("earlier"u8) ? 16 : -1;
    }
}

using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>One member of an answered record.</summary>
internal enum RecordMember
{
    Key,
    TxId,
    Type,
    Hash,
    Location,
    Pointer,
    Description,
    Dependencies,
    Timestamp,
    Certificate,
    MspId,
    Fingerprint,
    ChecksumAlgorithm,
    Block,
    Transaction,

    /// <summary>The transaction, where it is not the record's id. Left out for all others.</summary>
    Batch,

    /// <summary>Where a device's journal has it. Left out for what came through none, as the next two are.</summary>
    Journal,
    JournalSequence,
    OriginalTime,
}

/// <summary>
/// Writes a record into an answer. Names and their order come first as the 2019 contract had them for that function;
/// what
/// it left out follows. The two spellings differ in their capitals only.
/// </summary>
internal static class RecordAnswer
{
    private static readonly RecordMember[] s_get =
    [
        RecordMember.Hash, RecordMember.Location, RecordMember.Pointer, RecordMember.TxId,
        RecordMember.Key, RecordMember.Type, RecordMember.Description, RecordMember.Dependencies,
        RecordMember.ChecksumAlgorithm, RecordMember.Certificate, RecordMember.MspId, RecordMember.Fingerprint,
        RecordMember.Timestamp, RecordMember.Block, RecordMember.Transaction,
        RecordMember.Batch, RecordMember.Journal, RecordMember.JournalSequence, RecordMember.OriginalTime,
    ];

    private static readonly RecordMember[] s_fromId =
    [
        RecordMember.Type, RecordMember.Hash, RecordMember.Location, RecordMember.Pointer, RecordMember.Description,
        RecordMember.Dependencies, RecordMember.Key,
        RecordMember.TxId, RecordMember.Certificate, RecordMember.MspId, RecordMember.Fingerprint,
        RecordMember.ChecksumAlgorithm, RecordMember.Timestamp, RecordMember.Block, RecordMember.Transaction,
        RecordMember.Batch, RecordMember.Journal, RecordMember.JournalSequence, RecordMember.OriginalTime,
    ];

    private static readonly RecordMember[] s_history =
    [
        RecordMember.Type, RecordMember.Hash, RecordMember.Location, RecordMember.Pointer, RecordMember.Description,
        RecordMember.Timestamp, RecordMember.Certificate, RecordMember.Dependencies,
        RecordMember.Key, RecordMember.TxId, RecordMember.MspId, RecordMember.Fingerprint,
        RecordMember.ChecksumAlgorithm, RecordMember.Block, RecordMember.Transaction,
        RecordMember.Batch, RecordMember.Journal, RecordMember.JournalSequence, RecordMember.OriginalTime,
    ];

    private static readonly RecordMember[] s_range =
    [
        RecordMember.Key, RecordMember.Hash, RecordMember.Location, RecordMember.Pointer, RecordMember.Description,
        RecordMember.TxId, RecordMember.Type, RecordMember.Certificate, RecordMember.Dependencies,
        RecordMember.MspId, RecordMember.Fingerprint, RecordMember.ChecksumAlgorithm, RecordMember.Timestamp,
        RecordMember.Block, RecordMember.Transaction,
        RecordMember.Batch, RecordMember.Journal, RecordMember.JournalSequence, RecordMember.OriginalTime,
    ];

    private static readonly RecordMember[] s_lineage =
    [
        RecordMember.TxId, RecordMember.Key, RecordMember.Hash, RecordMember.ChecksumAlgorithm, RecordMember.Location,
        RecordMember.Pointer, RecordMember.Type, RecordMember.Certificate, RecordMember.MspId, RecordMember.Timestamp,
        RecordMember.Block, RecordMember.Transaction,
        RecordMember.Batch, RecordMember.Journal, RecordMember.JournalSequence, RecordMember.OriginalTime,
    ];

    public static void WriteGet(JsonText json, LocatedRecord located)
    {
        json.BeginObject();
        WriteMembers(json, s_get, capitals: false, located.Key, located.Record, located.Version);
        json.EndObject();
    }

    /// <summary>As get, and whether the key was written again since.</summary>
    public static void WriteFound(JsonText json, LocatedRecord located)
    {
        json.BeginObject();
        WriteMembers(json, s_get, capitals: false, located.Key, located.Record, located.Version);
        json.Flag("outdated"u8, located.IsOutdated);
        if (located.IsOutdated)
            json.Id("newestTxid"u8, located.NewestId);
        json.EndObject();
    }

    /// <summary>Both spellings of the four members that get has: clients of 2019 read either.</summary>
    public static void WriteFromId(JsonText json, LocatedRecord located)
    {
        json.BeginObject();
        WriteMembers(json, s_fromId, capitals: true, located.Key, located.Record, located.Version);
        json.Flag("Outdated"u8, located.IsOutdated);
        if (located.IsOutdated)
            json.Id("NewestTxID"u8, located.NewestId);
        WriteMembers(json, s_get.AsSpan(0, 4), capitals: false, located.Key, located.Record, located.Version);
        json.EndObject();
    }

    public static void WriteRange(JsonText json, string key, StoredRecord record, StateVersion version)
    {
        json.BeginObject();
        WriteMembers(json, s_range, capitals: true, key, record, version);
        json.EndObject();
    }

    /// <param name="record">Empty for a tombstone: transaction and time come from the history itself.</param>
    /// <param name="legacyTime">Show the time as the 2019 contract did.</param>
    public static void WriteHistory(JsonText json, string key, HistoryEntry entry, StoredRecord record, bool legacyTime)
    {
        json.BeginObject();
        foreach (RecordMember member in s_history)
        {
            if (member == RecordMember.TxId && record.TxId.IsEmpty)
                json.Id("TxID"u8, entry.TxId.ToHash());
            else if (member == RecordMember.Timestamp && legacyTime)
                json.Text("Timestamp"u8, StoredRecord.LegacyTimeText(entry.Timestamp));
            else if (member == RecordMember.Timestamp)
                json.Text("Timestamp"u8, StoredRecord.TimeText(entry.Timestamp));
            else
                WriteMember(json, member, capitals: true, key, record, entry.Version);
        }

        json.Flag("IsDelete"u8, entry.IsDelete);
        json.EndObject();
    }

    /// <summary>
    /// The members of a lineage node, without its brackets: the caller adds what the graph says of it.
    /// </summary>
    public static void WriteLineageMembers(JsonText json, LocatedRecord located) =>
        WriteMembers(json, s_lineage, capitals: false, located.Key, located.Record, located.Version);

    private static void WriteMembers(
        JsonText json,
        ReadOnlySpan<RecordMember> members,
        bool capitals,
        string key,
        StoredRecord record,
        StateVersion version)
    {
        foreach (RecordMember member in members)
            WriteMember(json, member, capitals, key, record, version);
    }

    private static void WriteMember(
        JsonText json, RecordMember member, bool capitals, string key, StoredRecord record, StateVersion version)
    {
        ReadOnlySpan<byte> name = NameOf(member, capitals);
        switch (member)
        {
            case RecordMember.Key: json.Text(name, key); break;
            case RecordMember.TxId: json.Escaped(name, record.TxId); break;
            case RecordMember.Type: json.Escaped(name, record.Type); break;
            case RecordMember.Hash: json.Escaped(name, record.Hash); break;
            case RecordMember.Location: json.Escaped(name, record.Location); break;
            case RecordMember.Pointer: json.Escaped(name, record.Pointer); break;
            case RecordMember.Description: json.Escaped(name, record.Description); break;
            case RecordMember.Dependencies: json.Escaped(name, record.Dependencies); break;
            case RecordMember.Timestamp: json.Escaped(name, record.Time); break;
            case RecordMember.Certificate: json.Escaped(name, record.Certificate); break;
            case RecordMember.MspId: json.Escaped(name, record.MspId); break;
            case RecordMember.Fingerprint: json.Escaped(name, record.Fingerprint); break;
            case RecordMember.ChecksumAlgorithm: json.Escaped(name, record.ChecksumAlgorithm); break;
            case RecordMember.Block: json.Number(name, version.Block); break;
            case RecordMember.Transaction: json.Number(name, version.Transaction); break;
            case RecordMember.Batch when record.Batch.IsEmpty: break;
            case RecordMember.Batch: json.Escaped(name, record.Batch); break;
            case RecordMember.Journal or RecordMember.JournalSequence or RecordMember.OriginalTime
                when record.Journal.IsEmpty: break;
            case RecordMember.Journal: json.Escaped(name, record.Journal); break;
            case RecordMember.JournalSequence: json.Number(name, record.JournalNumber()); break;
            case RecordMember.OriginalTime: json.Escaped(name, record.OriginalTime); break;
            default: throw Invariant.Unreachable("every member is listed");
        }
    }

    private static ReadOnlySpan<byte> NameOf(RecordMember member, bool capitals) => member switch
    {
        RecordMember.Key => capitals ? "Key"u8 : "key"u8,
        RecordMember.TxId => capitals ? "TxID"u8 : "txid"u8,
        RecordMember.Type => capitals ? "Type"u8 : "type"u8,
        RecordMember.Hash => capitals ? "Hash"u8 : "hash"u8,
        RecordMember.Location => capitals ? "Location"u8 : "location"u8,
        RecordMember.Pointer => capitals ? "Pointer"u8 : "pointer"u8,
        RecordMember.Description => capitals ? "Description"u8 : "description"u8,
        RecordMember.Dependencies => capitals ? "Dependencies"u8 : "dependencies"u8,
        RecordMember.Timestamp => capitals ? "Timestamp"u8 : "timestamp"u8,
        RecordMember.Certificate => capitals ? "Certificate"u8 : "certificate"u8,
        RecordMember.MspId => capitals ? "MspId"u8 : "mspId"u8,
        RecordMember.Fingerprint => capitals ? "Fingerprint"u8 : "fingerprint"u8,
        RecordMember.ChecksumAlgorithm => capitals ? "ChecksumAlgorithm"u8 : "checksumAlgorithm"u8,
        RecordMember.Block => capitals ? "Block"u8 : "block"u8,
        RecordMember.Transaction => capitals ? "Transaction"u8 : "transaction"u8,
        RecordMember.Batch => capitals ? "Batch"u8 : "batch"u8,
        RecordMember.Journal => capitals ? "Journal"u8 : "journal"u8,
        RecordMember.JournalSequence => capitals ? "JournalSequence"u8 : "journalSequence"u8,
        RecordMember.OriginalTime => capitals ? "OriginalTime"u8 : "originalTime"u8,
        _ => throw Invariant.Unreachable("every member is listed"),
    };
}

using Node.Client.Recording;
using Node.Protocol;

namespace Node.Rest.Records;

/// <summary>A record as the API spells it.</summary>
/// <param name="Id">Names this version for ever.</param>
/// <param name="TransactionId">The transaction that committed it; differs from the id in batches only.</param>
/// <param name="Transaction">Its index in the block.</param>
/// <param name="OriginalTime">The device's clock, for what came through a device's journal.</param>
/// <param name="JournalSequence">The entry's place in that journal.</param>
/// <param name="Outdated">The key has a newer record; known for records found by id, and in lineage.</param>
internal sealed record RecordView(
    string Key,
    string Id,
    string TransactionId,
    string Hash,
    string ChecksumAlgorithm,
    string Location,
    string Pointer,
    string Type,
    string Description,
    IReadOnlyList<string> Parents,
    string EnrollmentId,
    string MspId,
    string Fingerprint,
    string Timestamp,
    ulong Block,
    uint Transaction,
    bool? Outdated,
    string? NewestId,
    string? OriginalTime,
    string? Journal,
    ulong? JournalSequence)
{
    public static RecordView Of(ProvenanceRecord record) => new(
        record.Key,
        record.TransactionId.Value,
        record.CommittedBy.Value,
        record.Hash,
        record.ChecksumAlgorithm,
        record.Location,
        record.Pointer,
        record.Type,
        record.Description,
        [.. record.Parents.Select(parent => parent.Value)],
        record.EnrollmentId,
        record.MspId,
        record.Fingerprint,
        record.Timestamp,
        record.Block,
        record.Transaction,
        record.IsOutdated ? true : null,
        TextOf(record.NewestTransactionId),
        record.OriginalTime.Length == 0 ? null : record.OriginalTime,
        record.Journal,
        record.JournalSequence);

    private static string? TextOf(TxId id) => id.IsNone ? null : id.Value;
}

/// <summary>Some records, and where the next ones begin.</summary>
/// <param name="Next">For the parameter cursor; absent on the last page.</param>
internal sealed record RecordPage(IReadOnlyList<RecordView> Records, string? Next)
{
    public static RecordPage Of(IReadOnlyList<ProvenanceRecord> records, string bookmark) =>
        new([.. records.Select(RecordView.Of)], bookmark.Length == 0 ? null : bookmark);
}

/// <summary>What a caller wants recorded.</summary>
/// <remarks>Settable where a member may be absent: the reader of JSON keeps the defaults of such properties alone.
/// </remarks>
internal sealed record RecordRequest
{
    public required string Key { get; init; }

    /// <summary>The checksum of the data.</summary>
    public required string Hash { get; init; }

    /// <summary>
    /// SHA-256, SHA-384, SHA-512, SHA3-256, BLAKE2b-256, SHA-1, MD5 or unspecified; absent: by the hash.
    /// </summary>
    public string? ChecksumAlgorithm { get; set; }

    /// <summary>The first part of the data's address.</summary>
    public string Location { get; set; } = "";

    /// <summary>The second part of the data's address.</summary>
    public string Pointer { get; set; } = "";

    public string Description { get; set; } = "";

    /// <summary>Absent: Transformation when there are parents, else Record.</summary>
    public string? Type { get; set; }

    /// <summary>Ids, or keys (their newest record is meant); in a batch also #0, #1, … of it.</summary>
    public IReadOnlyList<string> Parents { get; set; } = [];

    /// <summary>Refuse a parent that is not recorded.</summary>
    public bool Strict { get; set; } = true;

    /// <summary>Only if the key's newest record has this id; empty: only if the key is new.</summary>
    public string? ExpectedId { get; set; }

    /// <summary>MSP ids of the organisations that may write the key from now on; empty opens it again.</summary>
    public IReadOnlyList<string>? Writers { get; set; }
}

/// <summary>What became of a write.</summary>
/// <param name="Id">Of the record; absent for a batch.</param>
/// <param name="Block">Absent until it is committed.</param>
/// <param name="Committed">False: ask at the status URL.</param>
/// <param name="Content">What was stored; absent for writes without content.</param>
internal sealed record RecordReceipt(
    string? Key,
    string? Id,
    string TransactionId,
    bool Committed,
    ulong? Block,
    string StatusUrl,
    IReadOnlyList<WrittenRecord> Records,
    ContentReceipt? Content);

/// <summary>One record of a write.</summary>
internal sealed record WrittenRecord(string Key, string Id, string Url);

/// <summary>Content that is in the store.</summary>
internal sealed record ContentReceipt(
    string ChecksumAlgorithm, string Hash, long Bytes, string Location, string Pointer);

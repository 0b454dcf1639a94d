using Node.Protocol;

namespace Node.Client.Recording;

/// <summary>A record as the contract's answers spell it, in either of their two spellings.</summary>
internal sealed class RecordJson
{
    public string? Key { get; set; }

    public string? TxId { get; set; }

    public string? Hash { get; set; }

    public string? ChecksumAlgorithm { get; set; }

    public string? Location { get; set; }

    public string? Pointer { get; set; }

    public string? Type { get; set; }

    public string? Description { get; set; }

    public string? Dependencies { get; set; }

    public string? Certificate { get; set; }

    public string? MspId { get; set; }

    public string? Fingerprint { get; set; }

    public string? Timestamp { get; set; }

    public string? OriginalTime { get; set; }

    public string? Journal { get; set; }

    public ulong? JournalSequence { get; set; }

    public ulong Block { get; set; }

    public uint Transaction { get; set; }

    public string? Batch { get; set; }

    public bool Outdated { get; set; }

    public string? NewestTxId { get; set; }

    public ProvenanceRecord ToRecord() => new()
    {
        Key = Key ?? "",
        TransactionId = IdOf(TxId),
        BatchId = Protocol.TxId.TryParse(Batch, out TxId batch, out _) ? batch : null,
        Hash = Hash ?? "",
        ChecksumAlgorithm = ChecksumAlgorithm ?? "",
        Location = Location ?? "",
        Pointer = Pointer ?? "",
        Type = Type ?? "",
        Description = Description ?? "",
        Parents = IdsOf(Dependencies),
        EnrollmentId = Certificate ?? "",
        MspId = MspId ?? "",
        Fingerprint = Fingerprint ?? "",
        Timestamp = Timestamp ?? "",
        OriginalTime = OriginalTime ?? "",
        Journal = Journal,
        JournalSequence = JournalSequence,
        Block = Block,
        Transaction = Transaction,
        IsOutdated = Outdated,
        NewestTransactionId = IdOf(NewestTxId),
    };

    public static TxId IdOf(string? text) => Protocol.TxId.TryParse(text, out TxId id, out _) ? id : default;

    private static TxId[] IdsOf(string? joined) =>
        string.IsNullOrEmpty(joined) ? [] : Array.ConvertAll(joined.Split(':'), IdOf);
}

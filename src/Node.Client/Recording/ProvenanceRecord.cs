using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Recording;

/// <summary>Who recorded which data, when, with which checksum, where it lies, and what it was derived from.</summary>
public sealed record ProvenanceRecord
{
    public required string Key { get; init; }

    /// <summary>The record's id: that of its transaction, unless the transaction wrote several records.</summary>
    public required TxId TransactionId { get; init; }

    /// <summary>The transaction that wrote it together with others; null when it wrote this record alone.</summary>
    public TxId? BatchId { get; init; }

    /// <summary>The transaction that committed it: the one to ask a receipt, or <c>tx</c>, for.</summary>
    public TxId CommittedBy => BatchId ?? TransactionId;

    /// <summary>As recorded; hex for the algorithms that have a name.</summary>
    public required string Hash { get; init; }

    public string ChecksumAlgorithm { get; init; } = "";

    /// <summary>The first part of the address: a store's root.</summary>
    public string Location { get; init; } = "";

    /// <summary>The second part of the address: where in that store.</summary>
    public string Pointer { get; init; } = "";

    public string Type { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>The transactions whose records it was derived from.</summary>
    public IReadOnlyList<TxId> Parents { get; init; } = [];

    /// <summary>The enrolment id of whoever recorded it.</summary>
    public string EnrollmentId { get; init; } = "";

    public string MspId { get; init; } = "";

    /// <summary>SHA-256 of that person's certificate, in hex.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>The client's clock when it proposed, in UTC as RFC 3339; peers refuse one that is far off.</summary>
    public string Timestamp { get; init; } = "";

    /// <summary>When a device recorded it in its journal, by its own clock; empty for what came through none.</summary>
    public string OriginalTime { get; init; } = "";

    /// <summary>The device's journal in hex; null for what came through none.</summary>
    public string? Journal { get; init; }

    /// <summary>The entry of that journal.</summary>
    public ulong? JournalSequence { get; init; }

    public ulong Block { get; init; }

    /// <summary>The index in its block.</summary>
    public uint Transaction { get; init; }

    /// <summary>
    /// The key has a newer record. Known for records found by transaction id and in lineage; else false.
    /// </summary>
    public bool IsOutdated { get; init; }

    /// <summary>The key's newest record when this one is outdated; none else.</summary>
    public TxId NewestTransactionId { get; init; }

    /// <summary>The checksum, when this program can recompute it; else null.</summary>
    public Checksum? Checksum => Checksum.TryParse(ChecksumAlgorithm, Hash, out Checksum? checksum) ? checksum : null;
}

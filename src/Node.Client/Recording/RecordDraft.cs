using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Recording;

/// <summary>A record to be written without any store: the caller says what lies where.</summary>
public sealed record RecordDraft
{
    public required string Key { get; init; }

    /// <summary>The checksum as text; hex for the algorithms that have a name.</summary>
    public required string Hash { get; init; }

    /// <summary>A draft about content that a store has taken.</summary>
    public static RecordDraft Of(string key, StoredContent stored) => new()
    {
        Key = key,
        Hash = stored.Checksum.ToString(),
        ChecksumAlgorithm = "SHA-256",
        Location = stored.Location,
        Pointer = stored.Pointer,
    };

    /// <summary>Null lets the contract guess: 64 hex digits are SHA-256, 32 are MD5, all else is free text.</summary>
    public string? ChecksumAlgorithm { get; init; }

    public string Location { get; init; } = "";

    public string Pointer { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>Null: Transformation when there are parents, else Record.</summary>
    public string? Type { get; init; }

    /// <summary>
    /// Record ids; in a list of drafts also <c>#3</c>, the fourth draft of the list, which must stand before this one.
    /// </summary>
    public IReadOnlyList<string> Parents { get; init; } = [];

    /// <summary>Refuse a parent that is not recorded.</summary>
    public bool Strict { get; init; }

    /// <inheritdoc cref="PutOptions.ExpectedTransactionId"/>
    public string? ExpectedTransactionId { get; init; }

    /// <summary>Who may write the key from now on; empty opens it. Null leaves it as it is.</summary>
    public IReadOnlyList<string>? Writers { get; init; }
}

/// <summary>A record that is committed.</summary>
/// <param name="Id">What other records name as their parent.</param>
/// <param name="CommittedBy">The transaction; the same as <paramref name="Id"/> unless it wrote several
/// records.</param>
public sealed record Recorded(string Key, TxId Id, TxId CommittedBy, ulong Block);

/// <summary>Recording a list of drafts failed after some of its transactions were committed.</summary>
public sealed class PartlyRecordedException : Exception
{
    internal PartlyRecordedException(IReadOnlyList<Recorded> committed, int drafts, Exception inner)
        : base(
            $"{committed.Count} of {drafts} records are committed, in order; the next ones are not: {inner.Message}",
            inner) =>
        Committed = committed;

    /// <summary>The first drafts of the list. Go on behind them.</summary>
    public IReadOnlyList<Recorded> Committed { get; }
}

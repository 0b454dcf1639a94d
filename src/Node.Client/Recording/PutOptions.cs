using Node.Client.Storing;
using Node.Client.Storing.Encrypting;
using Node.Protocol;

namespace Node.Client.Recording;

/// <summary>What is recorded beside the checksum and the place.</summary>
public sealed record PutOptions
{
    public string Description { get; init; } = "";

    /// <summary>Null: Transformation when there are dependencies, else Record.</summary>
    public string? Type { get; init; }

    /// <summary>
    /// Keys (their newest record is meant) or transaction ids. 64 lower-case hex digits are a transaction id; write
    /// <c>key:…</c> for a key that looks like one.
    /// </summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>
    /// Refuse a parent that is not recorded. Costs a read conflict when the parent is written meanwhile.
    /// </summary>
    public bool Strict { get; init; } = true;

    /// <summary>
    /// Write only if the key's newest record is of this transaction (<see cref="MustBeNew"/>: if there is none). Null
    /// writes whatever is there.
    /// </summary>
    public string? ExpectedTransactionId { get; init; }

    /// <summary>How the content comes into the store; its name is the key unless it has one.</summary>
    public AddOptions Adding { get; init; } = AddOptions.None;

    /// <summary>
    /// Who can read the content, at most 32; none: everybody who reaches the store. The recorded checksum is that of
    /// the encrypted bytes.
    /// </summary>
    public IReadOnlyList<RecipientKey> EncryptFor { get; init; } = [];

    /// <summary>For <see cref="ExpectedTransactionId"/>.</summary>
    public const string MustBeNew = "";
}

/// <summary>A record that is committed.</summary>
/// <param name="Bytes">Of the content.</param>
/// <param name="StoredAt">Where the content lies: a path for files, else a URI.</param>
public sealed record PutResult(
    string Key,
    TxId TransactionId,
    ulong Block,
    Hash32 Checksum,
    long Bytes,
    string StoredAt,
    IReadOnlyList<TxId> Parents);

using Node.Client.Recording;

namespace Node.Client.Exporting;

/// <summary>How documents from elsewhere become records.</summary>
public sealed record ImportOptions
{
    /// <summary>Put before every key.</summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>
    /// A relation may name an entity that the document does not declare: a record is made for it. Otherwise it is a
    /// fault.
    /// </summary>
    public bool AllowUndeclared { get; init; }
}

/// <summary>What a document would record.</summary>
/// <param name="Drafts">Parents before their children; a parent is another draft ("#i") or a record's id.</param>
/// <param name="LeftOut">What of the document no record holds, one sentence each.</param>
public sealed record ImportedDrafts(IReadOnlyList<RecordDraft> Drafts, IReadOnlyList<string> LeftOut);

using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>
/// What the provenance contract accepts and returns. All endorsers must agree on it, so it is no option.
/// </summary>
/// <remarks>Bytes are bytes of UTF-8 before escaping. Max values are themselves allowed.</remarks>
public static class ProvenanceLimits
{
    public const int KeyBytesMax = 4 << 10;

    public const int ChecksumBytesMax = 256;

    public const int LocationBytesMax = 4 << 10;

    public const int PointerBytesMax = 4 << 10;

    /// <summary>Larger content belongs into a store; the ledger keeps everything for ever.</summary>
    public const int DescriptionBytesMax = 256 << 10;

    public const int TypeBytesMax = 64;

    /// <summary>Parents of one record. Each costs an edge in world state.</summary>
    public const int DependenciesMax = 1_024;

    /// <summary>Principals in one list of a write policy, or organisations in the option writers.</summary>
    public const int WritersMax = 64;

    /// <summary>The third argument of setpolicy.</summary>
    public const int PolicyBytesMax = 128 << 10;

    /// <summary>Prefixes with a write policy. Every write looks through them.</summary>
    public const int PrefixPoliciesMax = 1_000;

    /// <summary>Of a prefix with a write policy.</summary>
    public const int PrefixBytesMax = 256;

    /// <summary>Keys that a prefix may have when it gets its first policy: each is looked at.</summary>
    public const int PrefixKeysMax = 10_000;

    /// <summary>The seventh argument of set.</summary>
    public const int OptionsBytesMax = 4 << 10;

    /// <summary>Records that one transaction may write.</summary>
    public const int BatchEntriesMax = 500;

    /// <summary>The argument of setbatch.</summary>
    public const int BatchBytesMax = 2 << 20;

    /// <summary>
    /// Keys and values that one batch may write, so that arguments and writes fit into one envelope together.
    /// </summary>
    public const int BatchWrittenBytesMax = 7 << 20;

    /// <summary>Largest event of a batch: it names as many records as have room in it.</summary>
    public const int BatchEventBytesMax = 64 << 10;

    /// <summary>Records that one call of getimpact may name.</summary>
    public const int RootsMax = 1_000;

    /// <summary>Records on one page of a range or a history.</summary>
    public const int PageRecordsMax = 10_000;

    /// <summary>
    /// Largest range or history answer. A page ends before it; a call without paging is refused beyond it.
    /// </summary>
    public const int AnswerBytesMax = 8 << 20;

    // A line that does not hold does not compile (CS0031).
#pragma warning disable IDE0051, CA1823 // Never read: that it compiles is all it has to do.
    private const int EscapeGrowthMax = 6;
    private const int TextBytesMax =
        ChecksumBytesMax + LocationBytesMax + PointerBytesMax + DescriptionBytesMax + TypeBytesMax;
    private const int DependencyBytes = TxId.Chars + 1;
    private const int IdentityBytesMax = 64 << 10;
    private const int RecordBytesMax =
        (TextBytesMax * EscapeGrowthMax) + (DependenciesMax * DependencyBytes) + IdentityBytesMax;
    private const uint AValueHoldsTheLargestRecord = RecordBytesMax < Limits.ValueBytesMax ? 0 : -1;
    private const uint AnAnswerHoldsTheLargestRecord = RecordBytesMax < AnswerBytesMax ? 0 : -1;
    private const uint ABatchHoldsTheLargestRecord = RecordBytesMax < BatchBytesMax ? 0 : -1;
    private const uint AnEnvelopeHoldsTheLargestBatch =
        BatchBytesMax + BatchWrittenBytesMax + BatchEventBytesMax + (256 << 10) < Limits.EnvelopeBytesMax ? 0 : -1;
    private const uint APageIsAQuery = PageRecordsMax < Limits.QueryResultsMax ? 0 : -1;
#pragma warning restore IDE0051, CA1823
}

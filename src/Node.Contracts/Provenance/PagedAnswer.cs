using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>
/// A list of records: without a page size one plain array, which is refused rather than cut when it grows too large;
/// with
/// one <c>{"records":[…],"bookmark":"…"}</c>, the bookmark empty on the last page.
/// </summary>
internal sealed class PagedAnswer
{
    private const int BytesUsual = 16 << 10;

    // What an answered record may add to its stored bytes: longer names, key, place.
    private const int GrowthBytesMax = 512 + (ProvenanceLimits.KeyBytesMax * 6);
    private readonly int _pageSize;

    /// <param name="pageSize">0: no paging.</param>
    public PagedAnswer(int pageSize)
    {
        _pageSize = pageSize;
        Json = new JsonText(BytesUsual);
        if (pageSize > 0)
        {
            Json.BeginObject();
            Json.Name("records"u8);
        }

        Json.BeginArray();
    }

    public JsonText Json { get; }

    /// <summary>Records written so far.</summary>
    public int Count { get; set; }

    /// <summary>A page size; 0 when it is missing, empty or 0.</summary>
    public static bool TryReadPageSize(
        CallArguments arguments, int index, out int pageSize, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        if (!arguments.TryNumber(index, "page size", absent: 0, out pageSize, out refusal))
            return false;

        if (pageSize is < 0 or > ProvenanceLimits.PageRecordsMax)
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The page size {pageSize} is not between 0 (no paging) and {ProvenanceLimits.PageRecordsMax}."));
        return refusal is null;
    }

    /// <summary>False when the next record starts the next page.</summary>
    public bool HasRoomFor(int storedBytes)
    {
        int countMax = _pageSize > 0 ? _pageSize : Limits.QueryResultsMax - 1;
        return Count < countMax
            && (Count == 0 || Json.Bytes + storedBytes + GrowthBytesMax <= ProvenanceLimits.AnswerBytesMax);
    }

    /// <summary>The answer when more records follow.</summary>
    public ContractResponse Overflow(string bookmark, string pagedCall)
    {
        if (_pageSize > 0)
            return CompletePage(bookmark);

        return ContractResponse.Refusal(
            ContractResponse.TooLarge,
            string.Create(
                CultureInfo.InvariantCulture,
                $"More than the {Count} records or {ProvenanceLimits.AnswerBytesMax} bytes of one answer. "
                + $"Ask in pages: {pagedCall}."));
    }

    /// <summary>The answer when no more records follow.</summary>
    public ContractResponse Complete()
    {
        if (_pageSize > 0)
            return CompletePage("");

        Json.EndArray();
        return ContractResponse.Success(Json.Written);
    }

    private ContractResponse CompletePage(string bookmark)
    {
        Json.EndArray();
        Json.Text("bookmark"u8, bookmark);
        Json.EndObject();
        return ContractResponse.Success(Json.Written);
    }
}

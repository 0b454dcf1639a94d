using System.Diagnostics.CodeAnalysis;
namespace Node.Contracts.Provenance;

/// <summary>getbyrange start, end [, pageSize [, bookmark]].</summary>
internal static class RangeQuery
{
    public static ContractResponse GetByRange(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        const string Expecting = "a start-key and end-key, and potentially page size and bookmark";
        if (!arguments.TryCount(min: 2, max: 4, Expecting, out ContractResponse? refusal)
            || !TryReadBound(arguments, index: 0, "start-key", out string start, out refusal)
            || !TryReadBound(arguments, index: 1, "end-key", out string end, out refusal)
            || !PagedAnswer.TryReadPageSize(arguments, index: 2, out int pageSize, out refusal)
            || !TryReadBound(arguments, index: 3, "bookmark", out string bookmark, out refusal))
            return refusal;

        // The bookmark is the last key of the page before; the least key above it is itself and U+0000.
        if (bookmark.Length > 0 && Utf8Order.Compare(bookmark, start) >= 0)
            start = bookmark + CompositeKey.Separator;
        else if (bookmark.Length > 0)
            return ContractResponse.Refusal(
                ContractResponse.BadRequest, $"The bookmark {Quoted.Text(bookmark)} lies before the start-key.");

        return Answer(context.State.Range(start, end), pageSize);
    }

    private static ContractResponse Answer(IEnumerable<StateEntry> entries, int pageSize)
    {
        var answer = new PagedAnswer(pageSize);
        string last = "";
        foreach (StateEntry entry in entries)
        {
            if (!answer.HasRoomFor(entry.Value.Length))
                return answer.Overflow(last, "getbyrange start end pageSize bookmark");

            RecordAnswer.WriteRange(answer.Json, entry.Key, RecordIndex.Read(entry.Value, entry.Key), entry.Version);
            answer.Count++;
            last = entry.Key;
        }

        return answer.Complete();
    }

    /// <summary>Empty, or text that a key may be: the idiom <c>acme_f</c> to <c>acme_f_~</c> names a prefix.</summary>
    private static bool TryReadBound(
        CallArguments arguments,
        int index,
        string what,
        out string bound,
        [NotNullWhen(false)] out ContractResponse? refusal)
    {
        if (!arguments.TryText(index, what, ProvenanceLimits.KeyBytesMax, out bound, out refusal))
            return false;

        // U+10FFFF is a fine upper bound, though no key holds it.
        if (bound.Contains(CompositeKey.Separator, StringComparison.Ordinal))
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest, $"The {what} {Quoted.Text(bound)} holds U+0000, which no key may.");
        return refusal is null;
    }
}

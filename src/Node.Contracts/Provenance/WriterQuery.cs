using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>getbywriter mspId [, who [, pageSize [, bookmark [, since]]]]: what somebody recorded.</summary>
internal static class WriterQuery
{
    public static ContractResponse GetByWriter(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        const string Expecting =
            "an MSP id, and potentially enrolment id or fingerprint, page size, bookmark and a time to begin at";
        if (!arguments.TryCount(min: 1, max: 5, Expecting, out ContractResponse? refusal)
            || !arguments.TryText(0, "MSP id", Limits.MspIdBytesMax, out string mspId, out refusal)
            || !arguments.TryText(1, "writer", ProvenanceLimits.KeyBytesMax, out string who, out refusal)
            || !PagedAnswer.TryReadPageSize(arguments, index: 2, out int pageSize, out refusal)
            || !arguments.TryText(3, "bookmark", ProvenanceLimits.KeyBytesMax, out string bookmark, out refusal)
            || !arguments.TryText(4, "since", ProvenanceLimits.TypeBytesMax, out string since, out refusal))
            return refusal;
        if (!TryCreate(mspId, who, since, out Writer? writer, out string? fault)
            || !TryReadBookmark(bookmark, writer, out (string Key, int Next) from, out fault))
            return ContractResponse.Refusal(ContractResponse.BadRequest, fault);

        return Answer(context.State, writer, pageSize, from);
    }

    /// <param name="who">An enrolment id; 64 lower-case hex digits are a certificate's fingerprint. Empty: all.</param>
    /// <param name="since">RFC 3339; empty: from the first one.</param>
    public static bool TryCreate(
        string mspId,
        string who,
        string since,
        [NotNullWhen(true)] out Writer? writer,
        [NotNullWhen(false)] out string? fault)
    {
        writer = null;
        if (!MspId.TryParse(mspId, out _, out fault))
            return false;

        DateTimeOffset? time = null;
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(
            since, ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd"], CultureInfo.InvariantCulture, Styles,
            out DateTimeOffset parsed))
            time = parsed;
        else if (since.Length > 0)
            fault = $"The time {Quoted.Text(since)} is not RFC 3339, such as 2026-01-31T12:00:00Z.";

        bool isFingerprint = TxId.TryParse(who, out _, out _);
        writer = new Writer(mspId, who.Length == 0 || isFingerprint ? null : who, isFingerprint ? who : null, time);
        return fault is null;
    }

    private static ContractResponse Answer(
        IContractState state, Writer writer, int pageSize, (string Key, int Next) from)
    {
        var answer = new PagedAnswer(pageSize);
        RecordsAt records = RecordsAt.Present(state);
        string last = "";
        foreach ((StateEntry entry, int index, TxId id) in Records(state, writer, from))
        {
            if (!records.TryFind(id.ToHash(), out LocatedRecord? located))
                throw new InvalidOperationException("A writer's entry stands for a record that is not there.");
            if (!answer.HasRoomFor(located.Record.Bytes))
                return answer.Overflow(last, "getbywriter mspId who pageSize bookmark");

            RecordAnswer.WriteFound(answer.Json, located);
            answer.Count++;
            last = string.Create(
                CultureInfo.InvariantCulture,
                $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(entry.Key))}.{index + 1}");
        }

        return answer.Complete();
    }

    private static IEnumerable<(StateEntry Entry, int Index, TxId Id)> Records(
        IContractState state, Writer writer, (string Key, int Next) from)
    {
        // A page may end in the middle of a batch.
        if (from.Key.Length > 0 && state.TryGet(from.Key, out StateEntry begun))
        {
            foreach ((int index, TxId id) in WriterIndex.RecordsOf(begun).Index())
            {
                if (index >= from.Next)
                    yield return (begun, index, id);
            }
        }

        foreach (StateEntry entry in WriterIndex.Entries(state, writer, from.Key))
        {
            foreach ((int index, TxId id) in WriterIndex.RecordsOf(entry).Index())
                yield return (entry, index, id);
        }
    }

    private static bool TryReadBookmark(
        string text, Writer writer, out (string Key, int Next) from, [NotNullWhen(false)] out string? fault)
    {
        from = ("", 0);
        fault = null;
        if (text.Length == 0)
            return true;

        int dot = text.LastIndexOf('.');
        if (dot > 0
            && int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int next)
            && Base64Url.IsValid(text.AsSpan(0, dot)))
            from = (Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text.AsSpan(0, dot))), next);
        if (!CompositeKey.IsValidPart(from.Key.Replace("\0", "", StringComparison.Ordinal))
            || !WriterIndex.IsOf(writer, from.Key))
            fault = $"The bookmark {Quoted.Text(text)} is not one that getbywriter returned for this writer.";
        return fault is null;
    }
}

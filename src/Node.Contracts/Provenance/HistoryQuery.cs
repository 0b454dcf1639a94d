using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>getkeyhistory key [, pageSize [, bookmark [, newestFirst]]].</summary>
internal static class HistoryQuery
{
    

    public static ContractResponse GetKeyHistory(IContractContext context)
    {
        CallArguments arguments = CallArguments.Rejoined(context.Arguments);
        const string Expecting = "a key, and potentially page size, bookmark and newest-first flag";
        if (!arguments.TryCount(min: 1, max: 4, Expecting, out ContractResponse? refusal)
            || !arguments.TryKey(0, out string key, out refusal))
            return refusal;

        // In the place of a page size, "legacy" asks for the whole history with times as the 2019 contract wrote them.
        bool isLegacy = arguments.Count == 2
            && arguments.TryText(1, "page size", LegacyTexts.Form.Length, out string form, out _)
            && form == LegacyTexts.Form;
        int pageSize = 0;
        if (!isLegacy && !PagedAnswer.TryReadPageSize(arguments, index: 1, out pageSize, out refusal))
            return refusal;
        if (!TryReadBookmark(arguments, out Place? after, out refusal)
            || !arguments.TryFlag(3, "newest-first", out bool newestFirst, out refusal))
            return refusal;

        return Answer(
            Records(context.State, key, newestFirst, after), key, new PagedAnswer(pageSize), isLegacy);
    }

    /// <summary>How far a page went: so many records of one transaction, which may write a key often.</summary>
    private readonly record struct Place(StateVersion Version, int Shown);

    private static ContractResponse Answer(
        IEnumerable<(HistoryEntry Entry, StoredRecord Record, Place Place)> records, string key, PagedAnswer answer,
        bool legacyTime)
    {
        Place last = default;
        foreach ((HistoryEntry entry, StoredRecord record, Place place) in records)
        {
            if (!answer.HasRoomFor(entry.Value.Length))
                return answer.Overflow(Text(last), "getkeyhistory key pageSize bookmark");

            RecordAnswer.WriteHistory(answer.Json, key, entry, record, legacyTime);
            answer.Count++;
            last = place;
        }

        return answer.Complete();
    }

    private static IEnumerable<(HistoryEntry Entry, StoredRecord Record, Place Place)> Records(
        IContractState state, string key, bool newestFirst, Place? after)
    {
        // The version that the page before ended in may have more records.
        if (after is { } place && state.TryGetHistoryAt(key, place.Version, out HistoryEntry? begun))
        {
            foreach (var record in RecordsOf(state, key, begun, newestFirst).Skip(place.Shown))
                yield return record;
        }

        foreach (HistoryEntry entry in state.History(key, newestFirst, after?.Version))
        {
            foreach (var record in RecordsOf(state, key, entry, newestFirst))
                yield return record;
        }
    }

    private static List<(HistoryEntry Entry, StoredRecord Record, Place Place)> RecordsOf(
        IContractState state, string key, HistoryEntry entry, bool newestFirst)
    {
        List<StoredRecord> records = [entry.IsDelete ? StoredRecord.Empty : RecordIndex.Read(entry.Value, key)];
        while (Hash32.TryParseHex(records[^1].Earlier, out Hash32 earlier))
            records.Add(RecordIndex.FindSuperseded(state, earlier, key));
        if (!newestFirst)
            records.Reverse();
        return [.. records.Select((record, index) => (entry, record, new Place(entry.Version, index + 1)))];
    }

    private static string Text(Place place) =>
        string.Create(CultureInfo.InvariantCulture, $"{place.Version}:{place.Shown}");

    private static bool TryReadBookmark(
        CallArguments arguments, out Place? after, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        const int BookmarkBytesMax = 48;
        after = null;
        if (!arguments.TryText(2, "bookmark", BookmarkBytesMax, out string text, out refusal))
            return false;
        if (text.Length == 0)
            return true;

        string[] parts = text.Split(':');
        int shown = int.MaxValue;   // Without a third part: all that the transaction wrote.
        if (parts.Length is 2 or 3
            && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong block)
            && uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint transaction)
            && (parts.Length == 2
                || int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out shown)))
            after = new Place(new StateVersion(block, transaction), shown);
        else
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest,
                $"The bookmark {Quoted.Text(text)} is not one that getkeyhistory returned, such as 12:3:1.");
        return refusal is null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>getkeyhistory key [, pageSize [, bookmark [, newestFirst]]].</summary>
internal static class HistoryQuery
{
    private const string LegacyText = "legacy";
    private static readonly StoredRecord s_nothing = new();

    public static ContractResponse GetKeyHistory(IContractContext context)
    {
        CallArguments arguments = CallArguments.Rejoined(context.Arguments);
        const string Expecting = "a key, and potentially page size, bookmark and newest-first flag";
        if (!arguments.TryCount(min: 1, max: 4, Expecting, out ContractResponse? refusal)
            || !arguments.TryKey(0, out string key, out refusal))
            return refusal;

        // In the place of a page size, "legacy" asks for the whole history with times as the 2019 contract wrote them.
        bool isLegacy = arguments.Count == 2
            && arguments.TryText(1, "page size", LegacyText.Length, out string form, out _)
            && form == LegacyText;
        int pageSize = 0;
        if (!isLegacy && !PagedAnswer.TryReadPageSize(arguments, index: 1, out pageSize, out refusal))
            return refusal;
        if (!TryReadBookmark(arguments, out StateVersion? after, out refusal)
            || !arguments.TryFlag(3, "newest-first", out bool newestFirst, out refusal))
            return refusal;

        return Answer(context.State.History(key, newestFirst, after), key, pageSize, isLegacy);
    }

    private static ContractResponse Answer(IEnumerable<HistoryEntry> entries, string key, int pageSize, bool legacyTime)
    {
        var answer = new PagedAnswer(pageSize);
        StateVersion last = default;
        foreach (HistoryEntry entry in entries)
        {
            if (!answer.HasRoomFor(entry.Value.Length))
                return answer.Overflow(Text(last), "getkeyhistory key pageSize bookmark");

            StoredRecord record = entry.IsDelete ? s_nothing : RecordIndex.Read(entry.Value, key);
            RecordAnswer.WriteHistory(answer.Json, key, entry, record, legacyTime);
            answer.Count++;
            last = entry.Version;
        }

        return answer.Complete();
    }

    private static string Text(StateVersion version) => version.ToString();

    private static bool TryReadBookmark(
        CallArguments arguments, out StateVersion? after, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        const int BookmarkBytesMax = 32;
        after = null;
        if (!arguments.TryText(2, "bookmark", BookmarkBytesMax, out string text, out refusal))
            return false;
        if (text.Length == 0)
            return true;

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0
            && ulong.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out ulong block)
            && uint.TryParse(
                text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint transaction))
            after = new StateVersion(block, transaction);
        else
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest,
                $"The bookmark {Quoted.Text(text)} is not one that getkeyhistory returned, such as 12:3.");
        return refusal is null;
    }
}

using System.Globalization;

namespace Node.Protocol.Journaling;

/// <summary>The last entry of a journal, as far as somebody knows it: what the next one has to follow.</summary>
/// <remarks>
/// The device, its verification and the contract on the ledger apply this one rule, so they cannot disagree.
/// </remarks>
public sealed record JournalHead(Hash32 Journal, ulong Sequence, Hash32 Hash, DateTimeOffset Time)
{
    public static JournalHead After(JournalEntry entry) =>
        new(entry.Journal, entry.Sequence, entry.Hash, entry.Place.Time);

    /// <summary>Null when the entry may stand behind this one; its signature is not looked at.</summary>
    public string? FaultOfNext(JournalEntry next)
    {
        if (next.Journal != Journal)
            return $"it belongs to the journal {next.Journal}, not to {Journal}";
        if (next.Sequence != Sequence + 1)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"entry {Sequence + 1} should stand here: entries were removed or reordered");
        if (next.Place.Previous != Hash)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"it follows another entry {Sequence} than this journal has: one of the two was altered or exchanged");
        if (next.Place.Time < Time)
            return $"it is back-dated: its original time {Text(next.Place.Time)} is before "
                + string.Create(CultureInfo.InvariantCulture, $"{Text(Time)} of entry {Sequence}");
        return null;
    }

    private static string Text(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}

using System.Globalization;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Contracts.Provenance;

/// <summary>Takes the journals of devices onto the ledger: the functions appendjournal and getjournal.</summary>
/// <remarks>
/// <para>What the ledger has of a journal is a prefix of it, extended by whole batches: an entry is refused unless it
/// follows the last one by number, hash and time, and is signed with the key of the device's certificate. Who sends
/// the batch does not matter; who signed the entries is who wrote the records.</para>
/// <para>A batch that was there already is answered with success and writes nothing, so a sender that does not know
/// what became of a batch sends it again.</para>
/// </remarks>
internal static class JournalAppending
{
    public const string EventName = "hyperprov.journaled";

    /// <summary>appendjournal batch.</summary>
    public static ContractResponse Append(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        if (!arguments.TryCount(min: 1, max: 1, "one batch of journal entries", out ContractResponse? refusal))
            return refusal;
        if (!JournalBatch.TryRead(
            context.Arguments[0], out IReadOnlyList<SignedJournalEntry>? entries, out string? fault))
            return ContractResponse.Refusal(ContractResponse.BadRequest, $"Failed to append: {fault}.");

        JournalEntry first = entries[0].Entry;
        if (!JournalState.TryFind(context.State, first.Journal, out JournalState? known) && first.Sequence != 0)
            return ContractResponse.Refusal(
                ContractResponse.Conflict,
                Numbered($"The journal {first.Journal} is not on this ledger. ")
                + Numbered($"Send it from entry 0, not {first.Sequence}."));
        if (known is not null && first.Sequence > known.Head.Sequence + 1)
            return ContractResponse.Refusal(
                ContractResponse.Conflict,
                Numbered($"The ledger has the journal {first.Journal} up to entry {known.Head.Sequence}. ")
                + Numbered($"Send entry {known.Head.Sequence + 1} next, not {first.Sequence}."));

        return Append(context, entries, known);
    }

    /// <summary>getjournal id.</summary>
    public static ContractResponse Get(IContractContext context)
    {
        var arguments = CallArguments.Rejoined(context.Arguments);
        if (!arguments.TryCount(min: 1, max: 1, "the id of a journal", out ContractResponse? refusal)
            || !arguments.TryText(0, "journal id", TxId.Chars, out string id, out refusal))
            return refusal;
        if (!Hash32.TryParseHex(id, out Hash32 journal))
            return ContractResponse.Refusal(
                ContractResponse.BadRequest, $"{Quoted.Text(id)} is no journal id ({TxId.Chars} hex digits).");

        return JournalState.TryFind(context.State, journal, out JournalState? known)
            ? ContractResponse.Success(known.ToAnswer())
            : ContractResponse.Refusal(ContractResponse.NotFound, $"The journal {journal} is not on this ledger.");
    }

    private static ContractResponse Append(
        IContractContext context, IReadOnlyList<SignedJournalEntry> entries, JournalState? known)
    {
        int present = CountPresent(context.State, entries, known, out string? fault);
        if (fault is not null)
            return Refused(ContractResponse.Conflict, entries[present].Entry, fault);

        var journal = new JournalReplay(context, known);
        for (int i = present; i < entries.Count; i++)
        {
            if (journal.Take(entries[i]) is { } refusal)
                return Refused(refusal.Status, entries[i].Entry, refusal.Message);
        }

        JournalState last = journal.Current;
        if (present < entries.Count)
        {
            last.Write(context.State);
            journal.WriteWriters();
            context.SetEvent(EventName, Summary(entries, present, last));
        }

        return ContractResponse.Success(Summary(entries, present, last));
    }

    /// <summary>How many entries from the front are on the ledger already.</summary>
    /// <param name="fault">They are not the ones that the ledger has; what is returned is the first such.</param>
    private static int CountPresent(
        IContractState state, IReadOnlyList<SignedJournalEntry> entries, JournalState? known, out string? fault)
    {
        fault = null;
        int present = 0;
        while (known is not null && present < entries.Count && entries[present].Entry.Sequence <= known.Head.Sequence)
        {
            fault = present == 0
                ? null
                : JournalHead.After(entries[present - 1].Entry).FaultOfNext(entries[present].Entry);
            if (fault is not null)
                return present;
            present++;
        }

        if (known is null || present == 0)
            return present;

        // Entries name the one before them, so when the last of these is on the ledger, all of them are.
        JournalEntry last = entries[present - 1].Entry;
        bool isSame = last.Sequence == known.Head.Sequence
            ? last.Hash == known.Head.Hash
            : last.Kind != JournalEntryKind.Record || IsRecorded(state, last);
        if (isSame)
            return present;

        fault = "the ledger has another entry of this number: the journal was altered, or a copy of it went on alone";
        return present - 1;
    }

    private static bool IsRecorded(IContractState state, JournalEntry entry) =>
        state.TryGet(RecordIndex.IdKey(entry.RecordId.ToHash()), out _);

    private static ContractResponse Refused(int status, JournalEntry entry, string fault) =>
        ContractResponse.Refusal(
            status, Numbered($"Entry {entry.Sequence} of the journal {entry.Journal} is refused: {fault}."));

    private static ReadOnlyMemory<byte> Summary(
        IReadOnlyList<SignedJournalEntry> entries, int present, JournalState last)
    {
        const int BytesUsual = 512;
        var json = new JsonText(BytesUsual);
        json.BeginObject();
        json.Text("journal"u8, last.Head.Journal.ToString());
        json.Number("first"u8, entries[0].Entry.Sequence);
        json.Number("appended"u8, (ulong)(entries.Count - present));
        json.Number("sequence"u8, last.Head.Sequence);
        json.Text("hash"u8, last.Head.Hash.ToString());
        json.Text("mspId"u8, last.MspId.Value);
        json.Text("certificate"u8, last.EnrollmentId);
        json.EndObject();
        return json.Written;
    }

    private static string Numbered(FormattableString text) =>
        text.ToString(CultureInfo.InvariantCulture);
}

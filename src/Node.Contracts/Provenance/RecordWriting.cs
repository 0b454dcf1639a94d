using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Holds drafts against the state, and writes them as records.</summary>
/// <remarks>
/// A plain record reads only who may write the key, which hardly ever changes: two writers of one key do not conflict,
/// and the last one in block order is the newest. expectedTxid and strict read more, and may conflict: they are for
/// that.
/// </remarks>
internal static class RecordWriting
{
    /// <summary>Null when the state lets the record in. Its writers, if it names any, are written then.</summary>
    /// <param name="own">Ids that this transaction records itself, before this draft.</param>
    public static ContractResponse? RefusalByState(
        IContractContext context, RecordDraft draft, IReadOnlyCollection<TxId> own)
    {
        ContractResponse? refusal = RefusalByExpectation(context.State, draft)
            ?? RefusalByParents(context.State, draft, own);
        if (refusal is null)
            KeyWriters.TryEnter(context, draft.Texts.Key, draft.Options.Writers, out refusal);
        return refusal;
    }

    /// <returns>The bytes of all keys and values that were written.</returns>
    public static long Write(IContractContext context, RecordDraft draft)
    {
        const int RecordBytesUsual = 1024;
        ClientIdentity client = context.Client;
        var json = new JsonText(RecordBytesUsual);
        json.BeginObject();
        json.Text("hash"u8, draft.Checksum.Text);
        json.Text("location"u8, draft.Texts.Location);
        json.Text("pointer"u8, draft.Texts.Pointer);
        json.Text("txid"u8, draft.Id.Value);
        json.Text("cert"u8, client.EnrollmentId);
        json.Text("type"u8, draft.Type);
        json.Text("desc"u8, draft.Texts.Description);
        json.Text("depends"u8, string.Join(':', draft.Parents));
        json.Text("checksumAlgorithm"u8, draft.Checksum.Algorithm);
        json.Text("mspId"u8, client.MspId.Value);
        json.Text("fingerprint"u8, client.Fingerprint.ToString());
        json.Text("time"u8, StoredRecord.TimeText(context.Timestamp));
        if (draft.IsInBatch)
            json.Text("batch"u8, context.TxId.Value);
        json.EndObject();
        return RecordIndex.Write(context.State, draft.Id, draft.Texts.Key, json.Written, draft.Parents);
    }

    private static ContractResponse? RefusalByExpectation(IContractState state, RecordDraft draft)
    {
        if (draft.Options.ExpectedTxId is not { } expected)
            return null;

        string key = draft.Texts.Key;
        RecordsAt records = RecordsAt.Present(state);
        string found = records.TryFindNewest(key, out LocatedRecord? newest) ? newest.Id.ToString() : "";
        return found == expected
            ? null
            : ContractResponse.Refusal(
                ContractResponse.Conflict,
                $"The key {Quoted.Text(key)} was expected to be {Described(expected)}, it is {Described(found)}. "
                + "Read it again and decide anew.");
    }

    private static ContractResponse? RefusalByParents(
        IContractState state, RecordDraft draft, IReadOnlyCollection<TxId> own)
    {
        if (!draft.Options.Strict)
            return null;

        foreach (TxId parent in draft.Parents)
        {
            if (!own.Contains(parent)
                && !state.TryGet(RecordIndex.IdKey(parent.ToHash()), out _))
                return ContractResponse.Refusal(
                    ContractResponse.NotFound,
                    $"The dependency {parent} is not recorded. Record it first, or set without the option strict.");
        }

        return null;
    }

    private static string Described(string txid) => txid.Length == 0 ? "new" : "of transaction " + txid;
}

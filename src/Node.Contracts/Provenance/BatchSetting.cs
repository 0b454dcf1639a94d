using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Writes many records in one transaction, all or none: the function setbatch.</summary>
internal static class BatchSetting
{
    /// <summary>setbatch entries: a JSON array of objects.</summary>
    public static ContractResponse SetBatch(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        if (!arguments.TryCount(min: 1, max: 1, "a JSON array of entries", out ContractResponse? refusal)
            || !BatchEntries.TryRead(context.Arguments[0], context.TxId, out List<RecordDraft> drafts, out refusal))
            return refusal;

        refusal = RefusalOfTheWhole(drafts, context.TxId);
        if (refusal is not null)
            return refusal;

        var own = new HashSet<TxId>(drafts.Count);
        long bytes = 0;
        for (int index = 0; index < drafts.Count; index++)
        {
            refusal = RecordWriting.RefusalByState(context, drafts[index], own);
            if (refusal is not null)
                return BatchEntries.At(index, refusal);

            bytes += RecordWriting.Write(context, drafts[index]);
            own.Add(drafts[index].Id);
            if (bytes > ProvenanceLimits.BatchWrittenBytesMax)
                return BatchEntries.At(index, BatchEntries.TooMuchWritten());
        }

        WriterIndex.Write(context, drafts.Count);
        context.SetEvent(RecordSetting.EventName, EventPayload(context, drafts));
        return ContractResponse.Success(Answer(context.TxId, drafts));
    }

    /// <summary>
    /// One version of a key is one write of one transaction, so a key stands in a batch once; and a record is derived
    /// from what was there before it, so there is no way round in a circle.
    /// </summary>
    private static ContractResponse? RefusalOfTheWhole(List<RecordDraft> drafts, TxId transaction)
    {
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        var ids = new Dictionary<TxId, int>();
        for (int index = 0; index < drafts.Count; index++)
        {
            string key = drafts[index].Texts.Key;
            if (!keys.TryAdd(key, index))
                return BatchEntries.At(index, RecordDraft.Refused(
                    $"the key {Quoted.Text(key)} is that of entry {keys[key]} too; a batch writes a key once"));
            ids.Add(drafts[index].Id, index);
        }

        for (int index = 0; index < drafts.Count; index++)
        {
            foreach (TxId parent in drafts[index].Parents)
            {
                if (parent == transaction)
                    return BatchEntries.At(index, RecordDraft.Refused(
                        "the id of the batch itself names no record; name an earlier entry, such as #0"));
                if (ids.TryGetValue(parent, out int at) && at >= index)
                    return BatchEntries.At(index, BatchEntries.NotBefore(at));
            }
        }

        return null;
    }

    private static ReadOnlyMemory<byte> Answer(TxId transaction, List<RecordDraft> drafts)
    {
        const int IdBytes = TxId.Chars + 3;
        var json = new JsonText((drafts.Count + 2) * IdBytes);
        json.BeginObject();
        json.Text("txid"u8, transaction.Value);
        json.Name("ids"u8);
        json.BeginArray();
        foreach (RecordDraft draft in drafts)
            json.Text(draft.Id.Value);
        json.EndArray();
        json.EndObject();
        return json.Written;
    }

    /// <summary>Names as many entries as it has room for: a transaction has one event.</summary>
    private static ReadOnlyMemory<byte> EventPayload(IContractContext context, List<RecordDraft> drafts)
    {
        const int EscapeGrowthMax = 6;
        const int EntryBytesMax = 512;
        var json = new JsonText(capacityBytes: 4 << 10);
        json.BeginObject();
        json.Text("batch"u8, context.TxId.Value);
        json.Number("count"u8, (ulong)drafts.Count);
        json.Text("mspId"u8, context.Client.MspId.Value);
        json.Text("certificate"u8, context.Client.EnrollmentId);
        json.Name("records"u8);
        json.BeginArray();
        int named = 0;
        while (named < drafts.Count)
        {
            RecordDraft draft = drafts[named];
            int growth = EntryBytesMax + ((draft.Texts.Key.Length + draft.Checksum.Text.Length) * EscapeGrowthMax);
            if (json.Bytes + growth > ProvenanceLimits.BatchEventBytesMax)
                break;

            named++;
            json.BeginObject();
            json.Text("key"u8, draft.Texts.Key);
            json.Text("txid"u8, draft.Id.Value);
            json.Text("hash"u8, draft.Checksum.Text);
            json.Text("checksumAlgorithm"u8, draft.Checksum.Algorithm);
            json.Text("type"u8, draft.Type);
            json.EndObject();
        }

        json.EndArray();
        json.Flag("truncated"u8, named < drafts.Count);
        json.EndObject();
        return json.Written;
    }
}

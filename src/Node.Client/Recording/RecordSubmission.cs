using Node.Protocol;

namespace Node.Client.Recording;

/// <summary>Writes records that need no store: alone, or many in one transaction. Immutable, any thread.</summary>
internal sealed class RecordSubmission(Contract contract)
{
    public async Task<Recorded> RecordAsync(RecordDraft draft, CancellationToken cancellation)
    {
        CommitStatus status = await SubmitAsync("set", DraftJson.SetArguments(draft), cancellation)
            .ConfigureAwait(false);
        return new Recorded(draft.Key, status.TransactionId, status.TransactionId, status.BlockNumber);
    }

    public async Task<IReadOnlyList<Recorded>> RecordBatchAsync(
        IReadOnlyList<RecordDraft> drafts, CancellationToken cancellation)
    {
        var recorded = new List<Recorded>(drafts.Count);
        var plan = new BatchPlan(drafts);
        try
        {
            // One after the other: a later transaction may name records of an earlier one, or write its keys again.
            while (!plan.IsDone)
                await SubmitNextAsync(drafts, plan, recorded, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (recorded.Count > 0)
        {
            throw new PartlyRecordedException(recorded, drafts.Count, e);
        }

        return recorded;
    }

    private async Task SubmitNextAsync(
        IReadOnlyList<RecordDraft> drafts, BatchPlan plan, List<Recorded> recorded, CancellationToken cancellation)
    {
        (ReadOnlyMemory<byte> argument, int count) = plan.TakeNext();
        CommitStatus status = await SubmitAsync("setbatch", [argument], cancellation).ConfigureAwait(false);
        var ids = new TxId[count];
        for (int index = 0; index < count; index++)
        {
            ids[index] = RecordIds.InBatch(status.TransactionId, index);
            recorded.Add(
                new Recorded(drafts[plan.Next + index].Key, ids[index], status.TransactionId, status.BlockNumber));
        }

        plan.Committed(ids);
    }

    private async Task<CommitStatus> SubmitAsync(
        string function, ReadOnlyMemory<byte>[] arguments, CancellationToken cancellation)
    {
        SubmittedTransaction submitted = await contract.StartSubmitAsync(
            function, new ProposalOptions { Arguments = arguments }, cancellation).ConfigureAwait(false);
        CommitStatus status = await submitted.Commit.GetStatusAsync(cancellation).ConfigureAwait(false);
        status.RequireValid();
        return status;
    }
}

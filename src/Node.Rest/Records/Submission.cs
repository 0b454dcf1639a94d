using Microsoft.AspNetCore.Http;
using Node.Client;
using Node.Protocol;
using Node.Rest.Calls;
using Node.Rest.Problems;
using Node.Rest.Repeating;

namespace Node.Rest.Records;

/// <summary>Brings a write to the ledger and answers it, once however often it is sent.</summary>
/// <remarks>
/// With an Idempotency-Key the endorsed transaction is on disk before it is sent to order. Whoever repeats the request
/// makes this server send that very transaction again if its outcome is not known; the ledger takes it once.
/// </remarks>
internal sealed class Submission(RepeatJournal journal, PendingTransactions pending, TimeProvider clock)
{
    public static readonly SwitchParameter WaitForCommit = new(
        "waitForCommit", "false: answer 202 once the transaction is ordered, with the URL of its status", absent: true);

    public Repeat Enter(Call call) => Repeat.Enter(call, journal);

    /// <param name="print">Digest of what is asked for.</param>
    /// <param name="receiptOf">The answer, but for the block.</param>
    /// <param name="committed">Called once the write is known to be committed; null for nothing.</param>
    public async Task RunAsync(
        Call call, Repeat repeat, Hash32 print, Func<Task<Transaction>> endorse, Func<TxId, RecordReceipt> receiptOf,
        Func<TxId, Task>? committed)
    {
        repeat.RequireSame(print);
        bool isWaiting = call.Get(WaitForCommit);
        if (repeat.Known is { } known)
        {
            call.Response.Headers["Idempotency-Replayed"] = "true";
            await AnswerAgainAsync(call, repeat, known, isWaiting);
            return;
        }

        Transaction transaction = await endorse();
        RecordReceipt receipt = receiptOf(transaction.TransactionId);
        var entry = new RepeatEntry(
            "", print.ToString(), clock.GetUtcNow(), receipt, repeat.IsOff ? null : transaction.ToBytes(), Status: 0,
            Problem: null);
        repeat.Write(entry, isDurable: true);
        await SendAsync(call, repeat, entry, transaction, isWaiting);
        if (committed is not null && isWaiting)
            await committed(transaction.TransactionId);
    }

    private async Task AnswerAgainAsync(Call call, Repeat repeat, RepeatEntry known, bool isWaiting)
    {
        if (!known.IsAnswered)
        {
            Invariant.Require(known.Transaction is not null, "an entry without an outcome keeps its transaction");
            Transaction transaction = call.Session.Gateway.NewSignedTransaction(known.Transaction, default);
            await SendAsync(call, repeat, known, transaction, isWaiting);
            return;
        }

        if (known.Problem is { } problem)
            await call.WriteBytesAsync(known.Status, Problem.MediaType, problem);
        else
            await AnswerAsync(call, known.Receipt);
    }

    // From here on the caller's going away changes nothing: what is ordered will be committed.
    private async Task SendAsync(
        Call call, Repeat repeat, RepeatEntry entry, Transaction transaction, bool isWaiting)
    {
        Commit commit = await transaction.SubmitAsync(CancellationToken.None);
        if (!isWaiting)
        {
            pending.Add(transaction.TransactionId);
            await AnswerAsync(call, entry.Receipt);
            return;
        }

        CommitStatus status = await commit.GetStatusAsync(repeat.IsOff ? call.Cancellation : CancellationToken.None);
        try
        {
            status.RequireValid();
        }
        catch (CommitException invalid)
        {
            Problem problem = ProblemsOf.Exception(invalid);
            byte[] body = problem.ToBytes(call.Context.TraceIdentifier);
            repeat.Write(entry with { Transaction = null, Status = problem.Status, Problem = body }, isDurable: false);
            throw;
        }

        RecordReceipt receipt = entry.Receipt with { Committed = true, Block = status.BlockNumber };
        repeat.Write(
            entry with { Transaction = null, Status = StatusCodes.Status201Created, Receipt = receipt },
            isDurable: false);
        await AnswerAsync(call, receipt);
    }

    private static Task AnswerAsync(Call call, RecordReceipt receipt)
    {
        call.Response.Headers.Location = receipt.Committed && receipt.Records is [var only]
            ? only.Url
            : receipt.StatusUrl;
        return call.WriteJsonAsync(
            receipt.Committed ? StatusCodes.Status201Created : StatusCodes.Status202Accepted, receipt,
            RestJson.Api.RecordReceipt);
    }

    /// <summary>The answer to a write of one record, until its block is known.</summary>
    public static RecordReceipt ReceiptOf(string key, TxId id, ContentReceipt? content) => new(
        key, id.Value, id.Value, Committed: false, Block: null, StatusUrlOf(id), [Written(key, id)], content);

    /// <summary>The answer to a batch, until its block is known.</summary>
    public static RecordReceipt ReceiptOf(TxId transaction, IEnumerable<(string Key, TxId Id)> records) => new(
        Key: null, Id: null, transaction.Value, Committed: false, Block: null, StatusUrlOf(transaction),
        [.. records.Select(record => Written(record.Key, record.Id))], Content: null);

    private static string StatusUrlOf(TxId transaction) => $"/api/v1/transactions/{transaction}";

    /// <summary>A record as answers name it.</summary>
    public static WrittenRecord Written(string key, TxId id) => new(key, id.Value, $"/api/v1/versions/{id}");
}

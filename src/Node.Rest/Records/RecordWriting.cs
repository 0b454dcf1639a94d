using System.Text.Json;
using Node.Client;
using Node.Protocol;
using Node.Rest.Calls;
using Node.Rest.Problems;
using Node.Rest.Repeating;

namespace Node.Rest.Records;

/// <summary>Operations that record data which lies somewhere else: metadata only, alone or many at once.</summary>
internal sealed class RecordWriting(Submission submission)
{
    private const string Tag = "Records";

    /// <summary>What a write answers, however it was sent.</summary>
    public static IReadOnlyList<Answer> Answers { get; } =
    [
        Answer.Json(201, "Committed", typeof(RecordReceipt)),
        Answer.Json(202, "Ordered; waitForCommit was false", typeof(RecordReceipt)),
    ];

    public IEnumerable<Operation> Operations() =>
    [
        new("POST", "/api/v1/records", "createRecord", "Record data that lies elsewhere", CreateAsync)
        {
            Tag = Tag,
            Description = "Writes the record alone; the checksum is taken as given. See the uploads for content.",
            Parameters = [Submission.WaitForCommit, Repeat.Header],
            Body = RequestBody.Json("What to record", typeof(RecordRequest)),
            BodyBytesMax = RestLimits.JsonBytesMax,
            Answers = Answers,
        },
        new("POST", "/api/v1/batches", "createBatch", "Record many things in one transaction", CreateBatchAsync)
        {
            Tag = Tag,
            Description = "All of them or none. A parent may be #0, #1, …: an earlier record of the same batch.",
            Parameters = [Submission.WaitForCommit, Repeat.Header],
            Body = RequestBody.Json("1 to 500 records, of different keys", typeof(RecordRequest[])),
            BodyBytesMax = RestLimits.BatchBytesMax,
            Answers = Answers,
        },
    ];

    private async Task CreateAsync(Call call)
    {
        using Repeat repeat = submission.Enter(call);
        RecordRequest request = await call.ReadJsonAsync(RestJson.Api.RecordRequest);
        await submission.RunAsync(
            call, repeat, PrintOf("record", JsonSerializer.SerializeToUtf8Bytes(request, RestJson.Api.RecordRequest)),
            async () =>
            {
                Proposal proposal = await RecordDrafts.ProposeAsync(call.Session, request, call.Cancellation);
                return await proposal.EndorseAsync(call.Cancellation);
            },
            id => Submission.ReceiptOf(request.Key, id, content: null),
            committed: null);
    }

    private async Task CreateBatchAsync(Call call)
    {
        using Repeat repeat = submission.Enter(call);
        RecordRequest[] requests = await call.ReadJsonAsync(RestJson.Api.RecordRequestArray);
        if (requests.Length is 0 or > RestLimits.BatchRecordsMax || requests.Any(request => request is null))
            throw new RequestFault(new Problem(ProblemKind.InvalidBody, "A batch is an array of records, not null.")
            {
                Subject = "body",
                Value = FormattableString.Invariant($"{requests.Length} records"),
                Limit = FormattableString.Invariant($"1 to {RestLimits.BatchRecordsMax} records"),
                Next = "Split it. Nothing was recorded.",
            });

        byte[] canonical = JsonSerializer.SerializeToUtf8Bytes(requests, RestJson.Api.RecordRequestArray);
        await submission.RunAsync(
            call, repeat, PrintOf("batch", canonical),
            async () =>
            {
                Proposal proposal = await RecordDrafts.ProposeAsync(call.Session, requests, call.Cancellation);
                return await proposal.EndorseAsync(call.Cancellation);
            },
            transaction => Submission.ReceiptOf(
                transaction, requests.Select((request, index) => (request.Key, RecordIds.InBatch(transaction, index)))),
            committed: null);
    }

    private static Hash32 PrintOf(string what, byte[] canonical) =>
        Hash32.Of(System.Text.Encoding.ASCII.GetBytes(what + "\n"), canonical);
}

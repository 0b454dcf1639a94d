using Microsoft.AspNetCore.Http;
using Node.Client.Exporting;
using Node.Client.Exporting.OpenLineage;
using Node.Client.Recording;
using Node.Rest.Calls;
using Node.Rest.Problems;
using Node.Rest.Records;

namespace Node.Rest.Lineages;

/// <summary>What OpenLineage events recorded.</summary>
/// <param name="Records">Empty when all were recorded already.</param>
internal sealed record IntakeView(IReadOnlyList<WrittenRecord> Records);

/// <summary>Takes OpenLineage events as an unmodified OpenLineage client posts them.</summary>
internal static class OpenLineageIntake
{
    public static IEnumerable<Operation> Operations() =>
    [
        Intake("/api/v1/lineage", "postOpenLineage", "Record an OpenLineage event"),
        Intake("/api/v1/lineage/batch", "postOpenLineageBatch", "Record OpenLineage events"),
    ];

    private static Operation Intake(string path, string id, string summary) => new("POST", path, id, summary, TakeAsync)
    {
        Tag = "Lineage",
        Description = "Run, job and dataset events: one object, an array, or one in each line. Committed when it "
            + "answers. An event that is recorded already is left out, so a client may send it again.",
        Body = new RequestBody("OpenLineage 2-0-2", Type: null, [Call.JsonMediaType]),
        BodyBytesMax = RestLimits.BatchBytesMax,
        Answers = [Answer.Json(201, "Recorded", typeof(IntakeView))],
    };

    private static async Task TakeAsync(Call call)
    {
        if (!call.Request.HasJsonContentType())
            throw call.NotJson();

        using var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body, call.Cancellation);
        if (!OpenLineageEvents.TryRead(
            body.GetBuffer().AsMemory(0, (int)body.Length), out IReadOnlyList<OpenLineageEvent>? events,
            out string? fault))
            throw new RequestFault(new Problem(ProblemKind.InvalidBody, $"The body is no OpenLineage: {fault}.")
            {
                Subject = "body",
                Next = "Nothing was recorded. See https://openlineage.io/spec/2-0-2/OpenLineage.json.",
            });

        IReadOnlyList<Recorded> recorded = await OpenLineageEvents.RecordAsync(
            call.Session.Provenance, events, new ImportOptions(), call.Cancellation);
        await call.WriteJsonAsync(
            StatusCodes.Status201Created,
            new IntakeView([.. recorded.Select(one => Submission.Written(one.Key, one.Id))]), RestJson.Api.IntakeView);
    }
}

using Microsoft.AspNetCore.Http;
using Node.Client.Recording;
using Node.Rest.Calls;

namespace Node.Rest.Records;

/// <summary>The operation that holds a record and all its ancestors against the stored bytes.</summary>
internal static class RecordVerifying
{
    public static IEnumerable<Operation> Operations() =>
        RecordSelector.Twice(new("GET", "/verification", "verifyRecord", "Verify the newest record", VerifyAsync)
        {
            Tag = "Content",
            Description = "Reads the content of the record and of all its ancestors and compares checksums. That takes "
                + "as long as reading them does. The answer is 200 also when something is wrong: see passed.",
            Answers = [Answer.Json(200, "What was found", typeof(VerificationView))],
        });

    private static async Task VerifyAsync(Call call)
    {
        ProvenanceRecord record = await RecordSelector.FindAsync(call);
        RecordVerification verification = call.Session.Provenance.NewVerification();
        IReadOnlyList<Finding> findings = await verification.VerifyAsync(record, call.Cancellation);
        await call.WriteJsonAsync(
            StatusCodes.Status200OK, VerificationView.Of(verification.RecordsVerified, findings),
            RestJson.Api.VerificationView);
    }
}

using Node.Client.Recording;
using Node.Client.Storing;

namespace Node.Rest.Records;

/// <summary>What holding a record and its ancestors against the stored bytes found.</summary>
/// <param name="Passed">No finding is a failure.</param>
/// <param name="Records">How many records were held against their content.</param>
internal sealed record VerificationView(bool Passed, int Records, IReadOnlyList<FindingView> Findings)
{
    public static VerificationView Of(int records, IReadOnlyList<Finding> findings) => new(
        findings.All(finding => !finding.IsFailure), records,
        [.. findings.Where(finding => finding.Kind != FindingKind.Intact).Select(FindingView.Of)]);
}

/// <summary>One thing that is not as recorded, or worth knowing.</summary>
/// <param name="Kind">altered, missing, brokenAncestry, outdatedParent, notVerifiable.</param>
/// <param name="Failure">The records cannot be relied on.</param>
/// <param name="Parent">For ancestry: the parent's id.</param>
internal sealed record FindingView(
    string Kind, bool Failure, string Key, string Id, string? Parent, string? Path, string? Expected, string? Found)
{
    public static FindingView Of(Finding finding)
    {
        ContentCheck? check = finding.Check;
        string kind = finding.Kind.ToString();
        return new FindingView(
            char.ToLowerInvariant(kind[0]) + kind[1..], finding.IsFailure, finding.Record.Key,
            finding.Record.TransactionId.Value, finding.Parent.IsNone ? null : finding.Parent.Value, check?.Path,
            check?.Expected.Hex, check?.Found?.Hex);
    }
}

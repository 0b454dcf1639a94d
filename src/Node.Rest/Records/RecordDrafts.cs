using Node.Client;
using Node.Client.Recording;
using Node.Protocol;
using Node.Rest.Identities;
using Node.Rest.Problems;

namespace Node.Rest.Records;

/// <summary>Makes proposals from what callers want recorded.</summary>
internal static class RecordDrafts
{
    private const string KeyPrefix = "key:";
    private const char BatchMark = '#';

    /// <summary>A proposal that records one thing.</summary>
    /// <exception cref="RecordNotFoundException">A parent that is named by its key is not recorded.</exception>
    /// <exception cref="RequestFault">A text is no Unicode.</exception>
    public static async Task<Proposal> ProposeAsync(
        CallerSession session, RecordRequest request, CancellationToken cancellation)
    {
        RecordDraft draft = await DraftOfAsync(session, request, isInBatch: false, cancellation);
        return Built(() => session.Provenance.Propose(draft));
    }

    /// <summary>A proposal that records several things in one transaction: all of them, or none.</summary>
    /// <exception cref="RequestFault">They do not fit into one transaction, or a reference is wrong.</exception>
    /// <inheritdoc cref="ProposeAsync(CallerSession, RecordRequest, CancellationToken)"/>
    public static async Task<Proposal> ProposeAsync(
        CallerSession session, IReadOnlyList<RecordRequest> requests, CancellationToken cancellation)
    {
        var drafts = new RecordDraft[requests.Count];
        for (int index = 0; index < drafts.Length; index++)
            drafts[index] = await DraftOfAsync(session, requests[index], isInBatch: true, cancellation);

        return Built(() => session.Provenance.ProposeBatch(drafts));
    }

    /// <summary>Ids instead of keys.</summary>
    /// <inheritdoc cref="ProposeAsync(CallerSession, RecordRequest, CancellationToken)"/>
    public static Task<IReadOnlyList<string>> ParentsAsync(
        CallerSession session, IReadOnlyList<string> names, CancellationToken cancellation) =>
        ParentsAsync(session, names, isInBatch: false, cancellation);

    private static async Task<RecordDraft> DraftOfAsync(
        CallerSession session, RecordRequest request, bool isInBatch, CancellationToken cancellation) => new()
        {
            Key = request.Key,
            Hash = request.Hash,
            ChecksumAlgorithm = request.ChecksumAlgorithm,
            Location = request.Location,
            Pointer = request.Pointer,
            Description = request.Description,
            Type = request.Type,
            Parents = await ParentsAsync(session, request.Parents, isInBatch, cancellation),
            Strict = request.Strict,
            ExpectedTransactionId = request.ExpectedId,
            Writers = request.Writers,
        };

    // The same rule as for hyperprov put: 64 hex digits are an id, all else is a key; "key:" says it outright.
    private static async Task<IReadOnlyList<string>> ParentsAsync(
        CallerSession session, IReadOnlyList<string> names, bool isInBatch, CancellationToken cancellation)
    {
        var parents = new List<string>(names.Count);
        foreach (string name in names)
        {
            bool isId = TxId.TryParse(name, out _, out _) || (isInBatch && name.StartsWith(BatchMark));
            string key = name.StartsWith(KeyPrefix, StringComparison.Ordinal) ? name[KeyPrefix.Length..] : name;
            string parent = isId
                ? name
                : (await session.Provenance.FindAsync(key, cancellation)).TransactionId.Value;
            if (!parents.Contains(parent))
                parents.Add(parent);
        }

        return parents;
    }

    private static Proposal Built(Func<Proposal> build)
    {
        try
        {
            return build();
        }
        catch (ArgumentException e)
        {
            throw new RequestFault(new Problem(ProblemKind.InvalidBody, e.Message)
            {
                Subject = "body",
                Next = "Nothing was recorded. Change what the detail names and send it again.",
            });
        }
    }
}

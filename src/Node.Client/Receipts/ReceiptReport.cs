using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Receipts;

/// <summary>What became of one step of a verification.</summary>
public enum StepOutcome
{
    Passed,

    Failed,

    /// <summary>A step before it failed.</summary>
    NotReached,
}

/// <summary>One thing that was checked.</summary>
/// <param name="Name">Of <see cref="ReceiptVerification.StepNames"/>.</param>
/// <param name="Why">What was found, or what is wrong; empty when it was not reached.</param>
public sealed record VerificationStep(string Name, StepOutcome Outcome, string Why);

/// <summary>Every step of holding a receipt against a genesis hash, and what the receipt proves.</summary>
public sealed record ReceiptReport
{
    /// <summary>In the order of the checks.</summary>
    public required IReadOnlyList<VerificationStep> Steps { get; init; }

    /// <summary>What is proven; null unless every step passed.</summary>
    public required ProvenTransaction? Proven { get; init; }

    public bool Passed => Proven is not null;

    /// <summary>The step that failed; null when all passed.</summary>
    public VerificationStep? Culprit => Steps.FirstOrDefault(step => step.Outcome == StepOutcome.Failed);
}

/// <summary>What a receipt proves about a transaction.</summary>
public sealed record ProvenTransaction
{
    public required ChannelId Channel { get; init; }

    public required TxId TransactionId { get; init; }

    public required ulong Block { get; init; }

    /// <summary>The index in its block.</summary>
    public required uint Index { get; init; }

    /// <summary>The client's clock when it proposed; endorsers refuse one that is far off.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>"User1@org1.example.com of Org1MSP".</summary>
    public required string Creator { get; init; }

    public required string Contract { get; init; }

    /// <summary>Whose peers endorsed it, by name.</summary>
    public required IReadOnlyList<string> Endorsers { get; init; }

    /// <summary>Whose peers vouch for its validity, by name.</summary>
    public required IReadOnlyList<string> Attesters { get; init; }

    /// <summary>The provenance records that it wrote; empty for transactions of other contracts.</summary>
    public required IReadOnlyList<ProvenanceRecord> Records { get; init; }
}

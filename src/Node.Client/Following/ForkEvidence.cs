using System.Diagnostics.CodeAnalysis;
using Node.Client.Receipts;
using Node.Membership.Blocks;
using Node.Protocol;
using Wire = Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Following;

/// <summary>
/// One file that shows that orderers of a channel signed two blocks that contradict each other. A third party checks it
/// offline, from the genesis hash alone. Light clients and peers write it.
/// </summary>
/// <remarks>Immutable; any thread.</remarks>
public sealed class ForkEvidence
{
    /// <summary>What evidence files are called.</summary>
    public const string FileExtension = ForkProof.FileExtension;

    private readonly ForkProof _proof;

    private ForkEvidence(ForkProof proof) => _proof = proof;

    /// <summary>The first block's.</summary>
    public ulong BlockNumber => _proof.BlockNumber;

    internal Wire.ForkEvidence Message => _proof.Message;

    public static bool TryParse(
        ReadOnlyMemory<byte> file,
        [NotNullWhen(true)] out ForkEvidence? evidence,
        [NotNullWhen(false)] out string? fault)
    {
        evidence = ForkProof.TryParse(file, out ForkProof? proof, out fault) ? new ForkEvidence(proof) : null;
        return evidence is not null;
    }

    public byte[] ToBytes() => _proof.ToBytes();

    /// <summary>Every step with what was found. When all passed, the orderers of the channel are at fault.</summary>
    public IReadOnlyList<VerificationStep> Verify(Hash32 genesisHash)
    {
        IReadOnlyList<CheckedStep> reached = _proof.Verify(genesisHash);
        var steps = new List<VerificationStep>();
        foreach (CheckedStep step in reached)
        {
            StepOutcome outcome = step.Fault is null ? StepOutcome.Passed : StepOutcome.Failed;
            steps.Add(new VerificationStep(step.Name, outcome, step.Fault ?? step.Found));
        }

        foreach (string name in ForkProof.StepNames.Skip(reached.Count))
            steps.Add(new VerificationStep(name, StepOutcome.NotReached, ""));

        return steps;
    }

    internal static ForkEvidence Of(ForkProof proof) => new(proof);

    internal static ForkEvidence Of(Wire.ForkEvidence message) => new(ForkProof.Of(message));
}

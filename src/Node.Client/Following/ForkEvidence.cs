using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Client.Receipts;
using Node.Protocol;
using Node.Protocol.Merkle;
using Wire = Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Following;

/// <summary>
/// One file that shows that orderers of a channel signed two blocks that contradict each other. A third party checks it
/// offline, from the genesis hash alone.
/// </summary>
/// <remarks>Immutable; any thread.</remarks>
public sealed class ForkEvidence
{
    /// <summary>What evidence files are called.</summary>
    public const string FileExtension = ".evidence";

    private static readonly string[] s_names = ["genesis", "configuration", "first", "second", "contradiction"];

    private readonly Wire.ForkEvidence _message;

    private ForkEvidence(Wire.ForkEvidence message) => _message = message;

    /// <summary>The first block's.</summary>
    public ulong BlockNumber => _message.First?.Number ?? 0;

    private static ReadOnlySpan<byte> Magic => "HPFORKS\n"u8;

    internal Wire.ForkEvidence Message => _message;

    public static bool TryParse(
        ReadOnlyMemory<byte> file,
        [NotNullWhen(true)] out ForkEvidence? evidence,
        [NotNullWhen(false)] out string? fault)
    {
        bool decoded = ProofFile.TryDecode(
            file.Span, Magic, "fork evidence", Wire.ForkEvidence.Parser, out Wire.ForkEvidence? message, out fault);
        evidence = decoded && message is not null ? new ForkEvidence(message) : null;
        return evidence is not null;
    }

    public byte[] ToBytes() => ProofFile.Encode(Magic, _message);

    /// <summary>Every step with what was found. When all passed, the orderers of the channel are at fault.</summary>
    public IReadOnlyList<VerificationStep> Verify(Hash32 genesisHash)
    {
        var steps = new List<VerificationStep>();
        TrustPath? path = null;
        VerifiedBlock? first = null;
        VerifiedBlock? second = null;
        Func<(string? Fault, string Found)>[] checks =
        [
            () => (FaultOfStart(genesisHash), $"the channel began with block {genesisHash}, as expected"),
            () => (FaultOfPath(genesisHash, out path), $"the configuration in force is of block {path?.Newest.Number}"),
            () => (FaultOf(_message.First, path!, out first), Described(first)),
            () => (FaultOf(_message.Second, path!, out second), Described(second)),
            () => Contradiction(first!, second!),
        ];
        foreach ((string name, Func<(string?, string)> check) in s_names.Zip(checks))
        {
            if (steps.Exists(step => step.Outcome == StepOutcome.Failed))
            {
                steps.Add(new VerificationStep(name, StepOutcome.NotReached, ""));
                continue;
            }

            (string? fault, string found) = check();
            steps.Add(new VerificationStep(
                name, fault is null ? StepOutcome.Passed : StepOutcome.Failed, fault ?? found));
        }

        return steps;
    }

    internal static ForkEvidence Of(Wire.ForkEvidence message) => new(message);

    /// <param name="configurations">All before both blocks.</param>
    /// <param name="frontier">Over the blocks before the first; null where both have one number.</param>
    internal static ForkEvidence Of(
        IEnumerable<Wire.ConfigurationBlock> configurations,
        Wire.SignedBlock first,
        Wire.SignedBlock second,
        MerkleFrontier? frontier)
    {
        var message = new Wire.ForkEvidence
        {
            First = first,
            Second = second,
            Frontier = frontier is null ? ByteString.Empty : ByteString.CopyFrom(frontier.ToBytes()),
        };
        message.Configurations.Add(configurations);
        return new ForkEvidence(message);
    }

    private static string? FaultOf(Wire.SignedBlock? block, TrustPath path, out VerifiedBlock? verified)
    {
        if (!SignedBlockCheck.TryVerify(block, path.Config, out verified, out string? fault))
            return fault;
        if (verified.Number <= path.Newest.Number)
            return $"block {verified.Number} does not come after its configuration, block {path.Newest.Number}";

        // A signer of an older configuration may have lost its right to sign: what it signs today is no fork.
        return verified.LastConfig == path.Newest.Number || verified.LastConfig == verified.Number
            ? null
            : $"its orderer says that block {verified.LastConfig} carries the configuration in force; the " +
                $"newest in the evidence is of block {path.Newest.Number}";
    }

    private (string? Fault, string Found) Contradiction(VerifiedBlock first, VerifiedBlock second)
    {
        if (first.Number == second.Number)
        {
            string? fault = !_message.Frontier.IsEmpty ? "it carries a tree that it does not need"
                : first.Contradicts(second) ? null
                : "both blocks say the same";
            return (fault, $"one chain has one block {first.Number}, the orderers signed two");
        }

        if (second.Number - 1 != first.Number)   // No signed block has number 0.
            return ($"blocks {first.Number} and {second.Number} do not contradict each other by themselves", "");

        // What the first block and the tree before it make of the chain, the second must commit to.
        if (!MerkleFrontier.TryRestore(_message.Frontier.Span, out MerkleFrontier? frontier)
            || frontier.Size != first.Number
            || frontier.Root != first.Roots.Chain)
            return ("the tree in it is not the one that its first block commits to", "");

        bool follows = frontier.Append(first.Leaf).Root == second.Roots.Chain
            && _message.Second.PreviousHash.Span.SequenceEqual(first.Hash.AsSpan());
        return (
            follows ? "the second block follows the first" : null,
            $"block {second.Number} does not commit to the chain that ends with block {first.Number}");
    }

    private string? FaultOfStart(Hash32 genesisHash) =>
        TrustPath.TryStart(_message.Configurations.FirstOrDefault(), genesisHash, out _, out string? fault)
            ? null
            : fault;

    private string? FaultOfPath(Hash32 genesisHash, out TrustPath? path) =>
        TrustPath.TryWalk(_message.Configurations, genesisHash, out path, out string? fault) ? null : fault;

    private static string Described(VerifiedBlock? block)
    {
        string signers = string.Join(" and ", block?.Signers.Select(signer => signer.ToString()) ?? []);
        return $"block {block?.Number} {block?.Hash} is signed by {signers}";
    }
}

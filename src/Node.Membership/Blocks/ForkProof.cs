using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Merkle;
using Wire = Node.Protocol.Wire.Hyperprov;

namespace Node.Membership.Blocks;

/// <summary>One thing that was checked.</summary>
/// <param name="Fault">What is wrong; null when it passed.</param>
/// <param name="Found">What was found, when it passed.</param>
public sealed record CheckedStep(string Name, string? Fault, string Found);

/// <summary>
/// Shows that orderers of a channel signed two blocks that no single chain can hold, to anybody who knows the genesis
/// hash. Light clients and peers write it to files.
/// </summary>
/// <remarks>Immutable; any thread. Bytes: docs/formats.md, "Fork evidence".</remarks>
public sealed class ForkProof
{
    /// <summary>What evidence files are called.</summary>
    public const string FileExtension = ".evidence";

    private static readonly string[] s_names = ["genesis", "configuration", "first", "second", "contradiction"];

    private readonly Wire.ForkEvidence _message;

    private ForkProof(Wire.ForkEvidence message) => _message = message;

    /// <summary>What is checked, in order.</summary>
    public static IReadOnlyList<string> StepNames => s_names;

    /// <summary>The first block's. From here on the channel has two histories.</summary>
    public ulong BlockNumber =>
        _message.First?.Number ?? (_message.Second is { Number: > 0 } second ? second.Number - 1 : 0);

    public Wire.ForkEvidence Message => _message;

    private static ReadOnlySpan<byte> Magic => "HPFORKS\n"u8;

    public static ForkProof Of(Wire.ForkEvidence message) => new(message);

    /// <param name="configurations">All before both blocks.</param>
    /// <param name="first">Null when the newest of the configurations is the block before the second.</param>
    /// <param name="second">Of the same number as the first, or of the next one.</param>
    /// <param name="frontier">Over the blocks before the first; null where both have one number.</param>
    public static ForkProof Of(
        IEnumerable<Wire.ConfigurationBlock> configurations,
        Wire.SignedBlock? first,
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
        return new ForkProof(message);
    }

    public static bool TryParse(
        ReadOnlyMemory<byte> file,
        [NotNullWhen(true)] out ForkProof? proof,
        [NotNullWhen(false)] out string? fault)
    {
        bool decoded = ProofFile.TryDecode(
            file.Span, Magic, "fork evidence", Wire.ForkEvidence.Parser, out Wire.ForkEvidence? message, out fault);
        proof = decoded && message is not null ? new ForkProof(message) : null;
        return proof is not null;
    }

    public byte[] ToBytes() => ProofFile.Encode(Magic, _message);

    /// <summary>
    /// Checks step by step, up to the first that fails. When all of <see cref="StepNames"/> passed, those who signed
    /// the two blocks are at fault.
    /// </summary>
    public IReadOnlyList<CheckedStep> Verify(Hash32 genesisHash)
    {
        var steps = new List<CheckedStep>();
        TrustPath? path = null;
        VerifiedBlock? first = null;
        VerifiedBlock? second = null;
        Func<(string? Fault, string Found)>[] checks =
        [
            () => (FaultOfStart(genesisHash), $"the channel began with block {genesisHash}, as expected"),
            () => (FaultOfPath(genesisHash, out path), $"the configuration in force is of block {path?.Newest.Number}"),
            () => (FaultOfFirst(path!, out first), Described(first)),
            () => (FaultOf(_message.Second, path!, out second), Described(second)),
            () => Contradiction(first!, second!),
        ];
        for (int index = 0; index < checks.Length; index++)
        {
            (string? fault, string found) = checks[index]();
            steps.Add(new CheckedStep(s_names[index], fault, found));
            if (fault is not null)
                break;
        }

        return steps;
    }

    /// <summary>True when every step passes.</summary>
    public bool Convinces(Hash32 genesisHash) => Verify(genesisHash) is [.., { Fault: null }];

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

    private string? FaultOfFirst(TrustPath path, out VerifiedBlock? verified)
    {
        if (_message.First is not null)
            return FaultOf(_message.First, path, out verified);

        // Verified on the way, by the rules before it.
        verified = path.Newest;
        return null;
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
        return signers.Length == 0
            ? $"block {block?.Number} {block?.Hash} is the genesis block"
            : $"block {block?.Number} {block?.Hash} is signed by {signers}";
    }
}

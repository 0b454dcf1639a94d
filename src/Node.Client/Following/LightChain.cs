using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Membership.Blocks;
using Node.Protocol;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Following;

/// <summary>
/// What a light client knows about a channel: its configurations, its newest block, and the tree over all before it. A
/// few kilobytes, whatever the height.
/// </summary>
/// <remarks>
/// Pure: blocks and proofs in, verdicts out; no clock, no network, no disk. One owner. A refusal leaves it unchanged.
/// </remarks>
internal sealed class LightChain
{
    private readonly Hash32 _genesisHash;
    private readonly List<ConfigurationBlock> _configurations;
    private TrustPath _path;

    private LightChain(Hash32 genesisHash, List<ConfigurationBlock> configurations, TrustPath path)
    {
        _genesisHash = genesisHash;
        _configurations = configurations;
        _path = path;
        Tip = path.Genesis;
        TipMessage = configurations[0].Block;
        BeforeTip = MerkleFrontier.Empty;
    }

    /// <summary>The newest block that was verified.</summary>
    public VerifiedBlock Tip { get; private set; }

    /// <summary>As it came, with its signatures.</summary>
    public SignedBlock TipMessage { get; private set; }

    /// <summary>The tree over all blocks before the tip. Invariant: its root is the tip's chain root.</summary>
    public MerkleFrontier BeforeTip { get; private set; }

    public IReadOnlyList<ConfigurationBlock> Configurations => _configurations;

    public ChannelId Channel => _path.Config.Id;

    /// <summary>The tree with the tip in it.</summary>
    public MerkleFrontier WithTip => BeforeTip.Append(Tip.Leaf);

    private static ReadOnlySpan<byte> Magic => "HPLIGHT\n"u8;

    public static bool TryStart(
        ConfigurationBlock genesis,
        Hash32 genesisHash,
        [NotNullWhen(true)] out LightChain? chain,
        [NotNullWhen(false)] out string? fault)
    {
        chain = TrustPath.TryStart(genesis, genesisHash, out TrustPath? path, out fault)
            ? new LightChain(genesisHash, [genesis], path)
            : null;
        return chain is not null;
    }

    /// <summary>Reads what <see cref="ToBytes"/> gave. Everything in it is verified again.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> file,
        Hash32 genesisHash,
        [NotNullWhen(true)] out LightChain? chain,
        [NotNullWhen(false)] out string? fault)
    {
        chain = null;
        if (!ProofFile.TryDecode(
                file, Magic, "light client's state", LightState.Parser, out LightState? state, out fault)
            || !TrustPath.TryWalk(state.Configurations, genesisHash, out TrustPath? path, out fault))
            return false;

        var read = new LightChain(genesisHash, [.. state.Configurations], path);
        if (!MerkleFrontier.TryRestore(state.Frontier.Span, out MerkleFrontier? frontier))
        {
            fault = "its tree cannot be read";
            return false;
        }

        if (state.Tip is { Number: > 0 } && !read.TryAdoptTip(state.Tip, path, frontier, out fault))
            return false;

        chain = read;
        return true;
    }

    public byte[] ToBytes()
    {
        var state = new LightState { Tip = TipMessage, Frontier = ByteString.CopyFrom(BeforeTip.ToBytes()) };
        state.Configurations.Add(_configurations);
        return ProofFile.Encode(Magic, state);
    }

    /// <summary>Verifies a block against the configurations known, without taking it in.</summary>
    public bool TryVerify(
        ConfigurationBlock block,
        [NotNullWhen(true)] out VerifiedBlock? verified,
        [NotNullWhen(false)] out string? fault)
    {
        if (block.Block is null)
        {
            verified = null;
            fault = "there is no block header";
            return false;
        }

        if (block.Block.Number == 0)
        {
            fault = TrustPath.TryStart(block, _genesisHash, out TrustPath? path, out string? why) ? null : why;
            verified = path?.Genesis;
            return verified is not null && fault is null;
        }

        TrustPath at = PathBefore(block.Block.Number);
        if (!SignedBlockCheck.TryVerify(block.Block, at.Config, out verified, out fault))
            return false;

        // A configuration block that is not known yet is verified when it is taken in.
        fault = verified.LastConfig == at.Newest.Number || verified.LastConfig == verified.Number
            ? null
            : $"block {verified.Number} names block {verified.LastConfig} as the newest configuration, the " +
                $"newest known one is of block {at.Newest.Number}";
        if (fault is not null)
            verified = null;

        return verified is not null;
    }

    /// <summary>Takes in the block that follows the tip.</summary>
    /// <param name="evidence">Set when it is signed as it must be and yet contradicts the tip.</param>
    public bool TryAppend(
        ConfigurationBlock next, out ForkEvidence? evidence, [NotNullWhen(false)] out string? fault)
    {
        evidence = null;
        if (next.Block?.Number != Tip.Number + 1)
        {
            fault = $"block {Tip.Number + 1} comes next, this is block {next.Block?.Number}";
            return false;
        }

        if (!TryVerify(next, out VerifiedBlock? verified, out fault))
            return false;

        MerkleFrontier withTip = WithTip;
        bool follows = next.Block.PreviousHash.Span.SequenceEqual(Tip.Hash.AsSpan())
            && verified.Roots.Chain == withTip.Root;
        if (!follows)
        {
            fault = $"block {verified.Number} does not commit to the chain that ends with block {Tip.Number}";
            evidence = EvidenceAgainst(next);
            return false;
        }

        if (verified.LastConfig == verified.Number && !TryConfigure(next, out fault))
            return false;

        (Tip, TipMessage, BeforeTip) = (verified, next.Block, withTip);
        return true;
    }

    /// <summary>Goes on to a much later block, by proofs instead of the blocks between.</summary>
    /// <param name="configurations">All between the tip and the newest block, that included.</param>
    /// <param name="consistency">From the tree with our tip to the one that the newest block commits to.</param>
    /// <param name="frontier">Over the blocks before the newest.</param>
    public bool TryJump(
        SignedBlock newest,
        IReadOnlyList<ConfigurationBlock> configurations,
        ReadOnlySpan<Hash32> consistency,
        MerkleFrontier frontier,
        [NotNullWhen(false)] out string? fault)
    {
        List<ConfigurationBlock> all = [.. _configurations, .. configurations];
        if (!TrustPath.TryWalk(all, _genesisHash, out TrustPath? path, out fault))
            return false;

        MerkleFrontier withTip = WithTip;
        var jumped = new LightChain(_genesisHash, all, path);
        if (!jumped.TryAdoptTip(newest, path, frontier, out fault))
            return false;
        if (!MerkleProofs.VerifyConsistency(
            withTip.Size, withTip.Root, jumped.Tip.Number, jumped.Tip.Roots.Chain, consistency))
        {
            fault = $"the chain of block {jumped.Tip.Number} is not shown to go on from ours at block {Tip.Number}";
            return false;
        }

        _path = path;
        _configurations.AddRange(configurations);
        (Tip, TipMessage, BeforeTip) = (jumped.Tip, jumped.TipMessage, jumped.BeforeTip);
        return true;
    }

    /// <summary>
    /// Evidence that two blocks of one number were signed. Null when they do not contradict each other.
    /// </summary>
    public ForkEvidence? EvidenceOf(ConfigurationBlock first, ConfigurationBlock second) =>
        TryVerify(first, out VerifiedBlock? one, out _)
        && TryVerify(second, out VerifiedBlock? other, out _)
        && one.Contradicts(other)
        && one.Number > 0
            ? ForkEvidence.Of(ForkProof.Of(
                ConfigurationsBefore(one.Number), first.Block, second.Block, frontier: null))
            : null;

    private ForkEvidence? EvidenceAgainst(ConfigurationBlock next)
    {
        // A tip that changed the configuration is judged by the one before it, its successor by the one after.
        bool sameRules = Tip.Number > _path.Newest.Number;
        return sameRules
            ? ForkEvidence.Of(ForkProof.Of(_configurations, TipMessage, next.Block, BeforeTip))
            : null;
    }

    private bool TryConfigure(ConfigurationBlock next, [NotNullWhen(false)] out string? fault)
    {
        if (next.Envelope.IsEmpty)
        {
            fault = $"block {next.Block.Number} carries a configuration that was not sent with it";
            return false;
        }

        if (!_path.TryAdvance(next, out _, out fault))
            return false;

        _configurations.Add(next);
        return true;
    }

    private bool TryAdoptTip(
        SignedBlock tip, TrustPath path, MerkleFrontier frontier, [NotNullWhen(false)] out string? fault)
    {
        VerifiedBlock? verified = tip.Number == path.Newest.Number ? path.Newest : null;
        if (verified is null && !SignedBlockCheck.TryVerify(tip, path.Config, out verified, out fault))
            return false;

        fault = verified.LastConfig != path.Newest.Number
            ? $"block {tip.Number} names block {verified.LastConfig} as its configuration, the newest known one " +
                $"is of block {path.Newest.Number}"
            : frontier.Size != verified.Number || frontier.Root != verified.Roots.Chain
                ? $"the tree is not the one that block {tip.Number} commits to"
                : null;
        if (fault is not null)
            return false;

        (Tip, TipMessage, BeforeTip) = (verified, tip, frontier);
        return true;
    }

    private IEnumerable<ConfigurationBlock> ConfigurationsBefore(ulong number) =>
        _configurations.Where(configuration => configuration.Block.Number < number);

    // The rules that held when a block was made; mostly those in force now.
    private TrustPath PathBefore(ulong number)
    {
        if (_path.Newest.Number < number)
            return _path;

        List<ConfigurationBlock> before = [.. ConfigurationsBefore(number)];
        bool walked = TrustPath.TryWalk(before, _genesisHash, out TrustPath? path, out string? fault);
        Invariant.Require(walked && path is not null, fault ?? "");
        return path;
    }
}

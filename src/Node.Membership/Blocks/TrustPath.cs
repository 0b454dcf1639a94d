using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Membership.Blocks;

/// <summary>
/// Leads from a genesis hash that one knows to a configuration that one can trust, configuration block by configuration
/// block: each signed by orderers of the one before, each update signed by those who may change what it changes.
/// </summary>
/// <remarks>Not thread-safe; owned by one check or one light client. No clock, no network.</remarks>
public sealed class TrustPath
{
    private const string NoConfiguration = "its envelope carries no configuration of this channel";

    private readonly List<(ulong Number, Hash32 Leaf)> _leaves = [];

    private TrustPath(VerifiedBlock genesis, ChannelConfig config)
    {
        Config = config;
        Newest = genesis;
        Genesis = genesis;
        _leaves.Add((0, genesis.Leaf));
    }

    public VerifiedBlock Genesis { get; }

    /// <summary>After the newest configuration block.</summary>
    public ChannelConfig Config { get; private set; }

    /// <summary>The newest configuration block.</summary>
    public VerifiedBlock Newest { get; private set; }

    /// <summary>Of each configuration block the number and its leaf in the chain tree, in order.</summary>
    public IReadOnlyList<(ulong Number, Hash32 Leaf)> Leaves => _leaves;

    /// <summary>Begins at a genesis block: its hash must be the one that the caller knows from elsewhere.</summary>
    public static bool TryStart(
        ConfigurationBlock? genesis,
        Hash32 genesisHash,
        [NotNullWhen(true)] out TrustPath? path,
        [NotNullWhen(false)] out string? fault)
    {
        path = null;
        if (genesis?.Block is not { } block || genesis.Envelope.IsEmpty)
        {
            fault = "there is no genesis block in it";
            return false;
        }

        Hash32 dataHash = Hash32.Of(genesis.Envelope.Span);
        Hash32 hash = BlockHash.Of(number: 0, previousHash: [], dataHash.AsSpan());
        bool isBare = block.Number == 0 && block.PreviousHash.IsEmpty && block.Value.IsEmpty
            && block.Signatures.Count == 0 && block.DataHash.Span.SequenceEqual(dataHash.AsSpan());
        if (!isBare)
        {
            fault = $"the first block in it is no genesis block: number {block.Number}, or a header that does " +
                "not fit its content";
            return false;
        }

        if (hash != genesisHash)
        {
            fault = $"the channel it belongs to began with the genesis block {hash}, expected was " +
                $"{genesisHash}: it is of another channel or network";
            return false;
        }

        if (!ChannelConfig.TryFromConfigBlock(
            new Block { Data = new BlockData { Data = { genesis.Envelope } } }, out ChannelConfig? config, out fault))
            return false;

        byte[] header = BlockHeaderBytes.ToArray(number: 0, previousHash: [], dataHash.AsSpan());
        var roots = new BlockRoots(MerkleHash.OfLeaf(genesis.Envelope.Span), MerkleHash.Empty, LogPosition: default);
        path = new TrustPath(new VerifiedBlock(0, header, hash, roots, LastConfig: 0, Signers: []), config);
        return true;
    }

    /// <summary>Begins and follows all configurations that a proof carries.</summary>
    public static bool TryWalk(
        IReadOnlyList<ConfigurationBlock> configurations,
        Hash32 genesisHash,
        [NotNullWhen(true)] out TrustPath? path,
        [NotNullWhen(false)] out string? fault)
    {
        path = null;
        if (configurations.Count > Limits.ProofConfigurationsMax)
        {
            fault = $"it carries {configurations.Count} configurations, at most {Limits.ProofConfigurationsMax} " +
                "are read";
            return false;
        }

        if (!TryStart(configurations.Count == 0 ? null : configurations[0], genesisHash, out path, out fault))
            return false;

        for (int index = 1; index < configurations.Count; index++)
        {
            if (!path.TryAdvance(configurations[index], out _, out fault))
                return false;
        }

        return true;
    }

    /// <summary>Takes the next configuration block. Unchanged when it refuses.</summary>
    public bool TryAdvance(
        ConfigurationBlock next,
        [NotNullWhen(true)] out VerifiedBlock? verified,
        [NotNullWhen(false)] out string? fault)
    {
        if (!SignedBlockCheck.TryVerify(next.Block, Config, out verified, out fault))
            return false;

        fault = FaultOf(next, verified);
        if (fault is null && TryApply(next.Envelope, out ChannelConfig? config, out fault))
        {
            Config = config;
            Newest = verified;
            _leaves.Add((verified.Number, verified.Leaf));
            return true;
        }

        fault = $"configuration block {verified.Number}: {fault}";
        verified = null;
        return false;
    }

    private string? FaultOf(ConfigurationBlock next, VerifiedBlock verified)
    {
        if (verified.Number <= Newest.Number)
            return $"it comes after configuration block {Newest.Number}";
        if (verified.LastConfig != verified.Number)
            return $"its orderer says that block {verified.LastConfig} carries the configuration";
        if (!next.Block.DataHash.Span.SequenceEqual(Hash32.Of(next.Envelope.Span).AsSpan()))
            return "the envelope is not the one that its header names";

        return verified.Roots.Transactions == MerkleHash.OfLeaf(next.Envelope.Span)
            ? null
            : "the envelope is not the one that its orderer committed to";
    }

    private bool TryApply(
        ByteString envelopeBytes, [NotNullWhen(true)] out ChannelConfig? config, [NotNullWhen(false)] out string? fault)
    {
        config = null;
        fault = NoConfiguration;
        if (!DecodedEnvelope.TryDecode(envelopeBytes.Memory, out DecodedEnvelope? envelope, out _)
            || envelope.Type != HeaderType.Config
            || !envelope.TryGetChannelId(out ChannelId id, out _)
            || id != Config.Id)
            return false;

        try
        {
            ConfigEnvelope content = ConfigEnvelope.Parser.ParseFrom(envelope.Data.Span);
            return ConfigUpdates.TryCheckConfigTransaction(Config, content, out config, out fault);
        }
        catch (InvalidProtocolBufferException)
        {
            fault = NoConfiguration;
            return false;
        }
    }
}

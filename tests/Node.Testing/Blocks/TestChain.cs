using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Hyperprov;
using Node.Protocol.Wire.Msp;
using Node.Testing.Channels;

namespace Node.Testing.Blocks;

/// <summary>
/// Makes one block after another as the channel's orderer would: hashes, roots and signature included.
/// </summary>
public sealed class TestChain
{
    private readonly TestChannel _channel;
    private Hash32 _previousHash;
    private MerkleFrontier _frontier = MerkleFrontier.Empty;
    private ulong _lastConfig;

    public TestChain(TestChannel channel)
    {
        _channel = channel;
        Orderer = channel.Orderer;
        Config = channel.ToConfig();
        Genesis = MakeGenesis();
    }

    /// <summary>Who signs the blocks from now on; the channel's orderer unless a test says otherwise.</summary>
    public SigningIdentity Orderer { get; set; }

    /// <summary>Count of blocks made so far.</summary>
    public ulong Height { get; private set; }

    /// <summary>The configuration after the last block.</summary>
    public Config Config { get; private set; }

    public byte[] Genesis { get; }

    /// <summary>The next block, holding these envelopes.</summary>
    public byte[] Next(params IReadOnlyList<byte[]> envelopes) => Next(change: null, envelopes);

    /// <summary>The next block, with one thing changed after its hashes and before its signature.</summary>
    public byte[] Next(Action<Block>? change, params IReadOnlyList<byte[]> envelopes)
    {
        Block block = Make(envelopes);
        change?.Invoke(block);
        SignWith(Orderer, block);
        Advance(block);
        return block.ToByteArray();
    }

    /// <summary>A chain with the same past that goes on by itself: what a forking orderer keeps.</summary>
    public TestChain Branch() => (TestChain)MemberwiseClone();

    /// <summary>A block that would come next, but the chain does not go on with it.</summary>
    public byte[] Fork(Action<Block>? change, SigningIdentity signer, params IReadOnlyList<byte[]> envelopes)
    {
        Block block = Make(envelopes);
        change?.Invoke(block);
        SignWith(signer, block);
        return block.ToByteArray();
    }

    /// <summary>A configuration block made from an update that these administrators signed.</summary>
    /// <param name="update">The encoded ConfigUpdate.</param>
    /// <param name="next">What applying it to <see cref="Config"/> gives.</param>
    public byte[] NextConfig(ByteString update, Config next, params SigningIdentity[] signers)
    {
        var lastUpdate = new ConfigUpdateEnvelope { ConfigUpdate = update };
        foreach (SigningIdentity signer in signers)
        {
            ByteString header = HeaderOf(signer);
            lastUpdate.Signatures.Add(new ConfigSignature
            {
                SignatureHeader = header,
                Signature = ByteString.CopyFrom(signer.Sign([.. header.Span, .. update.Span])),
            });
        }

        Envelope updateEnvelope = Envelope(signers[0], HeaderType.ConfigUpdate, lastUpdate.ToByteString());
        Config = next;
        _lastConfig = Height;
        var config = new ConfigEnvelope { Config = next, LastUpdate = updateEnvelope };
        return Next(Envelope(_channel.Orderer, HeaderType.Config, config.ToByteString()).ToByteArray());
    }

    /// <summary>A configuration block that replaces an organisation's MSP by what its issuer says now.</summary>
    public byte[] NextMembership(TestIssuer organization, params SigningIdentity[] signers)
    {
        Config next = Config.Clone();
        next.Sequence++;
        string side = next.ChannelGroup.Groups["Orderer"].Groups.ContainsKey(organization.Name)
            ? "Orderer"
            : "Application";
        ConfigGroup group = next.ChannelGroup.Groups[side].Groups[organization.Name];
        ConfigValue changed = group.Values["MSP"];
        changed.Version++;
        changed.Value = new MSPConfig { Config = organization.ToConfig().ToByteString() }.ToByteString();

        // Read and write set name the groups on the way, and the one value that changes.
        ConfigGroup writeOrg = new() { Version = group.Version };
        writeOrg.Values["MSP"] = changed.Clone();
        var update = new ConfigUpdate
        {
            ChannelId = _channel.Id.Value,
            ReadSet = OnTheWay(new ConfigGroup { Version = group.Version }),
            WriteSet = OnTheWay(writeOrg),
        };
        return NextConfig(update.ToByteString(), next, signers);

        ConfigGroup OnTheWay(ConfigGroup member)
        {
            var around = new ConfigGroup();
            around.Groups[organization.Name] = member;
            var root = new ConfigGroup();
            root.Groups[side] = around;
            return root;
        }
    }

    /// <summary>Changes what a block commits to, in place; to be signed afterwards.</summary>
    public static void ChangeCommitment(Block block, Action<BlockCommitment> change) => ChangeValue(block, value =>
    {
        BlockCommitment commitment = BlockCommitment.Parser.ParseFrom(value.ConsenterMetadata);
        change(commitment);
        value.ConsenterMetadata = commitment.ToByteString();
    });

    /// <summary>Changes what the orderer says about a block, in place; to be signed afterwards.</summary>
    public static void ChangeValue(Block block, Action<OrdererBlockMetadata> change)
    {
        Metadata metadata = Metadata.Parser.ParseFrom(block.Metadata.Metadata[0]);
        OrdererBlockMetadata value = OrdererBlockMetadata.Parser.ParseFrom(metadata.Value);
        change(value);
        metadata.Value = value.ToByteString();
        block.Metadata.Metadata[0] = metadata.ToByteString();
    }

    private static void SignWith(SigningIdentity signer, Block block)
    {
        Metadata metadata = Metadata.Parser.ParseFrom(block.Metadata.Metadata[0]);
        ByteString header = HeaderOf(signer);
        byte[] blockHeader = BlockHeaderBytes.ToArray(
            block.Header.Number, block.Header.PreviousHash.Span, block.Header.DataHash.Span);
        metadata.Signatures.Add(new MetadataSignature
        {
            SignatureHeader = header,
            Signature = ByteString.CopyFrom(signer.Sign([.. metadata.Value.Span, .. header.Span, .. blockHeader])),
        });
        block.Metadata.Metadata[0] = metadata.ToByteString();
    }

    private static ByteString HeaderOf(SigningIdentity signer) => new SignatureHeader
    {
        Creator = ByteString.CopyFrom(signer.Serialized.Span),
        Nonce = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(24)),
    }.ToByteString();

    private Block Make(IReadOnlyList<byte[]> envelopes)
    {
        var block = new Block
        {
            Header = new BlockHeader { Number = Height, PreviousHash = ByteString.CopyFrom(_previousHash.AsSpan()) },
            Data = new BlockData(),
            Metadata = new BlockMetadata(),
        };
        if (Height == 0)
            block.Header.PreviousHash = ByteString.Empty;

        foreach (byte[] envelope in envelopes)
            block.Data.Data.Add(ByteString.CopyFrom(envelope));

        block.Header.DataHash = ByteString.CopyFrom(BlockDataHash.Of(block.Data.Data).AsSpan());
        var roots = new BlockRoots(MerkleRoot.Of(block.Data.Data), _frontier.Root, default);
        var value = new OrdererBlockMetadata
        {
            LastConfig = new LastConfig { Index = _lastConfig },
            ConsenterMetadata = ByteString.CopyFrom(BlockCommitments.Encode(roots)),
        };
        var lastConfig = new Metadata { Value = value.LastConfig.ToByteString() };
        block.Metadata.Metadata.Add(new Metadata { Value = value.ToByteString() }.ToByteString());
        block.Metadata.Metadata.Add(lastConfig.ToByteString());
        block.Metadata.Metadata.Add([ByteString.Empty, ByteString.Empty, ByteString.Empty]);
        return block;
    }

    private void Advance(Block block)
    {
        byte[] header = BlockHeaderBytes.ToArray(
            block.Header.Number, block.Header.PreviousHash.Span, block.Header.DataHash.Span);
        _previousHash = Hash32.Of(header);
        _frontier = _frontier.Append(BlockCommitments.ChainLeaf(header, MerkleRoot.Of(block.Data.Data)));
        Height++;
    }

    private byte[] MakeGenesis()
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(24);
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.Config,
            ChannelId = _channel.Id.Value,
            TxId = Hash32.Of(nonce).ToString(),
            Timestamp = Timestamp.FromDateTimeOffset(TestIssuer.Epoch),
        };
        var payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(),
                SignatureHeader = new SignatureHeader { Nonce = ByteString.CopyFrom(nonce) }.ToByteString(),
            },
            Data = new ConfigEnvelope { Config = Config }.ToByteString(),
        };
        Block block = Make([new Envelope { Payload = payload.ToByteString() }.ToByteArray()]);
        Advance(block);
        return block.ToByteArray();
    }

    private Envelope Envelope(SigningIdentity signer, HeaderType type, ByteString data)
    {
        var channelHeader = new ChannelHeader
        {
            Type = (int)type,
            ChannelId = _channel.Id.Value,
            Timestamp = Timestamp.FromDateTimeOffset(TestIssuer.Epoch),
        };
        ByteString payload = new Payload
        {
            Header = new Header { ChannelHeader = channelHeader.ToByteString(), SignatureHeader = HeaderOf(signer) },
            Data = data,
        }.ToByteString();
        return new Envelope { Payload = payload, Signature = ByteString.CopyFrom(signer.Sign(payload.Span)) };
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership.Material;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;

namespace Node.Membership.Topology;

/// <summary>
/// Makes block 0 of a channel. Made once, then copied to every node: its hash is the channel's name to the world.
/// </summary>
public static class GenesisBlock
{
    private const int NonceBytes = 24;

    /// <param name="materialFolder">The crypto-config folder, with the material of all organisations.</param>
    /// <param name="fault">Names the channel, folder or file that is missing or wrong.</param>
    public static bool TryBuild(
        NetworkTopology network,
        ChannelId channel,
        string materialFolder,
        TimeProvider clock,
        [NotNullWhen(true)] out Block? block,
        [NotNullWhen(false)] out string? fault)
    {
        block = null;
        if (network.Channels.FirstOrDefault(candidate => candidate.Id == channel) is not { } topology)
        {
            fault = $"The network has no channel {channel}.";
            return false;
        }

        var builder = new GenesisConfig(network, topology, new MaterialLayout(materialFolder));
        var config = new Config { ChannelGroup = builder.Build() };
        fault = builder.Fault;
        if (fault is not null)
            return false;

        // What nobody could join must not be handed out.
        if (!ChannelConfig.TryCreate(channel, config, out _, out fault))
            return false;

        block = Seal(channel, config, clock.GetUtcNow());
        return true;
    }

    /// <summary>
    /// Wraps a configuration into block 0: unsigned, with five metadata slots and the commitment to the empty
    /// chain.
    /// </summary>
    public static Block Seal(ChannelId channel, Config config, DateTimeOffset time) =>
        Seal(channel, config, time, RandomNumberGenerator.GetBytes(NonceBytes));

    /// <param name="nonce">Makes the block differ from others of the same configuration.</param>
    internal static Block Seal(ChannelId channel, Config config, DateTimeOffset time, byte[] nonce)
    {
        byte[] envelope = Wrap(channel, config, time, nonce).ToByteArray();
        Hash32 dataHash = BlockDataHash.Of([envelope]);
        var commitment = new BlockRoots(
            Transactions: MerkleHash.OfLeaf(envelope),
            Chain: MerkleHash.Empty,
            LogPosition: default);
        var slot = new OrdererBlockMetadata
        {
            LastConfig = new LastConfig { Index = 0 },
            ConsenterMetadata = ByteString.CopyFrom(BlockCommitments.Encode(commitment)),
        };

        var block = new Block
        {
            Header = new BlockHeader { Number = 0, DataHash = ByteString.CopyFrom(dataHash.AsSpan()) },
            Data = new BlockData { Data = { ByteString.CopyFrom(envelope) } },
            Metadata = new BlockMetadata(),
        };
        block.Metadata.Metadata.Add(new Metadata { Value = slot.ToByteString() }.ToByteString());
        block.Metadata.Metadata.Add(new Metadata { Value = slot.LastConfig.ToByteString() }.ToByteString());
        for (int i = 2; i < 5; i++)
            block.Metadata.Metadata.Add(ByteString.Empty);

        return block;
    }

    private static Envelope Wrap(ChannelId channel, Config config, DateTimeOffset time, byte[] nonce)
    {
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.Config,
            Version = 1,
            Timestamp = Timestamp.FromDateTimeOffset(time),
            ChannelId = channel.Value,
            TxId = TxId.Compute(nonce, creator: default).Value,
        };
        var signatureHeader = new SignatureHeader { Nonce = ByteString.CopyFrom(nonce) };
        var payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(),
                SignatureHeader = signatureHeader.ToByteString(),
            },
            Data = new ConfigEnvelope { Config = config }.ToByteString(),
        };
        return new Envelope { Payload = payload.ToByteString() };
    }
}

using Google.Protobuf;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Channels;

namespace Node.Orderer.Tests.Building;

/// <summary>Updates of the channel's batch size, as an administrator of the orderer organisation signs them.</summary>
internal static class BatchSizeUpdate
{
    /// <param name="fromVersion">The version of BatchSize that the update says it changes.</param>
    public static byte[] ToEnvelope(
        TestChannel channel, uint maxMessageCount, ulong fromVersion = 0, SigningIdentity? administrator = null) =>
        SignedBy(administrator ?? channel.OrdererAdmin, channel.Id, maxMessageCount, fromVersion).ToBytes();

    /// <inheritdoc cref="ToEnvelope"/>
    public static SignedEnvelope SignedBy(
        SigningIdentity administrator, ChannelId channel, uint maxMessageCount, ulong fromVersion)
    {
        var batchSize = new BatchSize
        {
            MaxMessageCount = maxMessageCount,
            AbsoluteMaxBytes = 10 << 20,
            PreferredMaxBytes = 2 << 20,
        };
        ByteString value = batchSize.ToByteString();
        var write = new ConfigValue { Version = fromVersion + 1, ModPolicy = "Admins", Value = value };
        ByteString update = new ConfigUpdate
        {
            ChannelId = channel.Value,
            ReadSet = Channel(new ConfigGroup()),
            WriteSet = Channel(new ConfigGroup { Values = { ["BatchSize"] = write } }),
        }.ToByteString();

        ByteString approvalHeader = SignedEnvelope.HeaderOf(administrator);
        var approval = new ConfigSignature
        {
            SignatureHeader = approvalHeader,
            Signature = ByteString.CopyFrom(administrator.Sign([.. approvalHeader.Span, .. update.Span])),
        };
        var content = new ConfigUpdateEnvelope { ConfigUpdate = update, Signatures = { approval } };
        return new SignedEnvelope(channel, HeaderType.ConfigUpdate, administrator, content.ToByteString());

        static ConfigGroup Channel(ConfigGroup orderer) => new() { Groups = { ["Orderer"] = orderer } };
    }
}

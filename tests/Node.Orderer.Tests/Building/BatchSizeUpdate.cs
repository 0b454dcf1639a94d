using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Channels;

namespace Node.Orderer.Tests.Building;

/// <summary>Updates of the channel's batch size, as an administrator of the orderer organisation signs them.</summary>
internal static class BatchSizeUpdate
{
    /// <param name="fromVersion">The version of BatchSize that the update says it changes.</param>
    public static byte[] ToEnvelope(
        TestChannel channel, uint maxMessageCount, ulong fromVersion = 0, SigningIdentity? administrator = null)
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
            ChannelId = channel.Id.Value,
            ReadSet = Channel(new ConfigGroup()),
            WriteSet = Channel(new ConfigGroup { Values = { ["BatchSize"] = write } }),
        }.ToByteString();

        administrator ??= channel.OrdererAdmin;
        ByteString approvalHeader = HeaderOf(administrator);
        var approval = new ConfigSignature
        {
            SignatureHeader = approvalHeader,
            Signature = Sign(administrator, [.. approvalHeader.Span, .. update.Span]),
        };
        var content = new ConfigUpdateEnvelope { ConfigUpdate = update, Signatures = { approval } };
        return Envelope(channel, administrator, content.ToByteString());

        static ConfigGroup Channel(ConfigGroup orderer) => new() { Groups = { ["Orderer"] = orderer } };
    }

    private static byte[] Envelope(TestChannel channel, SigningIdentity signer, ByteString content)
    {
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.ConfigUpdate,
            ChannelId = channel.Id.Value,
            Timestamp = Timestamp.FromDateTimeOffset(FixedClock.Start),
        };
        ByteString payload = new Payload
        {
            Header = new Header { ChannelHeader = channelHeader.ToByteString(), SignatureHeader = HeaderOf(signer) },
            Data = content,
        }.ToByteString();
        return new Envelope { Payload = payload, Signature = Sign(signer, payload.ToByteArray()) }.ToByteArray();
    }

    private static ByteString HeaderOf(SigningIdentity signer) =>
        new SignatureHeader
        {
            Creator = ByteString.CopyFrom(signer.Serialized.Span),
            Nonce = ByteString.CopyFromUtf8("a nonce of its own"),
        }.ToByteString();

    private static ByteString Sign(SigningIdentity signer, byte[] message) => ByteString.CopyFrom(signer.Sign(message));
}

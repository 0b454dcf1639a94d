using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;
using Node.Testing.Channels;

namespace Node.Orderer.Tests.Building;

/// <summary>Genesis blocks as Fabric's tools make them: without our commitment.</summary>
internal static class GenesisOf
{
    public static byte[] Config(TestChannel channel, Config config)
    {
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.Config,
            ChannelId = channel.Id.Value,
            Timestamp = Timestamp.FromDateTimeOffset(TestIssuer.Epoch),
        };
        var payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(),
                SignatureHeader = new SignatureHeader { Nonce = ByteString.CopyFromUtf8("nonce") }.ToByteString(),
            },
            Data = new ConfigEnvelope { Config = config }.ToByteString(),
        };
        ByteString envelope = new Envelope { Payload = payload.ToByteString() }.ToByteString();
        return new Block
        {
            Header = new BlockHeader { DataHash = ByteString.CopyFrom(BlockDataHash.Of([envelope]).AsSpan()) },
            Data = new BlockData { Data = { envelope } },
            Metadata = new BlockMetadata
            {
                Metadata = { ByteString.Empty, ByteString.Empty, ByteString.Empty, ByteString.Empty, ByteString.Empty },
            },
        }.ToByteArray();
    }
}

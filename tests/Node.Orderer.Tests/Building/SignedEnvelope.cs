using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.Tests.Building;

/// <summary>An envelope with any content, made and signed by one identity.</summary>
internal sealed record SignedEnvelope(ChannelId Channel, HeaderType Type, SigningIdentity Signer, ByteString Content)
{
    public DateTimeOffset Time { get; init; } = FixedClock.Start;

    public ByteString TlsCertHash { get; init; } = ByteString.Empty;

    public byte[] ToBytes() => ToMessage().ToByteArray();

    public Envelope ToMessage()
    {
        var channelHeader = new ChannelHeader
        {
            Type = (int)Type,
            ChannelId = Channel.Value,
            Timestamp = Timestamp.FromDateTimeOffset(Time),
            TlsCertHash = TlsCertHash,
        };
        ByteString payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(),
                SignatureHeader = HeaderOf(Signer),
            },
            Data = Content,
        }.ToByteString();
        return new Envelope { Payload = payload, Signature = ByteString.CopyFrom(Signer.Sign(payload.Span)) };
    }

    public static ByteString HeaderOf(SigningIdentity signer) =>
        new SignatureHeader
        {
            Creator = ByteString.CopyFrom(signer.Serialized.Span),
            Nonce = ByteString.CopyFromUtf8("a nonce of its own"),
        }.ToByteString();
}

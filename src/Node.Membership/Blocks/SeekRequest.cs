using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;

namespace Node.Membership.Blocks;

/// <summary>The signed request for blocks (wire reference, B13).</summary>
public static class SeekRequest
{
    private const int NonceBytes = 24;

    /// <summary>Asks for every block from <paramref name="start"/> on.</summary>
    /// <param name="atTheEnd">Whether to wait for further blocks or to end with NOT_FOUND.</param>
    public static byte[] From(
        ulong start,
        ChannelId channel,
        SigningIdentity signer,
        ReadOnlyMemory<byte> tlsCertificateHash,
        DateTimeOffset now,
        SeekInfo.Types.SeekBehavior atTheEnd = SeekInfo.Types.SeekBehavior.BlockUntilReady) =>
        Sign(
            new SeekInfo { Start = At(start), Stop = At(ulong.MaxValue), Behavior = atTheEnd },
            channel, signer, tlsCertificateHash, now);

    /// <summary>Asks for headers and metadata from <paramref name="start"/> on, and waits for further ones.</summary>
    /// <remarks>Blocks with a configuration come whole.</remarks>
    public static byte[] ForHeadersFrom(
        ulong start,
        ChannelId channel,
        SigningIdentity signer,
        ReadOnlyMemory<byte> tlsCertificateHash,
        DateTimeOffset now) =>
        Sign(
            new SeekInfo
            {
                Start = At(start),
                Stop = At(ulong.MaxValue),
                ContentType = SeekInfo.Types.SeekContentType.HeaderWithSig,
            },
            channel, signer, tlsCertificateHash, now);

    /// <summary>Asks for one block, and ends with NOT_FOUND when it does not exist.</summary>
    /// <param name="number">Null asks for the newest one.</param>
    public static byte[] One(
        ulong? number, ChannelId channel, SigningIdentity signer, ReadOnlyMemory<byte> tlsCertificateHash,
        DateTimeOffset now)
    {
        SeekPosition position = number is { } at ? At(at) : new SeekPosition { Newest = new SeekNewest() };
        var seek = new SeekInfo
        {
            Start = position, Stop = position, Behavior = SeekInfo.Types.SeekBehavior.FailIfNotReady,
        };
        return Sign(seek, channel, signer, tlsCertificateHash, now);
    }

    private static SeekPosition At(ulong number) => new() { Specified = new SeekSpecified { Number = number } };

    private static byte[] Sign(
        SeekInfo seek,
        ChannelId channel,
        SigningIdentity signer,
        ReadOnlyMemory<byte> tlsCertificateHash,
        DateTimeOffset now)
    {
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.DeliverSeekInfo,
            ChannelId = channel.Value,
            Timestamp = Timestamp.FromDateTimeOffset(now),
            TlsCertHash = ByteString.CopyFrom(tlsCertificateHash.Span),
        };
        var signatureHeader = new SignatureHeader
        {
            Creator = ByteString.CopyFrom(signer.Serialized.Span),
            Nonce = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(NonceBytes)),
        };
        var payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(),
                SignatureHeader = signatureHeader.ToByteString(),
            },
            Data = seek.ToByteString(),
        };
        ByteString payloadBytes = payload.ToByteString();
        return new Envelope
        {
            Payload = payloadBytes,
            Signature = ByteString.CopyFrom(signer.Sign(payloadBytes.Span)),
        }.ToByteArray();
    }
}

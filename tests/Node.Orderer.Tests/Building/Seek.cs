using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Channels;

namespace Node.Orderer.Tests.Building;

/// <summary>A signed seek: from the oldest block to the newest by Org1's client, unless something is changed.</summary>
internal sealed class Seek
{
    private readonly SeekInfo _info = new()
    {
        Start = new SeekPosition { Oldest = new SeekOldest() },
        Stop = new SeekPosition { Newest = new SeekNewest() },
    };

    private readonly ChannelHeader _header;
    private SigningIdentity _signer;
    private ByteString? _data;

    private Seek(TestChannel channel)
    {
        _signer = channel.Client1;
        _header = new ChannelHeader
        {
            Type = (int)HeaderType.DeliverSeekInfo,
            ChannelId = channel.Id.Value,
            Timestamp = Timestamp.FromDateTimeOffset(FixedClock.Start),
        };
    }

    public static Seek In(TestChannel channel) => new(channel);

    public Seek From(SeekPosition? start) => Changing(info => info.Start = start);

    public Seek From(ulong number) => From(At(number));

    public Seek To(SeekPosition? stop) => Changing(info => info.Stop = stop);

    public Seek To(ulong number) => To(At(number));

    public Seek SignedBy(SigningIdentity signer)
    {
        _signer = signer;
        return this;
    }

    public Seek Changing(Action<SeekInfo> change)
    {
        change(_info);
        return this;
    }

    public Seek ChangingHeader(Action<ChannelHeader> change)
    {
        change(_header);
        return this;
    }

    public Seek Carrying(byte[] data)
    {
        _data = ByteString.CopyFrom(data);
        return this;
    }

    public byte[] ToEnvelope()
    {
        // As the gateway SDK sends it: without a nonce.
        var signatureHeader = new SignatureHeader { Creator = ByteString.CopyFrom(_signer.Serialized.Span) };
        ByteString payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = _header.ToByteString(),
                SignatureHeader = signatureHeader.ToByteString(),
            },
            Data = _data ?? _info.ToByteString(),
        }.ToByteString();
        ByteString signature = ByteString.CopyFrom(_signer.Sign(payload.Span));
        return new Envelope { Payload = payload, Signature = signature }.ToByteArray();
    }

    private static SeekPosition At(ulong number) => new() { Specified = new SeekSpecified { Number = number } };
}

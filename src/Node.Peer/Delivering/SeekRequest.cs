using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;

namespace Node.Peer.Delivering;

/// <summary>
/// One decoded request for blocks: who asks, for which channel, from where to where (fabric-wire B13).
/// </summary>
/// <remarks>Decoded and checked in form only; signature, membership and range are judged by the session.</remarks>
internal sealed record SeekRequest(
    ChannelId Channel, ByteString Payload, ByteString Signature, ByteString Creator, ByteString TlsCertificateHash,
    SeekInfo Seek)
{
    public static bool TryRead(
        Envelope envelope, DateTimeOffset now, [NotNullWhen(true)] out SeekRequest? request,
        [NotNullWhen(false)] out string? fault)
    {
        request = null;
        try
        {
            var payload = Node.Protocol.Wire.Common.Payload.Parser.ParseFrom(envelope.Payload);
            if (payload.Header is not { } header)
            {
                fault = "the request has no header";
                return false;
            }

            var channelHeader = ChannelHeader.Parser.ParseFrom(header.ChannelHeader);
            var signatureHeader = SignatureHeader.Parser.ParseFrom(header.SignatureHeader);
            fault = FaultOf(channelHeader, now);
            if (fault is not null || !ChannelId.TryParse(channelHeader.ChannelId, out ChannelId channel, out fault))
                return false;

            request = new SeekRequest(
                channel, envelope.Payload, envelope.Signature, signatureHeader.Creator, channelHeader.TlsCertHash,
                SeekInfo.Parser.ParseFrom(payload.Data));
            return true;
        }
        catch (InvalidProtocolBufferException e)
        {
            fault = "the request cannot be decoded: " + e.Message;
            return false;
        }
    }

    private static string? FaultOf(ChannelHeader header, DateTimeOffset now)
    {
        if (header.Timestamp is null)
            return "the channel header has no timestamp";

        DateTimeOffset sent;
        try
        {
            sent = header.Timestamp.ToDateTimeOffset();
        }
        catch (InvalidOperationException)
        {
            return "the channel header's timestamp is out of range";
        }

        return (sent - now).Duration() <= Limits.ProposalSkewMax
            ? null
            : $"the channel header's timestamp {sent:O} is more than {Limits.ProposalSkewMax} away from {now:O} here";
    }
}

using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Membership.Channels;

/// <summary>Takes configuration out of the envelopes and blocks around it.</summary>
internal static class ConfigBlocks
{
    public static bool TryRead(
        Block block,
        out ChannelId id,
        [NotNullWhen(true)] out ConfigEnvelope? envelope,
        [NotNullWhen(false)] out string? fault)
    {
        id = default;
        envelope = null;
        if (block.Data is not { Data.Count: 1 } data)
        {
            fault = "The block is no configuration block: such a block holds exactly one envelope.";
            return false;
        }

        if (!TryOpen(data.Data[0], HeaderType.Config, out id, out ByteString? content, out fault))
            return false;

        try
        {
            envelope = ConfigEnvelope.Parser.ParseFrom(content);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            fault = "The block's configuration is malformed.";
            return false;
        }
    }

    /// <summary>Opens an envelope of one type, down to the bytes of its content.</summary>
    public static bool TryOpen(
        ByteString envelopeBytes,
        HeaderType expected,
        out ChannelId id,
        [NotNullWhen(true)] out ByteString? content,
        [NotNullWhen(false)] out string? fault)
    {
        id = default;
        content = null;
        try
        {
            Envelope envelope = Envelope.Parser.ParseFrom(envelopeBytes);
            Payload payload = Payload.Parser.ParseFrom(envelope.Payload);
            ChannelHeader header = ChannelHeader.Parser.ParseFrom(payload.Header?.ChannelHeader ?? ByteString.Empty);
            if ((HeaderType)header.Type != expected)
            {
                fault = $"The envelope is of type {(HeaderType)header.Type}, expected {expected}.";
                return false;
            }

            if (!ChannelId.TryParse(header.ChannelId, out id, out fault))
                return false;

            content = payload.Data;
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            fault = "The envelope is malformed.";
            return false;
        }
    }
}

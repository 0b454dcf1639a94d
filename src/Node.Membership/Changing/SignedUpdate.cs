using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership.Channels;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Membership.Changing;

/// <summary>A configuration update on its way from administrator to administrator, until enough have signed.</summary>
/// <remarks>
/// As a file it is what Fabric's tools exchange (peer channel signconfigtx): an Envelope of type CONFIG_UPDATE around a
/// ConfigUpdateEnvelope. Immutable.
/// </remarks>
public sealed class SignedUpdate
{
    private const int NonceBytes = 24;
    private readonly ConfigUpdateEnvelope _content;

    private SignedUpdate(ChannelId channel, ConfigUpdateEnvelope content)
    {
        Channel = channel;
        _content = content;
    }

    public ChannelId Channel { get; }

    public int Signatures => _content.Signatures.Count;

    /// <summary>What is written and what it was read from.</summary>
    public ConfigUpdate Update => ConfigUpdate.Parser.ParseFrom(_content.ConfigUpdate);

    public static SignedUpdate Of(ConfigUpdate update) => new(
        ChannelId.Of(update.ChannelId), new ConfigUpdateEnvelope { ConfigUpdate = update.ToByteString() });

    public static bool TryRead(
        byte[] file, [NotNullWhen(true)] out SignedUpdate? update, [NotNullWhen(false)] out string? fault)
    {
        update = null;
        if (!ConfigBlocks.TryOpen(
            ByteString.CopyFrom(file), HeaderType.ConfigUpdate, out ChannelId channel, out ByteString? content,
            out fault))
            return false;

        try
        {
            ConfigUpdateEnvelope envelope = ConfigUpdateEnvelope.Parser.ParseFrom(content);
            if (ConfigUpdate.Parser.ParseFrom(envelope.ConfigUpdate).ChannelId != channel.Value)
                fault = "The envelope and the update in it name different channels.";
            else
                update = new SignedUpdate(channel, envelope);
        }
        catch (InvalidProtocolBufferException)
        {
            fault = "The configuration update is malformed.";
        }

        return update is not null;
    }

    /// <summary>With one more signature.</summary>
    public SignedUpdate SignedBy(SigningIdentity signer)
    {
        ByteString header = HeaderOf(signer.Serialized);
        ConfigUpdateEnvelope content = _content.Clone();
        content.Signatures.Add(new ConfigSignature
        {
            SignatureHeader = header,
            Signature = ByteString.CopyFrom(signer.Sign([.. header.Span, .. _content.ConfigUpdate.Span])),
        });
        return new SignedUpdate(Channel, content);
    }

    /// <summary>What it makes of a configuration; refused with the policy and who is missing when signatures
    /// lack.</summary>
    public bool TryApply(
        ChannelConfig current, [NotNullWhen(true)] out ChannelConfig? next, [NotNullWhen(false)] out string? fault) =>
        ConfigUpdates.TryApply(current, _content, out next, out fault);

    /// <summary>The envelope to send to an orderer, or to write as a file.</summary>
    /// <param name="sender">Must satisfy the channel's Writers policy.</param>
    /// <param name="sign">With the sender's key.</param>
    public Envelope ToEnvelope(ReadOnlyMemory<byte> sender, Func<byte[], byte[]> sign, DateTimeOffset now)
    {
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.ConfigUpdate,
            ChannelId = Channel.Value,
            Timestamp = Timestamp.FromDateTimeOffset(now),
        };
        ByteString payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(),
                SignatureHeader = HeaderOf(sender),
            },
            Data = _content.ToByteString(),
        }.ToByteString();
        return new Envelope { Payload = payload, Signature = ByteString.CopyFrom(sign(payload.ToByteArray())) };
    }

    private static ByteString HeaderOf(ReadOnlyMemory<byte> creator) => new SignatureHeader
    {
        Creator = ByteString.CopyFrom(creator.Span),
        Nonce = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(NonceBytes)),
    }.ToByteString();
}

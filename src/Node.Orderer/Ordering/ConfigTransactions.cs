using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Hosting.Renewing;
using Node.Membership;
using Node.Orderer.Broadcasting;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.Ordering;

/// <summary>Makes config transactions of config updates, and checks them again where the log has put them.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class ConfigTransactions(NodeIdentity identity, TimeProvider clock)
{
    /// <summary>Applies an update to the current configuration and signs the transaction that carries the
    /// result.</summary>
    /// <param name="envelope">Of type CONFIG_UPDATE; the transaction names it whole as its cause.</param>
    public EnvelopeVerdict Propose(DecodedEnvelope envelope, ChannelRules rules)
    {
        if (!TryParse(ConfigUpdateEnvelope.Parser, envelope.Data, out ConfigUpdateEnvelope? update))
            return EnvelopeChecks.Refuse(BroadcastAnswer.BadRequest("the payload carries no config update envelope"));
        if (!ConfigUpdates.TryApply(rules.Config, update, out ChannelConfig? next, out string? fault))
            return EnvelopeChecks.Refuse(BroadcastAnswer.BadRequest($"the config update is refused: {fault}"));
        if (!TryParse(Envelope.Parser, envelope.Bytes, out Envelope? cause))
            return EnvelopeChecks.Refuse(BroadcastAnswer.BadRequest("the config update is no envelope"));

        SigningIdentity signer = identity.Current;
        byte[] payload = BuildPayload(signer, rules, new ConfigEnvelope { Config = next.Config, LastUpdate = cause });
        byte[] signature = signer.Sign(payload);
        int sizeBytes = payload.Length + signature.Length;
        if (sizeBytes > rules.EnvelopeBytesMax)
        {
            return EnvelopeChecks.Refuse(BroadcastAnswer.BadRequest(
                $"the new configuration has {sizeBytes} bytes, the channel takes {rules.EnvelopeBytesMax}"));
        }

        return EnvelopeChecks.Accept(CanonicalEnvelope.Encode(payload, signature), sizeBytes, rules, isConfig: true);
    }

    /// <summary>Whether a config transaction fits the configuration it meets, and what holds after it.</summary>
    /// <remarks>Depends on nothing but its arguments, so every orderer passes over the same entries.</remarks>
    public static bool TryCheck(
        ChannelConfig current,
        ReadOnlyMemory<byte> envelope,
        [NotNullWhen(true)] out ChannelConfig? next,
        [NotNullWhen(false)] out string? fault)
    {
        next = null;
        if (!DecodedEnvelope.TryDecode(envelope, out DecodedEnvelope? decoded, out DecodeFault decodeFault))
        {
            fault = decodeFault.Text;
            return false;
        }

        if (decoded.Type != HeaderType.Config || !decoded.TryGetChannelId(out ChannelId id, out _) || id != current.Id)
        {
            fault = $"it is no config transaction of channel {current.Id}";
            return false;
        }

        if (!TryParse(ConfigEnvelope.Parser, decoded.Data, out ConfigEnvelope? config))
        {
            fault = "it carries no config envelope";
            return false;
        }

        return ConfigUpdates.TryCheckConfigTransaction(current, config, out next, out fault);
    }

    private byte[] BuildPayload(SigningIdentity signer, ChannelRules rules, ConfigEnvelope config)
    {
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.Config,
            ChannelId = rules.Config.Id.Value,
            Timestamp = Timestamp.FromDateTimeOffset(clock.GetUtcNow()),
        };
        var signatureHeader = new SignatureHeader
        {
            Creator = ByteString.CopyFrom(signer.Serialized.Span),
            Nonce = ByteString.CopyFrom(signer.NewNonce()),
        };
        return new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(),
                SignatureHeader = signatureHeader.ToByteString(),
            },
            Data = config.ToByteString(),
        }.ToByteArray();
    }

    private static bool TryParse<T>(
        MessageParser<T> parser, ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out T? message)
        where T : class, IMessage<T>
    {
        try
        {
            message = parser.ParseFrom(bytes.Span);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            message = null;
            return false;
        }
    }
}

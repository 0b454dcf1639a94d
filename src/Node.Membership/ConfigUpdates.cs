using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Membership.Channels;
using Node.Protocol.Wire.Common;

namespace Node.Membership;

/// <summary>
/// Decides what a configuration update makes of a channel's configuration, and whether its signers may.
/// </summary>
/// <remarks>Pure: the same configuration and update give the same result on every node.</remarks>
public static class ConfigUpdates
{
    /// <summary>
    /// Applies an update: versions fit, everything changed is signed for, and the result is a valid configuration.
    /// </summary>
    /// <param name="next">Its sequence is one higher.</param>
    public static bool TryApply(
        ChannelConfig current,
        ConfigUpdateEnvelope update,
        [NotNullWhen(true)] out ChannelConfig? next,
        [NotNullWhen(false)] out string? fault)
    {
        next = null;
        ConfigUpdate message;
        try
        {
            message = ConfigUpdate.Parser.ParseFrom(update.ConfigUpdate);
        }
        catch (InvalidProtocolBufferException)
        {
            fault = "The configuration update is malformed.";
            return false;
        }

        fault = message.ChannelId == current.Id.Value
            ? ConfigDelta.Compute(current, message, Signers(current, update), out ConfigGroup? group)
            : FaultOfChannel(current, message, out group);
        if (fault is not null || group is null)
        {
            fault = $"The configuration update is refused: {fault}.";
            return false;
        }

        var config = new Config { Sequence = current.Sequence + 1, ChannelGroup = group };
        if (!ChannelConfig.TryCreate(current.Id, config, current, out ChannelConfig? created, out fault))
            return false;

        fault = ConfigTransition.FaultOf(current, created);
        if (fault is not null)
        {
            fault = $"The configuration update is refused: {fault}.";
            return false;
        }

        next = created;
        return true;
    }

    /// <summary>Recomputes a configuration transaction from the update in it, and demands the same result.</summary>
    /// <param name="envelope">The content of a CONFIG envelope, as an orderer put it into a block.</param>
    public static bool TryCheckConfigTransaction(
        ChannelConfig current,
        ConfigEnvelope envelope,
        [NotNullWhen(true)] out ChannelConfig? next,
        [NotNullWhen(false)] out string? fault)
    {
        next = null;
        if (envelope.Config is not { } config || envelope.LastUpdate is not { } lastUpdate)
        {
            fault = "The configuration transaction lacks the configuration or the update that led to it.";
            return false;
        }

        if (!ConfigBlocks.TryOpen(
            lastUpdate.ToByteString(), HeaderType.ConfigUpdate, out _, out ByteString? content, out fault))
            return false;

        ConfigUpdateEnvelope update;
        try
        {
            update = ConfigUpdateEnvelope.Parser.ParseFrom(content);
        }
        catch (InvalidProtocolBufferException)
        {
            fault = "The configuration update is malformed.";
            return false;
        }

        if (!TryApply(current, update, out ChannelConfig? computed, out fault))
            return false;
        if (!computed.Config.Equals(config))
        {
            fault = "The configuration transaction is not what its update makes of the current configuration.";
            return false;
        }

        next = computed;
        return true;
    }

    private static Identity[] Signers(ChannelConfig current, ConfigUpdateEnvelope update)
    {
        int count = Math.Min(update.Signatures.Count, MembershipLimits.SignaturesMax);
        var set = new SignedBytes[count];
        for (int i = 0; i < count; i++)
        {
            ConfigSignature signature = update.Signatures[i];
            set[i] = new SignedBytes(
                ByteString.CopyFrom([.. signature.SignatureHeader.Span, .. update.ConfigUpdate.Span]).Memory,
                CreatorOf(signature),
                signature.Signature.Memory);
        }

        var signers = new Identity?[count];
        int verified = SignatureSets.Verify(current, set, signers);
        return [.. signers.Take(verified).OfType<Identity>()];
    }

    private static ReadOnlyMemory<byte> CreatorOf(ConfigSignature signature)
    {
        try
        {
            return SignatureHeader.Parser.ParseFrom(signature.SignatureHeader).Creator.Memory;
        }
        catch (InvalidProtocolBufferException)
        {
            return default;   // Nobody's identity, so the signature is passed over like any other bad one.
        }
    }

    private static string FaultOfChannel(ChannelConfig current, ConfigUpdate message, out ConfigGroup? group)
    {
        group = null;
        return $"it is for the channel '{message.ChannelId}', this is {current.Id}";
    }
}

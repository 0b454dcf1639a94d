using Node.Membership;
using Node.Orderer.Cutting;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.Broadcasting;

/// <summary>Decides whether an envelope may be ordered: everything Broadcast checks on one channel.</summary>
/// <remarks>
/// Any thread, many at once: signature checks are what Broadcast costs. The order of the checks is that of Fabric's
/// Broadcast; cheap ones come first. Beyond Fabric, the channel header's timestamp must lie within
/// <see cref="Limits.ProposalSkewMax"/> of this node's clock, so that old envelopes cannot be replayed into a channel
/// whose peers would have to look each of them up.
/// </remarks>
internal sealed class EnvelopeChecks(ConfigTransactions configTransactions, TimeProvider clock)
{
    /// <summary>Checks one envelope under the rules given.</summary>
    public EnvelopeVerdict Check(DecodedEnvelope envelope, ChannelRules rules)
    {
        bool isUpdate = false;
        switch (envelope.Type)
        {
            case HeaderType.ConfigUpdate:
                isUpdate = true;
                break;
            case HeaderType.Config or HeaderType.OrdererTransaction:
                return Refuse(BroadcastAnswer.BadRequest(
                    $"an envelope of type {envelope.Type} is made by the orderer: send a config update"));
        }

        BroadcastAnswer? refusal = CheckForm(envelope, rules, isUpdate) ?? CheckSigner(envelope, rules);
        if (refusal is not null)
            return Refuse(refusal);

        return isUpdate
            ? configTransactions.Propose(envelope, rules)
            : Accept(CanonicalBytes(envelope), SizeBytes(envelope), rules, isConfig: false);
    }

    internal static EnvelopeVerdict Accept(
        ReadOnlyMemory<byte> canonical, int sizeBytes, ChannelRules rules, bool isConfig) =>
        new(new WaitingEnvelope(canonical, sizeBytes, rules.Sequence, isConfig), Refusal: null);

    internal static EnvelopeVerdict Refuse(BroadcastAnswer refusal) => new(Envelope: null, refusal);

    /// <summary>What the channel's limits count.</summary>
    private static int SizeBytes(DecodedEnvelope envelope) => envelope.Payload.Length + envelope.Signature.Length;

    // The only encoding that may lie in a block; the bytes that came where they already have it.
    private static ReadOnlyMemory<byte> CanonicalBytes(DecodedEnvelope envelope) =>
        CanonicalEnvelope.IsCanonical(envelope.Bytes.Span, out _)
            ? envelope.Bytes
            : CanonicalEnvelope.Encode(envelope.Payload.Span, envelope.Signature.Span);

    private BroadcastAnswer? CheckForm(DecodedEnvelope envelope, ChannelRules rules, bool isUpdate)
    {
        if (rules.IsInMaintenance && !isUpdate)
            return BroadcastAnswer.Unavailable("the channel is in maintenance mode: only config updates are taken");
        if (envelope.Data.IsEmpty)
            return BroadcastAnswer.BadRequest("the envelope's payload carries nothing");
        if (SizeBytes(envelope) > rules.EnvelopeBytesMax)
        {
            return BroadcastAnswer.BadRequest(
                $"the envelope has {SizeBytes(envelope)} bytes, the channel takes {rules.EnvelopeBytesMax}: split the "
                + "transaction");
        }

        return CheckTime(envelope);
    }

    private BroadcastAnswer? CheckTime(DecodedEnvelope envelope)
    {
        if (envelope.Timestamp is not { } stamp || !stamp.TryToDateTimeOffset(out DateTimeOffset timestamp))
            return BroadcastAnswer.BadRequest("the channel header has no timestamp, or none that can be read");

        DateTimeOffset now = clock.GetUtcNow();
        if ((timestamp - now).Duration() <= Limits.ProposalSkewMax)
            return null;

        return BroadcastAnswer.BadRequest(
            $"the timestamp {timestamp:u} is more than {Limits.ProposalSkewMax.TotalMinutes:0} minutes from this "
            + $"orderer's clock, {now:u}: correct the clock, or make a new transaction");
    }

    private BroadcastAnswer? CheckSigner(DecodedEnvelope envelope, ChannelRules rules)
    {
        SignerVerdict verdict =
            Signers.Check(envelope, rules.Config, rules.Writers, clock.GetUtcNow(), out _, out string why);
        return verdict switch
        {
            SignerVerdict.Allowed => null,
            SignerVerdict.Expired => BroadcastAnswer.BadRequest(why),
            _ => BroadcastAnswer.Forbidden($"{rules.WritersPath}: {why}"),
        };
    }
}

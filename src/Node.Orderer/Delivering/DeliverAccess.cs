using Node.Membership;
using Node.Orderer.Broadcasting;
using Node.Orderer.Ordering;
using Node.Protocol.Decoding;

namespace Node.Orderer.Delivering;

/// <summary>Whether the signer of one seek may read the channel: at first, and before each block.</summary>
internal sealed class DeliverAccess(DecodedEnvelope request, OrderingContext context, TimeProvider clock)
{
    private Identity? _signer;
    private ulong _sequence;

    public bool IsAllowed(out string why)
    {
        ChannelRules rules = context.Rules;
        _sequence = rules.Sequence;
        SignerVerdict verdict =
            Signers.Check(request, rules.Config, rules.Readers, clock.GetUtcNow(), out _signer, out why);
        why = $"{rules.ReadersPath}: {why}";
        return verdict == SignerVerdict.Allowed;
    }

    /// <summary>Time and configuration may have moved since the last block.</summary>
    public bool IsStillAllowed(out string why)
    {
        if (_sequence != context.Rules.Sequence)
            return IsAllowed(out why);

        why = "";
        if (_signer is null || !_signer.IsExpiredAt(clock.GetUtcNow()))
            return true;

        why = Signers.ExpiryText(_signer);
        return false;
    }
}

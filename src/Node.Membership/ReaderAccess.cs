using Node.Protocol.Decoding;

namespace Node.Membership;

/// <summary>Who may read a channel's blocks under one of its configurations.</summary>
/// <param name="ReadersPath">Of the policy, for refusals.</param>
/// <param name="Readers">Null refuses everybody.</param>
public readonly record struct ReaderRules(ChannelConfig Config, string ReadersPath, Policy? Readers);

/// <summary>Whether the signer of one seek may read the channel: at first, and before each block.</summary>
/// <remarks>Owned by the call that serves the seek. Expiry is checked each time, the policy when it may have
/// changed.</remarks>
/// <param name="rules">Those in force now; asked before each block.</param>
public sealed class ReaderAccess(DecodedEnvelope request, Func<ReaderRules> rules, TimeProvider clock)
{
    private Identity? _signer;
    private ulong _sequence;

    public bool IsAllowed(out string why) => IsAllowed(rules(), out why);

    /// <summary>Time and configuration may have moved since the last block.</summary>
    public bool IsStillAllowed(out string why)
    {
        ReaderRules now = rules();
        if (_sequence != now.Config.Sequence)
            return IsAllowed(now, out why);

        why = "";
        if (_signer is null || !_signer.IsExpiredAt(clock.GetUtcNow()))
            return true;

        why = Signers.ExpiryText(_signer);
        return false;
    }

    private bool IsAllowed(in ReaderRules now, out string why)
    {
        _sequence = now.Config.Sequence;
        SignerVerdict verdict =
            Signers.Check(request, now.Config, now.Readers, clock.GetUtcNow(), out _signer, out why);
        why = $"{now.ReadersPath}: {why}";
        return verdict == SignerVerdict.Allowed;
    }
}

using Node.Protocol.Decoding;

namespace Node.Membership;

/// <summary>Decides whether the one identity that signed an envelope may do what it asks for.</summary>
public static class Signers
{
    /// <summary>Resolves the creator, checks expiry, signature and policy, in this order.</summary>
    /// <param name="policy">Null refuses everybody.</param>
    /// <param name="why">Says which check failed and for whom; never what a valid signature would have been.</param>
    public static SignerVerdict Check(
        DecodedEnvelope envelope,
        ChannelConfig config,
        Policy? policy,
        DateTimeOffset now,
        out Identity? signer,
        out string why)
    {
        if (!config.TryResolve(envelope.Creator.Span, out signer, out string? fault))
        {
            why = $"the creator is no member of channel {config.Id}: {fault}";
            return SignerVerdict.NotAllowed;
        }

        if (signer.IsExpiredAt(now))
        {
            why = ExpiryText(signer);
            return SignerVerdict.Expired;
        }

        if (!signer.Verify(envelope.Payload.Span, envelope.Signature.Span))
        {
            why = $"the signature does not verify with the certificate of {signer.CommonName} of {signer.MspId}";
            return SignerVerdict.NotAllowed;
        }

        bool allowed = policy is not null && policy.IsSatisfiedBy([signer]);
        why = allowed ? "" : policy?.Explain([signer]) ?? "the channel has no such policy, so nobody is allowed";
        return allowed ? SignerVerdict.Allowed : SignerVerdict.NotAllowed;
    }

    public static string ExpiryText(Identity signer) =>
        $"the certificate of {signer.CommonName} of {signer.MspId} expired at {signer.NotAfter:u}: renew it";
}

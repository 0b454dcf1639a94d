namespace Node.Membership;

/// <summary>One signature as it travelled: what was signed, by whom it claims to be, and the signature.</summary>
public readonly record struct SignedBytes(
    ReadOnlyMemory<byte> Message, ReadOnlyMemory<byte> Creator, ReadOnlyMemory<byte> Signature);

/// <summary>Turns signatures into signers that policies can count.</summary>
public static class SignatureSets
{
    /// <summary>
    /// Resolves and verifies. Unknown creators and bad signatures are passed over; an identity that has signed
    /// already is
    /// not verified again and counts once.
    /// </summary>
    /// <remarks>
    /// At most <see cref="MembershipLimits.SignaturesMax"/> are looked at; what stands behind is passed over.
    /// </remarks>
    /// <param name="signers">
    /// At least as long as <paramref name="set"/>. Receives the signers, in the order of the set.
    /// </param>
    /// <returns>How many signers there are.</returns>
    public static int Verify(ChannelConfig config, ReadOnlySpan<SignedBytes> set, Span<Identity?> signers)
    {
        int count = 0;
        int looked = Math.Min(set.Length, MembershipLimits.SignaturesMax);
        for (int i = 0; i < looked; i++)
        {
            ref readonly SignedBytes signed = ref set[i];
            if (config.TryResolve(signed.Creator.Span, out Identity? identity, out _)
                && !Contains(signers[..count], identity)
                && identity.Verify(signed.Message.Span, signed.Signature.Span))
                signers[count++] = identity;
        }

        return count;
    }

    /// <summary>Verifies one signature and asks a policy about it.</summary>
    /// <returns>The signer when it is known, its signature is right and it satisfies the policy alone.</returns>
    public static bool TrySatisfy(
        ChannelConfig config,
        string policyPath,
        SignedBytes signed,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Identity? signer,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? fault)
    {
        if (!config.TryResolve(signed.Creator.Span, out signer, out fault))
            return false;

        if (!signer.Verify(signed.Message.Span, signed.Signature.Span))
            fault = $"The signature of {signer} is wrong.";
        else if (config.FindPolicy(policyPath) is not { } policy)
            fault = $"The channel {config.Id} has no policy {policyPath}, so nobody is allowed.";
        else if (!policy.IsSatisfiedBy([signer]))
            fault = $"{policyPath} {policy.Explain([signer])}.";

        if (fault is not null)
            signer = null;

        return signer is not null;
    }

    private static bool Contains(ReadOnlySpan<Identity?> signers, Identity identity)
    {
        foreach (Identity? signer in signers)
        {
            if (signer is not null && signer.IsSameAs(identity))
                return true;
        }

        return false;
    }
}

namespace Node.Membership;

/// <summary>What the check of a signer came to.</summary>
public enum SignerVerdict
{
    Allowed,

    /// <summary>The certificate is not valid any more.</summary>
    Expired,

    /// <summary>Unknown, wrongly signed, or not satisfying the policy.</summary>
    NotAllowed,
}

namespace Node.Protocol;

/// <summary>
/// Metadata of ProcessProposal calls beyond what Fabric defines, by which peers endorse on the same state. Absent
/// means Fabric's behaviour.
/// </summary>
public static class EndorseHeaders
{
    /// <summary>
    /// In a request, a decimal height: the endorser first waits until it has committed that many blocks, at most
    /// <see cref="Limits.EndorseCatchUpMax"/>.
    /// </summary>
    public const string AtHeight = "hyperprov-at-height";

    /// <summary>
    /// In the trailers of the answer to a request with <see cref="AtHeight"/>: the decimal height of the state that it
    /// was simulated on.
    /// </summary>
    public const string Height = "hyperprov-height";
}

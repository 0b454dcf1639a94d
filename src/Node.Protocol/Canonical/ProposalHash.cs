namespace Node.Protocol.Canonical;

/// <summary>What an endorser signs as proof of which proposal it answered. The validator computes it again.</summary>
public static class ProposalHash
{
    /// <param name="channelHeader">As it travelled in the proposal.</param>
    /// <param name="signatureHeader">As it travelled; in a transaction, the header of its action.</param>
    /// <param name="strippedPayload">
    /// Of <see cref="ProposalPayloadBytes.TryStrip"/>; a transaction carries this form.
    /// </param>
    public static Hash32 Of(
        ReadOnlySpan<byte> channelHeader, ReadOnlySpan<byte> signatureHeader, ReadOnlySpan<byte> strippedPayload) =>
        Hash32.Of(channelHeader, signatureHeader, strippedPayload);
}

using Node.Protocol;

namespace Node.Client.Receipts;

/// <summary>
/// Checks receipts without a network, a clock or any state: the same receipt and hash give the same report.
/// </summary>
public static class ReceiptVerification
{
    /// <summary>The steps, in order. Each fails for reasons of its own; the first failure names the culprit.</summary>
    public static IReadOnlyList<string> StepNames => ReceiptSteps.Names;

    /// <summary>Demands attestations of peers of a majority of the channel's organisations.</summary>
    /// <param name="genesisHash">
    /// Of the channel, known from elsewhere: a receipt is never trusted on its own word for it.
    /// </param>
    public static ReceiptReport Verify(Receipt receipt, Hash32 genesisHash) =>
        Verify(receipt, genesisHash, new ReceiptDemands());

    public static ReceiptReport Verify(Receipt receipt, Hash32 genesisHash, ReceiptDemands demands) =>
        new ReceiptSteps(receipt.Message, genesisHash, demands).Run();

    /// <summary>
    /// The genesis hash that a receipt claims: to look up whose it is, never to verify that same receipt by.
    /// </summary>
    public static Hash32 ClaimedGenesisHash(Receipt receipt)
    {
        Google.Protobuf.ByteString envelope =
            receipt.Message.Configurations.FirstOrDefault()?.Envelope ?? Google.Protobuf.ByteString.Empty;
        return Protocol.Canonical.BlockHash.Of(number: 0, previousHash: [], Hash32.Of(envelope.Span).AsSpan());
    }
}

/// <summary>What a verifier asks for beyond what every receipt must have.</summary>
public sealed record ReceiptDemands
{
    /// <summary>
    /// Peers of how many organisations must attest; null for a majority. More than the channel has is never met.
    /// </summary>
    public int? AttestingOrganizations { get; init; }
}

using Node.Protocol;

namespace Node.Client.Receipts;

/// <summary>
/// A peer gave a receipt that does not verify: do not pass it on, and ask a peer of another organisation.
/// </summary>
public sealed class ReceiptRefusedException : Exception
{
    internal ReceiptRefusedException(TxId id, string endpoint, VerificationStep culprit, ReceiptReport report)
        : base($"The receipt of transaction {id} that {endpoint} gave does not verify. {culprit.Name}: {culprit.Why}.")
    {
        TransactionId = id;
        Report = report;
    }

    public TxId TransactionId { get; }

    public ReceiptReport Report { get; }
}

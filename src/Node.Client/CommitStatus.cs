using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Client;

/// <summary>What became of a transaction: its block, and whether its writes took effect.</summary>
public sealed record CommitStatus(TxId TransactionId, TxValidationCode Code, ulong BlockNumber)
{
    public bool IsValid => Code == TxValidationCode.Valid;

    /// <exception cref="CommitException">The transaction is invalid.</exception>
    public void RequireValid()
    {
        if (!IsValid)
            throw new CommitException(this);
    }
}

using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Committing;

/// <summary>
/// A block as it was made durable, with what followers ask of it, so that none of them decodes it again.
/// </summary>
/// <remarks>Immutable; any thread.</remarks>
/// <param name="Bytes">The encoded block with its validation codes and commit hash, as the ledger stores it.</param>
/// <param name="Transactions">In block order.</param>
internal sealed record CommittedBlock(ulong Number, ReadOnlyMemory<byte> Bytes, CommittedTransaction[] Transactions);

/// <summary>One transaction of a committed block.</summary>
/// <param name="Id">None for configuration transactions, and where nobody proved to own the id.</param>
/// <param name="Event">
/// The encoded ChaincodeEvent; empty when the contract set none.
/// </param>
/// <param name="EventContract">The UTF-8 name of the contract that set the event; empty when there is none.</param>
internal readonly record struct CommittedTransaction(
    TxId Id, HeaderType Type, TxValidationCode Code, ReadOnlyMemory<byte> Event, ReadOnlyMemory<byte> EventContract)
{
    /// <param name="envelope">Null when it cannot be read.</param>
    /// <param name="transaction">Null when there is none in it, or it cannot be read.</param>
    public static CommittedTransaction From(
        DecodedEnvelope? envelope, DecodedTransaction? transaction, TxValidationCode code)
    {
        TxId id = default;
        if (envelope is { Type: HeaderType.EndorserTransaction } && IsProofOfId(code))
            envelope.TryGetTxId(out id, out _);

        HeaderType type = envelope?.Type ?? HeaderType.Message;
        if (transaction is null || transaction.EventBytes.IsEmpty)
            return new CommittedTransaction(id, type, code, Event: default, EventContract: default);

        // Copies: the received block is used for another one while followers still read.
        return new CommittedTransaction(
            id, type, code, transaction.EventBytes.ToArray(), transaction.ContractNameUtf8.ToArray());
    }

    /// <summary>
    /// False for verdicts under which anybody may have put the id there, so that they say nothing about the transaction
    /// that owns it.
    /// </summary>
    public static bool IsProofOfId(TxValidationCode code) =>
        code is not (TxValidationCode.BadCreatorSignature or TxValidationCode.BadProposalTxid);
}

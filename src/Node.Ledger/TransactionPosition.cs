using Node.Protocol.Wire.Peer;

namespace Node.Ledger;

/// <summary>Where a transaction lies on the ledger, and what became of it.</summary>
/// <param name="Index">Its place in the block, from 0.</param>
public readonly record struct TransactionPosition(ulong Block, uint Index, TxValidationCode Code);

using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Ledger;

/// <summary>One committed write of a public key.</summary>
/// <param name="Timestamp">The transaction's own, as its channel header says, in range or not.</param>
/// <param name="Value">Empty when <paramref name="IsDelete"/>.</param>
public readonly record struct HistoryRecord(
    StateVersion Version, TxId TxId, WireTimestamp Timestamp, bool IsDelete, ReadOnlyMemory<byte> Value);

using Node.Protocol;

namespace Node.Client.Events;

/// <summary>What a contract announced in a valid transaction.</summary>
public sealed record ContractEvent(
    ulong BlockNumber, TxId TransactionId, string Contract, string Name, ReadOnlyMemory<byte> Payload);

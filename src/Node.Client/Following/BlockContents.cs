using System.Diagnostics.CodeAnalysis;
using Node.Client.Receipts;
using Node.Client.Recording;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Client.Following;

/// <summary>One transaction of a block that a light client verified.</summary>
/// <param name="Id">None where it cannot be read, and for configurations.</param>
/// <param name="Code">By the word of the peer that delivered the block: orderers do not sign verdicts.</param>
/// <param name="Contract">Empty for configurations.</param>
/// <param name="Records">The provenance records that it writes if it is valid.</param>
public sealed record BlockTransaction(
    TxId Id, TxValidationCode Code, string Contract, IReadOnlyList<ProvenanceRecord> Records);

/// <summary>Holds a whole block from any peer against what a light client knows of it.</summary>
public static class BlockContents
{
    /// <param name="block">From <see cref="Network.BlocksAsync"/>.</param>
    /// <param name="fault">The block is not the one that the orderers signed.</param>
    public static bool TryRead(
        Block block,
        LightBlock verified,
        [NotNullWhen(true)] out IReadOnlyList<BlockTransaction>? transactions,
        [NotNullWhen(false)] out string? fault)
    {
        transactions = null;
        Google.Protobuf.Collections.RepeatedField<Google.Protobuf.ByteString> envelopes =
            block.Data?.Data ?? [];
        fault = MerkleRoot.Of(envelopes) == verified.TransactionsRoot
            ? null
            : $"the content of block {verified.Number} is not what its orderers committed to";
        if (fault is not null)
            return false;

        ReadOnlySpan<byte> codes = block.Metadata?.Metadata.Count > (int)BlockMetadataIndex.TransactionsFilter
            ? block.Metadata.Metadata[(int)BlockMetadataIndex.TransactionsFilter].Span
            : [];
        var read = new BlockTransaction[envelopes.Count];
        for (int index = 0; index < read.Length; index++)
        {
            var code = (TxValidationCode)(index < codes.Length ? codes[index] : (byte)TxValidationCode.NotValidated);
            read[index] = Read(envelopes[index].Memory, code, (verified.Number, (uint)index));
        }

        transactions = read;
        return true;
    }

    private static BlockTransaction Read(
        ReadOnlyMemory<byte> bytes, TxValidationCode code, (ulong Block, uint Index) place) =>
        DecodedEnvelope.TryDecode(bytes, out DecodedEnvelope? envelope, out _)
        && envelope.Type == HeaderType.EndorserTransaction
        && DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out _)
            ? new BlockTransaction(
                transaction.TxId, code, transaction.ContractName, ReceiptContents.Read(transaction, place))
            : new BlockTransaction(default, code, Contract: "", Records: []);
}

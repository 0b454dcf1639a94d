using System.Globalization;
using System.Text;
using Google.Protobuf;
using Node.Contracts;
using Node.Ledger;
using Node.Peer.Delivering;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;

namespace Node.Peer.Endorsing.SystemContracts;

/// <summary>The system contract <c>qscc</c>: blocks and transactions of a channel as this peer keeps them.</summary>
/// <remarks>
/// The first argument names the channel, whatever the proposal's header says, and that channel's policies decide. Any
/// thread.
/// </remarks>
internal sealed class QueryContract(PeerNode node) : ISystemContract
{
    public const string ContractName = "qscc";

    public string Name => ContractName;

    public ContractResponse Invoke(SystemCall call)
    {
        if (call.Arguments.Count == 0)
            return Failure($"{call.Function} takes a channel as its first argument");

        string name = Encoding.UTF8.GetString(call.Arguments[0].Span);
        if (!ChannelId.TryParse(name, out ChannelId id, out _) || !node.TryFindChannel(id, out PeerChannel? channel))
            return Failure($"Invalid chain ID, {name}");
        if (AccessControl.FaultOfStranger(channel.Config, $"{Name}/{call.Function}", call.Creator) is { } fault)
            return Failure($"access denied for [{call.Function}][{id}]: {fault}");
        if (call.Function == "GetChainInfo")
            return ChainState(channel.Ledger);
        if (call.Arguments.Count < 2)
            return Failure($"{call.Function} takes a channel and what to look for");

        ReadOnlyMemory<byte> wanted = call.Arguments[1];
        return call.Function switch
        {
            "GetBlockByNumber" => BlockByNumber(channel.Ledger, Encoding.UTF8.GetString(wanted.Span)),
            "GetBlockByHash" => BlockByHash(channel.Ledger, wanted.Span),
            "GetBlockByTxID" => BlockByTransaction(channel.Ledger, wanted.Span),
            "GetTransactionByID" => Transaction(channel.Ledger, wanted.Span),
            _ => Failure($"Requested function {call.Function} not found."),
        };
    }

    private static ContractResponse ChainState(ChannelLedger ledger)
    {
        LedgerTip tip = ledger.Tip;
        var result = new BlockchainInfo
        {
            Height = tip.Height,
            CurrentBlockHash = ByteString.CopyFrom(tip.LastBlockHash.AsSpan()),
        };

        // A ledger holds at least its genesis block, which has no block before it.
        if (ledger.TryReadBlock(tip.Height - 1, out byte[]? last))
            result.PreviousBlockHash = Block.Parser.ParseFrom(last).Header.PreviousHash;
        return ContractResponse.Success(result.ToByteArray());
    }

    private static ContractResponse BlockByNumber(ChannelLedger ledger, string text)
    {
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            return Failure("Failed to parse block number: it is decimal digits");

        return ledger.TryReadBlock(number, out byte[]? block)
            ? ContractResponse.Success(block)
            : Failure($"Failed to get block number {number}: "
                + (ledger.IsPruned(number)
                    ? PrunedBlocks.Describe(ledger, number)
                    : $"the ledger has height {ledger.Height}"));
    }

    private static ContractResponse BlockByHash(ChannelLedger ledger, ReadOnlySpan<byte> hash) =>
        Hash32.TryRead(hash, out Hash32 wanted)
        && ledger.TryFindBlockByHash(wanted, out ulong number)
            ? Held(ledger, number)
            : Failure("Failed to get block: no block of this peer has that hash");

    private static ContractResponse BlockByTransaction(ChannelLedger ledger, ReadOnlySpan<byte> id) =>
        TxId.TryParse(id, out TxId wanted, out _)
        && ledger.TryFindTransaction(wanted, out TransactionPosition position)
            ? Held(ledger, position.Block)
            : NoSuchTransaction(id);

    // Of a block that is there, by its number or what lies in it.
    private static ContractResponse Held(ChannelLedger ledger, ulong number) =>
        ledger.TryReadBlock(number, out byte[]? block)
            ? ContractResponse.Success(block)
            : Failure($"Failed to get block number {number}: {PrunedBlocks.Describe(ledger, number)}");

    private static ContractResponse Transaction(ChannelLedger ledger, ReadOnlySpan<byte> id)
    {
        if (!TxId.TryParse(id, out TxId wanted, out _) || !ledger.TryFindTransaction(wanted, out _))
            return NoSuchTransaction(id);
        if (!ledger.TryReadTransaction(wanted, out byte[]? envelope, out TransactionPosition position))
            return Failure($"Failed to get transaction with id {wanted}: "
                + PrunedBlocks.Describe(ledger, position.Block));

        // ProcessedTransaction around the envelope as it is stored: decoding and encoding it again could change it.
        int code = (int)position.Code;
        int codeBytes = code == 0 ? 0 : WireSizes.OfNumber(2, (ulong)code);
        byte[] encoded = new byte[WireSizes.OfBytes(1, envelope.Length) + codeBytes];
        var writer = new WireWriter(encoded);
        writer.Bytes(1, envelope);
        if (code != 0)
            writer.Number(2, (ulong)code);
        return ContractResponse.Success(encoded);
    }

    private static ContractResponse NoSuchTransaction(ReadOnlySpan<byte> id) =>
        Failure($"Failed to get transaction with id {Encoding.UTF8.GetString(id[..int.Min(id.Length, TxId.Chars)])}: "
            + "no such transaction ID in index");

    private static ContractResponse Failure(string message) =>
        ContractResponse.Refusal(ContractResponse.Failed, message);
}

using System.Globalization;
using Google.Protobuf;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Client;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Cli.Inspecting;

/// <summary>Asks a peer's system contract for blocks and transactions.</summary>
internal sealed class LedgerQueries(NetworkSession session, string channel)
{
    private readonly Contract _ledger = session.ContractOf(channel, "qscc");

    public async Task<BlockchainInfo> InformationAsync(CancellationToken cancellation) =>
        BlockchainInfo.Parser.ParseFrom(
            (await _ledger.EvaluateAsync("GetChainInfo", [channel], cancellation)).Span);

    public Task<(Block Block, int Bytes)> BlockAsync(ulong number, CancellationToken cancellation)
    {
        string text = number.ToString(CultureInfo.InvariantCulture);
        return AskForBlockAsync("GetBlockByNumber", text, $"block {text}", cancellation);
    }

    public Task<(Block Block, int Bytes)> BlockOfTransactionAsync(
        string transactionId, CancellationToken cancellation) =>
        AskForBlockAsync("GetBlockByTxID", transactionId, $"transaction {transactionId}", cancellation);

    public async Task<ProcessedTransaction> TransactionAsync(string transactionId, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> answer = await AskAsync(
            "GetTransactionByID", transactionId, $"transaction {transactionId}", cancellation);
        return Parse(ProcessedTransaction.Parser, answer);
    }

    private async Task<(Block Block, int Bytes)> AskForBlockAsync(
        string function, string argument, string what, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> answer = await AskAsync(function, argument, what, cancellation);
        return (Parse(Block.Parser, answer), answer.Length);
    }

    private async Task<ReadOnlyMemory<byte>> AskAsync(
        string function, string argument, string what, CancellationToken cancellation)
    {
        try
        {
            return await _ledger.EvaluateAsync(function, [channel, argument], cancellation);
        }
        catch (GatewayException e) when (e.ContractStatus is not null)
        {
            throw new CommandFault(
                ExitCode.NotFound, $"the peer has no {what} of channel {channel}: {e.Details[0].Reason}");
        }
    }

    private static T Parse<T>(MessageParser<T> parser, ReadOnlyMemory<byte> bytes)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CommandFault(ExitCode.Refused, $"the peer's answer cannot be read: {e.Message}");
        }
    }
}

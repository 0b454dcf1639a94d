using System.Text;
using Grpc.Core;
using Node.Peer.Committing;
using Node.Peer.Delivering;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Gateways;

/// <summary>Follows one contract's events block by block, from a place that the client names.</summary>
internal sealed class ContractEventStream
{
    private readonly PeerChannel _channel;
    private readonly ReadOnlyMemory<byte> _contract;
    private readonly ulong _start;
    private readonly TxId? _after;   // Events of the first block up to and including this one were seen already.
    private readonly Action _requireAccess;

    private ContractEventStream(
        PeerChannel channel, string contract, ulong start, TxId? after, Action requireAccess)
    {
        _requireAccess = requireAccess;
        _channel = channel;
        _contract = Encoding.UTF8.GetBytes(contract);
        _start = start;
        _after = after;
    }

    /// <exception cref="RpcException"><c>INVALID_ARGUMENT</c>: the start position is none that events can start
    /// from.</exception>
    /// <param name="requireAccess">Called before each block; throws when the client may not read any more.</param>
    public static ContractEventStream Create(
        PeerChannel channel, ChaincodeEventsRequest request, Action requireAccess)
    {
        if (TxId.TryParse(request.AfterTransactionId, out TxId after, out _)
            && channel.Ledger.TryFindTransaction(after, out Node.Ledger.TransactionPosition position)
            && CommittedTransaction.IsProofOfId(position.Code))
            return new ContractEventStream(channel, request.ChaincodeId, position.Block, after, requireAccess);

        ulong start = request.StartPosition?.TypeCase switch
        {
            SeekPosition.TypeOneofCase.Specified => request.StartPosition.Specified.Number,
            SeekPosition.TypeOneofCase.NextCommit or SeekPosition.TypeOneofCase.None or null => channel.Commits.Height,
            SeekPosition.TypeOneofCase other => throw GatewayFaults.Invalid(
                $"start_position {other} is not supported; name a block number, or leave it out for the next block"),
        };
        return new ContractEventStream(channel, request.ChaincodeId, start, after: null, requireAccess);
    }

    /// <summary>Ends only by cancellation, or when the client may not read any more.</summary>
    /// <exception cref="RpcException"><c>NOT_FOUND</c>: it begins at a block that is not held here any
    /// more.</exception>
    public async Task RunAsync(
        IServerStreamWriter<ChaincodeEventsResponse> responses, CancellationToken cancellationToken)
    {
        for (ulong number = _start; ; number++)
        {
            // A client may name the last number there is, after which nothing can come.
            ulong height = number == ulong.MaxValue ? number : number + 1;
            await _channel.Commits.WaitForHeightAsync(height, cancellationToken);
            _requireAccess();
            ChaincodeEventsResponse? response = EventsOf(number);
            if (response is not null)
                await responses.WriteAsync(response, cancellationToken);
        }
    }

    private ChaincodeEventsResponse? EventsOf(ulong number)
    {
        if (!CommittedBlocks.TryRead(_channel, number, out CommittedBlock? block))
            throw PrunedBlocks.NotHeld(_channel.Ledger, number);

        bool seen = _after is not null && number == _start;
        ChaincodeEventsResponse? response = null;
        foreach (CommittedTransaction transaction in block.Transactions)
        {
            if (seen)
            {
                seen = transaction.Id != _after;
                continue;
            }

            if (transaction.Code != TxValidationCode.Valid
                || !transaction.EventContract.Span.SequenceEqual(_contract.Span))
                continue;

            response ??= new ChaincodeEventsResponse { BlockNumber = number };
            response.Events.Add(ChaincodeEvent.Parser.ParseFrom(transaction.Event.Span));
        }

        return response;
    }
}

using System.Runtime.CompilerServices;
using Google.Protobuf;
using Node.Peer.Committing;
using Node.Peer.Hosting;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Delivering;

/// <summary>What a block looks like on one kind of Deliver stream, and which policy its readers must satisfy.</summary>
internal interface IDeliverForm<out TResponse>
{
    string AclResource { get; }

    TResponse Of(Status status);

    TResponse Of(PeerChannel channel, CommittedBlock block);
}

/// <summary>Whole blocks, with validation codes and commit hash.</summary>
internal sealed class FullBlocks : IDeliverForm<DeliverResponse>
{
    // Followers that keep up are given the same block object, so it is decoded once for all of them.
    private readonly ConditionalWeakTable<CommittedBlock, DeliverResponse> _made = [];

    public string AclResource => "event/Block";

    public DeliverResponse Of(Status status) => new() { Status = status };

    public DeliverResponse Of(PeerChannel channel, CommittedBlock block) => _made.GetValue(
        block, static block => new DeliverResponse { Block = Block.Parser.ParseFrom(block.Bytes.Span) });
}

/// <summary>Ids, types, codes and event names only: no arguments, no values, no event payloads.</summary>
internal sealed class FilteredBlocks : IDeliverForm<DeliverResponse>
{
    public string AclResource => "event/FilteredBlock";

    public DeliverResponse Of(Status status) => new() { Status = status };

    public DeliverResponse Of(PeerChannel channel, CommittedBlock block)
    {
        var filtered = new FilteredBlock { ChannelId = channel.Id.Value, Number = block.Number };
        foreach (CommittedTransaction transaction in block.Transactions)
            filtered.FilteredTransactions.Add(Filter(transaction));

        return new DeliverResponse { FilteredBlock = filtered };
    }

    private static FilteredTransaction Filter(CommittedTransaction transaction)
    {
        var filtered = new FilteredTransaction
        {
            Txid = transaction.Id.Value, Type = transaction.Type, TxValidationCode = transaction.Code,
        };
        if (transaction.Type != HeaderType.EndorserTransaction)
            return filtered;

        filtered.TransactionActions = new FilteredTransactionActions();
        if (transaction.Event.IsEmpty)
            return filtered;

        var contractEvent = ChaincodeEvent.Parser.ParseFrom(transaction.Event.Span);
        contractEvent.Payload = ByteString.Empty;
        filtered.TransactionActions.ChaincodeActions.Add(
            new FilteredChaincodeAction { ChaincodeEvent = contractEvent });
        return filtered;
    }
}

/// <summary>
/// Whole blocks with the private data this peer has: none, since values of collections are not kept here.
/// </summary>
internal sealed class BlocksWithPrivateData : IDeliverForm<DeliverResponse>
{
    public string AclResource => "event/Block";

    public DeliverResponse Of(Status status) => new() { Status = status };

    public DeliverResponse Of(PeerChannel channel, CommittedBlock block) => new()
    {
        BlockAndPrivateData = new BlockAndPrivateData { Block = Block.Parser.ParseFrom(block.Bytes.Span) },
    };
}

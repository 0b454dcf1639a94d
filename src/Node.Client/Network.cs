using Node.Client.Connecting;
using Node.Client.Events;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Client;

/// <summary>A channel, as one client sees it. Immutable, any thread.</summary>
public sealed class Network
{
    private readonly GatewayConnection _connection;

    internal Network(GatewayConnection connection, ChannelId channel)
    {
        _connection = connection;
        Channel = channel;
    }

    public ChannelId Channel { get; }

    /// <summary>Local: whether the contract exists shows with the first call.</summary>
    public Contract GetContract(string name) => new(_connection, Channel, name);

    /// <summary>Asks for the verdict on a transaction that was sent to order by anybody, at any time.</summary>
    public Commit GetCommit(TxId id) => new(_connection, Channel, id);

    /// <summary>Whole blocks, valid and invalid transactions alike, in order, until cancelled.</summary>
    public IAsyncEnumerable<Block> BlocksAsync(EventsFrom start, CancellationToken cancellation) =>
        BlockStream.ReadAsync(_connection, Channel, start, cancellation);

    /// <summary>Blocks reduced to transaction ids, validation codes and the names of events.</summary>
    public IAsyncEnumerable<FilteredBlock> FilteredBlocksAsync(EventsFrom start, CancellationToken cancellation) =>
        BlockStream.ReadFilteredAsync(_connection, Channel, start, cancellation);
}

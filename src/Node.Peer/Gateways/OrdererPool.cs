using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Peer.Gateways;

/// <summary>Hands signed envelopes to the ordering service: any orderer of the channel that answers will do.</summary>
/// <remarks>Streams are opened on first use and kept. Any thread.</remarks>
internal sealed class OrdererPool(PeerOptions options, NodeDialer dialer) : IAsyncDisposable
{
    private const int FirstClientFault = 400;
    private const int FirstServerFault = 500;

    private readonly ConcurrentDictionary<string, Lazy<BroadcastStream>> _streams = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<OrdererAddress> _overrides =
    [
        .. options.OrdererEndpoints.Select(endpoint => new OrdererAddress(
            endpoint.Host, endpoint.Port, "",
            [.. endpoint.TlsRootFiles.Select(file => new ReadOnlyMemory<byte>(File.ReadAllBytes(file)))])),
    ];

    private readonly ConditionalWeakTable<ChannelConfig, IReadOnlyList<OrdererAddress>> _configured = [];
    private int _turn;   // Where the next submit begins: moves on when an orderer failed.

    /// <summary>
    /// Returns after one orderer has answered SUCCESS: the envelope has its durable place in the order.
    /// </summary>
    /// <exception cref="RpcException">
    /// <c>ABORTED</c>: an orderer refused the envelope, do not retry. <c>UNAVAILABLE</c>: none could take it now.
    /// <c>NOT_FOUND</c>: the channel names no orderer.
    /// </exception>
    public async Task SubmitAsync(
        PeerChannel channel, string txId, Envelope envelope, CancellationToken cancellationToken)
    {
        IReadOnlyList<OrdererAddress> orderers = Addresses(channel);
        if (orderers.Count == 0)
            throw GatewayFaults.Of(
                StatusCode.NotFound, $"the configuration of channel {channel.Id} names no orderer endpoint", []);

        var faults = new List<NodeFault>();
        int first = Volatile.Read(ref _turn);
        for (int i = 0; i < orderers.Count; i++)
        {
            OrdererAddress orderer = orderers[(int)((uint)(first + i) % (uint)orderers.Count)];
            BroadcastStream stream = StreamTo(orderer);
            string? fault = await TryOneAsync(stream, txId, envelope, cancellationToken);
            if (fault is null)
                return;

            faults.Add(new NodeFault(orderer.Address, orderer.MspId, fault));
            Interlocked.CompareExchange(ref _turn, first + i + 1, first + i);
        }

        throw GatewayFaults.Of(
            StatusCode.Unavailable,
            $"no orderers could successfully process transaction {txId}, see attached details for more info", faults);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<BroadcastStream> stream in _streams.Values)
            await stream.Value.DisposeAsync();
    }

    // Null when ordered. A stream that was lost under way is tried once more: the orderer may just have restarted.
    private static async Task<string?> TryOneAsync(
        BroadcastStream stream, string txId, Envelope envelope, CancellationToken cancellationToken)
    {
        string fault = "";
        for (int attempt = 0; attempt < 2; attempt++)
        {
            try
            {
                BroadcastResponse answer = await stream.SendAsync(envelope, cancellationToken);
                return answer.Status == Status.Success ? null : Judge(stream.Address, txId, answer);
            }
            catch (PeerUnreachableException e)
            {
                fault = e.Reason;
            }
        }

        return fault;
    }

    private static string Judge(string address, string txId, BroadcastResponse answer)
    {
        int status = (int)answer.Status;
        string fault = $"received unsuccessful response from orderer: status={status}, info={answer.Info}";
        return status is >= FirstClientFault and < FirstServerFault
            ? throw GatewayFaults.Of(
                StatusCode.Aborted, $"the orderer refused transaction {txId}: {answer.Info}",
                [new NodeFault(address, "", fault)])
            : fault;
    }

    private BroadcastStream StreamTo(OrdererAddress orderer) =>
        _streams.GetOrAdd(
            orderer.Address,
            static (address, made) => new Lazy<BroadcastStream>(() => new BroadcastStream(
                address, made.Dialer.Dial(made.Orderer.Host, made.Orderer.Port, made.Orderer.TlsRootPems))),
            (Orderer: orderer, Dialer: dialer)).Value;

    private IReadOnlyList<OrdererAddress> Addresses(PeerChannel channel) => _overrides.Count > 0
        ? _overrides
        : _configured.GetValue(channel.Config, static config =>
        [
            .. config.Orderer.Endpoints.Select(endpoint => new OrdererAddress(
                endpoint.Host, endpoint.Port, endpoint.MspId.Value, endpoint.TlsRootPems)),
        ]);

    private sealed record OrdererAddress(
        string Host, int Port, string MspId, IReadOnlyList<ReadOnlyMemory<byte>> TlsRootPems)
    {
        public string Address { get; } = $"{Host}:{Port}";
    }
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Hosting.Tls;
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

    // One per connection: orderers that several channels name are dialled once.
    private readonly ConcurrentDictionary<GrpcChannel, BroadcastStream> _streams = new();
    private readonly ConditionalWeakTable<ChannelConfig, Destinations> _destinations = [];
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
        IReadOnlyList<Destination> orderers = DestinationsOf(channel.Config);
        if (orderers.Count == 0)
            throw GatewayFaults.Of(
                StatusCode.NotFound, $"the configuration of channel {channel.Id} names no orderer endpoint", []);

        List<NodeFault>? faults = null;
        int first = Volatile.Read(ref _turn);
        for (int i = 0; i < orderers.Count; i++)
        {
            Destination orderer = orderers[(int)((uint)(first + i) % (uint)orderers.Count)];
            string? fault = await TryOneAsync(orderer, txId, envelope, cancellationToken);
            if (fault is null)
                return;

            (faults ??= []).Add(orderer.ToNodeFault(fault));
            Interlocked.CompareExchange(ref _turn, first + i + 1, first + i);
        }

        throw GatewayFaults.Of(
            StatusCode.Unavailable,
            $"no orderers could successfully process transaction {txId}, see attached details for more info",
            faults ?? []);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (BroadcastStream stream in _streams.Values)
            await stream.DisposeAsync();
    }

    // Null when ordered. A stream that was lost under way is tried once more: the orderer may just have restarted.
    private static async Task<string?> TryOneAsync(
        Destination orderer, string txId, Envelope envelope, CancellationToken cancellationToken)
    {
        string fault = "";
        for (int attempt = 0; attempt < 2; attempt++)
        {
            try
            {
                BroadcastResponse answer = await orderer.Stream.SendAsync(envelope, cancellationToken);
                return answer.Status == Status.Success ? null : Judge(orderer, txId, answer);
            }
            catch (PeerUnreachableException e)
            {
                fault = e.Reason;
            }
        }

        return fault;
    }

    private static string Judge(Destination orderer, string txId, BroadcastResponse answer)
    {
        int status = (int)answer.Status;
        string fault = $"received unsuccessful response from orderer: status={NameOf(status)}, info={answer.Info}";
        return status is >= FirstClientFault and < FirstServerFault
            ? throw GatewayFaults.Of(
                StatusCode.Aborted, $"the orderer refused transaction {txId}: {fault}", [orderer.ToNodeFault(fault)])
            : fault;
    }

    // As it stands in the protocol, which is what clients look for: BAD_REQUEST, not BadRequest.
    private static string NameOf(int status) =>
        CommonReflection.Descriptor.EnumTypes.Single(type => type.Name == nameof(Status))
            .FindValueByNumber(status)?.Name ?? $"{status}";

    // Streams over connections of a certificate that was renewed meanwhile end what they have and take nothing new.
    private IReadOnlyList<Destination> DestinationsOf(ChannelConfig config)
    {
        Destinations known = _destinations.GetValue(config, Read);
        if (known.Generation == dialer.Generation)
            return known.Orderers;

        Destinations renewed = Read(config);
        _destinations.AddOrUpdate(config, renewed);
        return renewed.Orderers;
    }

    private Destinations Read(ChannelConfig config)
    {
        // Before anything is dialled: what is renewed meanwhile is read again.
        int generation = dialer.Generation;
        return new Destinations(generation, ReadOrderers(config));
    }

    private IReadOnlyList<Destination> ReadOrderers(ChannelConfig config)
    {
        IReadOnlyList<OrdererEndpoint> configured = config.Orderer.Endpoints;
        if (options.OrdererEndpoints.Count == 0)
            return [.. configured.Select(endpoint =>
                DestinationOf(endpoint.MspId.Value, endpoint.Host, endpoint.Port, endpoint.TlsRootPems))];

        ReadOnlyMemory<byte>[] rootsOfChannel = [.. configured.SelectMany(endpoint => endpoint.TlsRootPems)];
        return [.. options.OrdererEndpoints.Select(endpoint =>
            DestinationOf("", endpoint.Host, endpoint.Port, RootsOf(endpoint, rootsOfChannel)))];
    }

    private Destination DestinationOf(
        string mspId, string host, int port, IReadOnlyList<ReadOnlyMemory<byte>> tlsRootPems)
    {
        string address = $"{host}:{port}";
        BroadcastStream stream = _streams.GetOrAdd(
            dialer.Dial(host, port, tlsRootPems),
            static (channel, address) => new BroadcastStream(address, channel),
            address);
        return new Destination(mspId, stream);
    }

    private static ReadOnlyMemory<byte>[] RootsOf(
        OrdererEndpointOverride endpoint, ReadOnlyMemory<byte>[] otherwise) => endpoint.TlsRootFiles.Count == 0
            ? otherwise
            : [.. endpoint.TlsRootFiles.Select(file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file))];

    /// <param name="Generation">Of the dialer whose connections these are.</param>
    private sealed record Destinations(int Generation, IReadOnlyList<Destination> Orderers);

    /// <param name="MspId">Empty where the peer's own options name the orderer.</param>
    private sealed record Destination(string MspId, BroadcastStream Stream)
    {
        public NodeFault ToNodeFault(string fault) => new(Stream.Address, MspId, fault);
    }
}

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
/// <remarks>
/// Streams are opened on first use and kept. An envelope that two orderers got is in the order twice; the second copy
/// of a transaction id is never valid. Any thread.
/// </remarks>
internal sealed class OrdererPool(PeerOptions options, PeerNode node) : IAsyncDisposable
{
    /// <summary>
    /// An orderer that owes answers and has given none for so long is waited for no longer alone: the next one gets the
    /// envelope too. Longer than electing a leader of the log takes most of the time, in which all of them are silent.
    /// </summary>
    internal static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(1.2);

    private static readonly TimeSpan s_patienceMin = TimeSpan.FromMilliseconds(50);

    private const int FirstClientFault = 400;
    private const int FirstServerFault = 500;

    // One per connection: orderers that several channels name are dialled once.
    private readonly ConcurrentDictionary<GrpcChannel, BroadcastStream> _streams = new();
    private readonly ConditionalWeakTable<ChannelConfig, Destinations> _destinations = [];
    private int _turn;   // Where the next submit begins: with the orderer that took the last one which another failed.

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

        int first = (int)((uint)Volatile.Read(ref _turn) % (uint)orderers.Count);
        var asked = new List<Attempt>(orderers.Count);
        foreach (int place in Places(orderers, first))
        {
            Destination orderer = orderers[place];
            asked.Add(new Attempt(place, orderer, TryOneAsync(orderer, txId, envelope, cancellationToken)));
            if (await FindOrderedAsync(asked, asked.Count == orderers.Count, cancellationToken) is not { } ordered)
                continue;

            if (ordered.Place != first)
                Interlocked.CompareExchange(ref _turn, ordered.Place, first);
            return;
        }

        Interlocked.CompareExchange(ref _turn, first + 1, first);
        throw GatewayFaults.Of(
            StatusCode.Unavailable,
            $"no orderers could successfully process transaction {txId}, see attached details for more info",
            [.. await Task.WhenAll(asked.Select(async attempt =>
                attempt.Orderer.ToNodeFault(await attempt.Fault ?? "")))]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (BroadcastStream stream in _streams.Values)
            await stream.DisposeAsync();
    }

    // In turn, but those that owe an answer for long, or could not be reached, come last: they may be cut off.
    private static IEnumerable<int> Places(IReadOnlyList<Destination> orderers, int first)
    {
        IEnumerable<int> inTurn = Enumerable.Range(0, orderers.Count).Select(i => (first + i) % orderers.Count);
        if (!orderers[first].IsInDoubt)
        {
            yield return first;
            inTurn = inTurn.Skip(1);
        }

        foreach (int place in inTurn.OrderBy(place => orderers[place].IsInDoubt))
            yield return place;
    }

    // Null when all of them have refused, or the newest one is silent and there are others to ask.
    private async Task<Attempt?> FindOrderedAsync(
        List<Attempt> asked, bool areAll, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Before the answers are looked at: one that comes in between counts in the next round.
            Attempt newest = asked[^1];
            Task[] open = [.. asked.Select(attempt => attempt.Fault).Where(fault => !fault.IsCompleted)];
            bool newestIsOpen = open.Contains(newest.Fault);
            foreach (Attempt attempt in asked)
            {
                if (attempt.Fault.IsCompleted && await attempt.Fault is null)
                    return attempt;
            }

            if (open.Length == 0 || (!newestIsOpen && !areAll))
                return null;

            try
            {
                await Task.WhenAny(open).WaitAsync(PatienceWith(newest), node.Clock, cancellationToken);
            }
            catch (TimeoutException) when (!areAll && newest.Orderer.Stream.SilentFor >= SilenceMax)
            {
                return null;
            }
            catch (TimeoutException)
            {
                // It answers others, so it will answer this one; or there is nobody else to ask.
            }
        }
    }

    private static TimeSpan PatienceWith(Attempt newest)
    {
        TimeSpan left = SilenceMax - newest.Orderer.Stream.SilentFor;
        return left > s_patienceMin ? left : s_patienceMin;
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
        if (known.Generation == node.Dialer.Generation)
            return known.Orderers;

        Destinations renewed = Read(config);
        _destinations.AddOrUpdate(config, renewed);
        return renewed.Orderers;
    }

    private Destinations Read(ChannelConfig config)
    {
        // Before anything is dialled: what is renewed meanwhile is read again.
        int generation = node.Dialer.Generation;
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
            node.Dialer.Dial(host, port, tlsRootPems),
            static (channel, known) => new BroadcastStream(known.Address, channel, known.Clock),
            (Address: address, Clock: node.Clock));
        return new Destination(mspId, stream);
    }

    private static ReadOnlyMemory<byte>[] RootsOf(
        OrdererEndpointOverride endpoint, ReadOnlyMemory<byte>[] otherwise) => endpoint.TlsRootFiles.Count == 0
            ? otherwise
            : RootFiles.Read(endpoint.TlsRootFiles);

    /// <param name="Generation">Of the dialer whose connections these are.</param>
    private sealed record Destinations(int Generation, IReadOnlyList<Destination> Orderers);

    /// <param name="Fault">Null when it ordered the envelope.</param>
    private sealed record Attempt(int Place, Destination Orderer, Task<string?> Fault);

    /// <param name="MspId">Empty where the peer's own options name the orderer.</param>
    private sealed record Destination(string MspId, BroadcastStream Stream)
    {
        public bool IsInDoubt => Stream.IsAway || Stream.SilentFor >= SilenceMax;

        public NodeFault ToNodeFault(string fault) => new(Stream.Address, MspId, fault);
    }
}

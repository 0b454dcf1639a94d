using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Protocol;
using Node.Protocol.Tracing;
using Node.Protocol.Wire.Hyperprov;
using Node.Protocol.Wire.Peer;
using Wire = Node.Protocol.Wire.Gateway;

namespace Node.Client.Connecting;

/// <summary>One connection to a peer: makes the calls, sets their deadlines and translates their failures.</summary>
/// <remarks>Owned by <see cref="Gateway"/>. Any thread; all calls share one HTTP/2 connection.</remarks>
internal sealed class GatewayConnection : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly Wire.Gateway.GatewayClient _gateway;
    private readonly Deliver.DeliverClient _deliver;

    public GatewayConnection(GatewayOptions options)
    {
        Options = options;
        _channel = PeerChannelFactory.Create(options);
        CallInvoker invoker = _channel.CreateCallInvoker();
        _gateway = new Wire.Gateway.GatewayClient(invoker);
        _deliver = new Deliver.DeliverClient(invoker);
        Proving = new Proving.ProvingClient(invoker);
    }

    public GatewayOptions Options { get; }

    /// <summary>What proofs are asked of; whoever calls sets deadlines and translates failures.</summary>
    public Proving.ProvingClient Proving { get; }

    public async Task<Wire.EvaluateResponse> EvaluateAsync(
        Wire.EvaluateRequest request, TxId id, CancellationToken cancellation)
    {
        using Activity? span = TransactionTrace.Start("client.evaluate", ActivityKind.Client, id);
        try
        {
            using AsyncUnaryCall<Wire.EvaluateResponse> call =
                _gateway.EvaluateAsync(request, TraceHeaders(), After(Options.EvaluateTimeout), cancellation);
            return await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Translate(e, "The query failed", message => new GatewayException(message, id, e));
        }
    }

    public async Task<Wire.EndorseResponse> EndorseAsync(
        Wire.EndorseRequest request, TxId id, CancellationToken cancellation)
    {
        using Activity? span = TransactionTrace.Start("client.endorse", ActivityKind.Client, id);
        try
        {
            using AsyncUnaryCall<Wire.EndorseResponse> call =
                _gateway.EndorseAsync(request, TraceHeaders(), After(Options.EndorseTimeout), cancellation);
            return await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Translate(e, $"Transaction {id} was not endorsed", message => new EndorseException(message, id, e));
        }
    }

    public async Task SubmitAsync(Wire.SubmitRequest request, TxId id, CancellationToken cancellation)
    {
        using Activity? span = TransactionTrace.Start("client.submit", ActivityKind.Client, id);
        try
        {
            using AsyncUnaryCall<Wire.SubmitResponse> call =
                _gateway.SubmitAsync(request, TraceHeaders(), After(Options.SubmitTimeout), cancellation);
            await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Translate(e, $"Transaction {id} was not ordered", message => new SubmitException(message, id, e));
        }
    }

    public async Task<CommitStatus> CommitStatusAsync(
        Wire.SignedCommitStatusRequest request, TxId id, CancellationToken cancellation)
    {
        using Activity? span = TransactionTrace.Start("client.commit_status", ActivityKind.Client, id);
        try
        {
            using AsyncUnaryCall<Wire.CommitStatusResponse> call =
                _gateway.CommitStatusAsync(request, TraceHeaders(), After(Options.CommitStatusTimeout), cancellation);
            Wire.CommitStatusResponse response = await call.ResponseAsync.ConfigureAwait(false);
            return new CommitStatus(id, response.Result, response.BlockNumber);
        }
        catch (RpcException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Translate(
                e, $"The status of transaction {id} is not known", message => new CommitStatusException(
                    message, id, e));
        }
    }

    /// <summary>No deadline: the stream runs until it is disposed.</summary>
    public AsyncServerStreamingCall<Wire.ChaincodeEventsResponse> ContractEvents(
        Wire.SignedChaincodeEventsRequest request, CancellationToken cancellation) =>
        _gateway.ChaincodeEvents(request, null, null, cancellation);

    /// <inheritdoc cref="ContractEvents"/>
    public AsyncDuplexStreamingCall<Protocol.Wire.Common.Envelope, DeliverResponse> Deliver(
        bool filtered, CancellationToken cancellation) =>
        filtered
            ? _deliver.DeliverFiltered(null, null, cancellation)
            : _deliver.Deliver(null, null, cancellation);

    public Exception Translate(RpcException fault, string step, Func<string, GatewayException> refusal) =>
        RpcFaults.Translate(fault, Options.Endpoint, step, refusal);

    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        if (Options.Signer is not { } sign)
            throw new InvalidOperationException(
                "This gateway has no signer. Sign the MessageToSign elsewhere and bring the signature back with a " +
                "NewSigned… method.");

        return sign(message);
    }

    public void Dispose() => _channel.Dispose();

    private static Metadata? TraceHeaders() =>
        TransactionTrace.HeaderOfCall is { } header ? new Metadata { { TransactionTrace.Header, header } } : null;

    private DateTime After(TimeSpan timeout) => (Options.Clock.GetUtcNow() + timeout).UtcDateTime;
}

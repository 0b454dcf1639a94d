using Grpc.Core;
using Grpc.Net.Client;
using Node.Hosting.Renewing;
using Node.Hosting.Tls;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Seeking;
using Node.Protocol.Wire.Ordering;

namespace Node.Orderer.CatchingUp;

/// <summary>Fetches the blocks that the log does not reach back to from the channel's other orderers.</summary>
internal sealed class BlockPull(NodeIdentity identity, ChannelSigns signs, TimeProvider clock)
    : IBlockPull
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_silenceMax = TimeSpan.FromSeconds(10);

    private static readonly Method<byte[], byte[]> s_deliver = new(
        MethodType.DuplexStreaming,
        "orderer.AtomicBroadcast",
        "Deliver",
        Marshallers.Create(static bytes => bytes, static bytes => bytes),
        Marshallers.Create(static bytes => bytes, static bytes => bytes));

    /// <inheritdoc/>
    public async Task RunAsync(
        Func<ulong> start,
        IReadOnlyList<OrdererEndpoint> orderers,
        Func<ReadOnlyMemory<byte>, (string? Refusal, bool WantsMore)> take,
        CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        foreach (OrdererEndpoint endpoint in orderers)
        {
            string? fault = await PullAsync(endpoint, start(), take, cancellationToken);
            if (fault is null)
                return;

            faults.Add($"{endpoint}: {fault}");
        }

        throw new StorageFailedException(
            "fetch blocks from other orderers", $"channel {signs.Channel}", string.Join("; ", faults), inner: null);
    }

    private async Task<string?> PullAsync(
        OrdererEndpoint endpoint,
        ulong start,
        Func<ReadOnlyMemory<byte>, (string? Refusal, bool WantsMore)> take,
        CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(s_silenceMax, clock);
        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        using GrpcChannel connection = Connect(endpoint);
        try
        {
            using AsyncDuplexStreamingCall<byte[], byte[]> call = connection.CreateCallInvoker()
                .AsyncDuplexStreamingCall(s_deliver, host: null, new CallOptions(cancellationToken: session.Token));
            byte[] request = SeekRequest.From(
                start, signs.Channel, identity.Current, default, clock.GetUtcNow(),
                SeekInfo.Types.SeekBehavior.FailIfNotReady);
            await call.RequestStream.WriteAsync(request, session.Token);
            while (await call.ResponseStream.MoveNext(session.Token))
            {
                silence.CancelAfter(s_silenceMax);
                if (!DeliverAnswer.TryDecode(call.ResponseStream.Current, out DeliverAnswer answer))
                    return "it sent something that is neither a block nor a status";
                if (!answer.IsBlock)
                    return $"it answered {answer.Status}";

                (string? refusal, bool wantsMore) = take(answer.Block);
                if (refusal is not null)
                    return $"its block is not taken: {refusal}";
                if (!wantsMore)
                    return null;
            }

            return "it ended the stream";
        }
        catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{failure.StatusCode}: {failure.Status.Detail}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "it fell silent";
        }
    }

    // Shows no certificate of its own: blocks are given to whoever signs as a member.
    private GrpcChannel Connect(OrdererEndpoint endpoint)
    {
        var transport = new SocketsHttpHandler
        {
            ConnectTimeout = s_connectTimeout,
            UseProxy = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        };
        string scheme = Uri.UriSchemeHttp;
        if (endpoint.TlsRootPems.Count > 0)
        {
            scheme = Uri.UriSchemeHttps;
            transport.SslOptions = ClientTls.OptionsFor(
                endpoint.Host, own: (TlsCertificate?)null, endpoint.TlsRootPems, clock);
        }

        return NodeChannel.Over(transport, new UriBuilder(scheme, endpoint.Host, endpoint.Port).Uri);
    }
}

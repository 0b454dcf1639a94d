using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Node.Membership;
using Node.Peer.Committing;
using Node.Peer.Hosting;

namespace Node.Peer.Pulling;

/// <summary>
/// Keeps one channel fed: dials an orderer, asks for blocks from the ledger's height on, and offers each to the
/// pipeline.
/// </summary>
/// <remarks>
/// One loop per channel. An orderer that fails, ends the stream, sends what is refused or stays silent is dropped, and
/// the next one is tried, after a growing, jittered pause unless it had worked. It never gives up.
/// </remarks>
internal sealed class BlockSource(
    PeerNode node,
    PeerChannel channel,
    CommitPipeline pipeline,
    Func<IReadOnlyList<OrdererEndpoint>> endpoints,
    ILogger log)
{
    /// <summary>
    /// Silence after which the next orderer is asked. A quiet channel is silent too, so this costs one dial now and
    /// then; a dead connection is noticed sooner, by its pings.
    /// </summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(60);

    // Messages stay bytes: a block is decoded once, by the pipeline, and stored as it came.
    private static readonly Method<byte[], byte[]> s_deliver = new(
        MethodType.DuplexStreaming,
        "orderer.AtomicBroadcast",
        "Deliver",
        Marshallers.Create(static bytes => bytes, static bytes => bytes),
        Marshallers.Create(static bytes => bytes, static bytes => bytes));

    private readonly Backoff _backoff = new();
    private int _turn;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            IReadOnlyList<OrdererEndpoint> known = endpoints();
            string name = "none";
            string reason = "the channel configuration names no orderer";
            if (known.Count > 0)
            {
                OrdererEndpoint endpoint = known[_turn % known.Count];
                _turn = (_turn + 1) % known.Count;
                name = endpoint.ToString();
                reason = await PullAsync(endpoint, cancellationToken);
            }

            if (cancellationToken.IsCancellationRequested)
                return;

            TimeSpan delay = _backoff.Next();
            PeerLog.SourceLost(log, channel.Id, name, reason, (long)delay.TotalMilliseconds);
            await Task.Delay(delay, node.Clock, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One session with one orderer.</summary>
    /// <returns>Why it ended.</returns>
    private async Task<string> PullAsync(OrdererEndpoint endpoint, CancellationToken cancellationToken)
    {
        ulong start = await pipeline.NextNumberAsync(cancellationToken);
        CancellationToken restarting = pipeline.Restarting;
        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, restarting);
        using ITimer silence = node.Clock.CreateTimer(
            static state => ((CancellationTokenSource)state!).Cancel(),   // The state is the session, never null.
            session, SilenceMax, Timeout.InfiniteTimeSpan);
        try
        {
            GrpcChannel connection = node.Dialer.Dial(endpoint.Host, endpoint.Port, endpoint.TlsRootPems);
            CallInvoker invoker = connection.CreateCallInvoker();
            using AsyncDuplexStreamingCall<byte[], byte[]> call = invoker.AsyncDuplexStreamingCall(
                s_deliver, host: null, new CallOptions(cancellationToken: session.Token));
            PeerLog.Pulling(log, channel.Id, endpoint.ToString(), start);
            byte[] request = SeekEnvelope.From(
                start, channel.Id, node.Signer, node.Dialer.TlsCertificateHash, node.Clock.GetUtcNow());
            await call.RequestStream.WriteAsync(request, session.Token);
            return await ReadAsync(endpoint, call.ResponseStream, silence, session.Token, cancellationToken);
        }
        catch (RpcException e) when (!session.IsCancellationRequested)
        {
            return $"{e.StatusCode}: {e.Status.Detail}";
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            return restarting.IsCancellationRequested ? "the pipeline starts over" : Silence(endpoint);
        }
    }

    private async Task<string> ReadAsync(
        OrdererEndpoint endpoint,
        IAsyncStreamReader<byte[]> answers,
        ITimer silence,
        CancellationToken session,
        CancellationToken cancellationToken)
    {
        while (await answers.MoveNext(session))
        {
            if (!DeliverAnswer.TryDecode(answers.Current, out DeliverAnswer answer))
                return "it sent something that is neither a block nor a status";

            if (!answer.IsBlock)
                return $"it answered {answer.Status}";

            // The pipeline may make us wait; that is not the orderer's silence.
            silence.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            BlockRejection? rejection = await pipeline.AcceptAsync(answer.Block, cancellationToken);
            if (rejection is not null)
            {
                if (!rejection.SenderAtFault)
                    return rejection.Reason;

                PeerLog.BlockRefused(log, channel.Id, rejection.Number, endpoint.ToString(), rejection.Reason);
                return "its block was refused";
            }

            _backoff.Reset();
            silence.Change(SilenceMax, Timeout.InfiniteTimeSpan);
        }

        return "it ended the stream";
    }

    private string Silence(OrdererEndpoint endpoint)
    {
        PeerLog.SourceSilent(log, channel.Id, endpoint.ToString(), (long)SilenceMax.TotalSeconds);
        return "it stayed silent";
    }
}

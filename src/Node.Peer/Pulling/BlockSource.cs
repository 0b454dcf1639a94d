using System.Security.Cryptography;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Peer.Committing;
using Node.Peer.Hosting;
using Node.Protocol.Seeking;

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
    private static readonly Method<byte[], RentedMessage> s_deliver = new(
        MethodType.DuplexStreaming,
        "orderer.AtomicBroadcast",
        "Deliver",
        Marshallers.Create(static bytes => bytes, static bytes => bytes),
        RentedMessage.Marshaller);

    private readonly Backoff _backoff = new();
    private uint _turn = (uint)RandomNumberGenerator.GetInt32(1 << 16);   // Peers spread over the orderers.
    private ulong _heightAtLoss;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            IReadOnlyList<OrdererEndpoint> known = endpoints();
            string name = "none";
            string? fault = "the channel configuration names no orderer";
            if (known.Count > 0)
            {
                OrdererEndpoint endpoint = known[(int)(_turn++ % (uint)known.Count)];
                name = endpoint.ToString();
                fault = await PullAsync(endpoint, cancellationToken);
            }

            if (fault is not null && !cancellationToken.IsCancellationRequested)
                await PauseAsync(name, fault, cancellationToken);
        }
    }

    // Only what became durable counts as progress: an orderer whose blocks are all refused at commit must not be asked
    // for them twenty times a second.
    private async Task PauseAsync(string orderer, string fault, CancellationToken cancellationToken)
    {
        ulong height = channel.Commits.Height;
        if (height > _heightAtLoss)
            _backoff.Reset();

        _heightAtLoss = height;
        TimeSpan delay = _backoff.Next();
        channel.SourceFault = $"no block from {orderer}: {fault}";
        PeerLog.SourceLost(log, channel.Id, orderer, fault, (long)delay.TotalMilliseconds);
        await Task.Delay(delay, node.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>One session with one orderer.</summary>
    /// <returns>What went wrong; null when there was merely nothing to read for long.</returns>
    private async Task<string?> PullAsync(OrdererEndpoint endpoint, CancellationToken cancellationToken)
    {
        ulong start = await pipeline.NextNumberAsync(cancellationToken);
        CancellationToken restarting = pipeline.Restarting;
        using var silence = new CancellationTokenSource(SilenceMax, node.Clock);
        using var session = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, restarting, silence.Token);
        try
        {
            GrpcChannel connection = node.Dialer.Dial(endpoint.Host, endpoint.Port, endpoint.TlsRootPems);
            CallInvoker invoker = connection.CreateCallInvoker();
            using AsyncDuplexStreamingCall<byte[], RentedMessage> call = invoker.AsyncDuplexStreamingCall(
                s_deliver, host: null, new CallOptions(cancellationToken: session.Token));
            PeerLog.Pulling(log, channel.Id, endpoint.ToString(), start);
            byte[] request = SeekRequest.From(
                start, channel.Id, node.Signer, node.Dialer.CertificateHashOf(connection), node.Clock.GetUtcNow());
            await call.RequestStream.WriteAsync(request, session.Token);
            channel.SourceFault = null;
            return await ReadAsync(endpoint, call.ResponseStream, silence, session.Token);
        }
        catch (RpcException e) when (!session.IsCancellationRequested)
        {
            return $"{e.StatusCode}: {e.Status.Detail}";
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            if (restarting.IsCancellationRequested)
                return "the pipeline starts over";

            if (!cancellationToken.IsCancellationRequested)
                PeerLog.SourceSilent(log, channel.Id, endpoint.ToString(), (long)SilenceMax.TotalSeconds);

            return null;
        }
    }

    private async Task<string> ReadAsync(
        OrdererEndpoint endpoint,
        IAsyncStreamReader<RentedMessage> answers,
        CancellationTokenSource silence,
        CancellationToken session)
    {
        while (await answers.MoveNext(session))
        {
            RentedMessage message = answers.Current;
            if (!DeliverAnswer.TryDecode(message.Bytes, out DeliverAnswer answer))
                return "it sent something that is neither a block nor a status";

            if (!answer.IsBlock)
                return $"it answered {answer.Status}";

            // The pipeline may make us wait; that is not the orderer's silence. The message is the pipeline's from here
            // on.
            silence.CancelAfter(Timeout.InfiniteTimeSpan);
            BlockRejection? rejection = await pipeline.AcceptAsync(answer.Block, message, session);
            silence.CancelAfter(SilenceMax);
            if (rejection is { SenderAtFault: true })
                PeerLog.BlockRefused(log, channel.Id, rejection.Number, endpoint.ToString(), rejection.Reason);

            if (rejection is not null)
                return $"block {rejection.Number} is not taken: {rejection.Reason}";
        }

        return "it ended the stream";
    }
}

using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Protocol;
using Node.Protocol.Wire.Ordering;

namespace Node.LyingOrderer;

/// <summary>Pulls honest blocks from an honest orderer, as a member of the channel.</summary>
public static class UpstreamBlocks
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(200);

    private static readonly Method<byte[], DeliverResponse> s_deliver = new(
        MethodType.DuplexStreaming,
        "orderer.AtomicBroadcast",
        "Deliver",
        Marshallers.Create(static bytes => bytes, static bytes => bytes),
        new Marshaller<DeliverResponse>(
            static answer => answer.ToByteArray(), DeliverResponse.Parser.ParseFrom));

    /// <summary>Feeds a chain until cancelled. Tries again for ever.</summary>
    /// <param name="upstream">host:port.</param>
    /// <param name="rootFile">PEM of its TLS root; null speaks plaintext.</param>
    public static async Task FeedAsync(
        LyingChain chain,
        ChannelId channel,
        SigningIdentity signer,
        string upstream,
        string? rootFile,
        CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await PullAsync(chain, channel, signer, upstream, rootFile, cancellationToken);
            }
            catch (RpcException)
            {
                // It may not be up yet.
            }

            await Task.Delay(s_retryDelay, TimeProvider.System, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task PullAsync(
        LyingChain chain,
        ChannelId channel,
        SigningIdentity signer,
        string upstream,
        string? rootFile,
        CancellationToken cancellationToken)
    {
        using GrpcChannel connection = UpstreamConnection.Open(upstream, rootFile);
        using AsyncDuplexStreamingCall<byte[], DeliverResponse> call = connection.CreateCallInvoker()
            .AsyncDuplexStreamingCall(s_deliver, host: null, new CallOptions(cancellationToken: cancellationToken));
        byte[] request = SeekRequest.From(
            chain.Height, channel, signer, tlsCertificateHash: default, TimeProvider.System.GetUtcNow());
        await call.RequestStream.WriteAsync(request, cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            if (call.ResponseStream.Current.Block is not { } block)
                return;

            chain.Add(block);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Protocol;
using Node.Protocol.Seeking;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.EndToEnd.Hosts;

/// <summary>Reads blocks of one node, peer or orderer, straight from its host and past every link.</summary>
internal sealed class ChainReader : IDisposable
{
    private const int ReceiveBytesMax = 64 << 20;

    private readonly Method<byte[], byte[]> _deliver;
    private readonly GrpcChannel _channel;
    private readonly SigningIdentity _signer;

    /// <param name="signer">Who asks: any member of the channel. Stays the caller's.</param>
    public ChainReader(HostedNode node, IPAddress address, SigningIdentity signer, string tlsRootFile)
    {
        _signer = signer;
        Marshaller<byte[]> bytes = Marshallers.Create(value => value, value => value);
        _deliver = new Method<byte[], byte[]>(
            MethodType.DuplexStreaming, node.IsOrderer ? "orderer.AtomicBroadcast" : "protos.Deliver", "Deliver", bytes,
            bytes);
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.ImportFromPemFile(tlsRootFile);
        int port = node.IsOrderer ? HostedTopology.OrdererPort : HostedTopology.PeerPort;
        _channel = GrpcChannel.ForAddress(
            new UriBuilder("https", node.Name, port).Uri, new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler
                {
                    SslOptions = { CertificateChainPolicy = trust },
                    ConnectCallback = async (_, cancellation) => await ConnectAsync(
                        new IPEndPoint(address, port), cancellation),
                    InitialHttp2StreamWindowSize = 1 << 20,
                },
                DisposeHttpClient = true,
                MaxReceiveMessageSize = ReceiveBytesMax,
            });
    }

    /// <summary>Every block from a number up to the last one that the node has now.</summary>
    /// <exception cref="RpcException">Nobody is there, or not well yet.</exception>
    public async IAsyncEnumerable<Block> ReadAsync(
        ulong start, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using AsyncDuplexStreamingCall<byte[], byte[]> call = _channel.CreateCallInvoker().AsyncDuplexStreamingCall(
            _deliver, host: null, new CallOptions(cancellationToken: cancellation));
        await call.RequestStream.WriteAsync(
            SeekRequest.From(
                start, ChannelId.Of(HostedTopology.Channel), _signer, default, TimeProvider.System.GetUtcNow(),
                SeekInfo.Types.SeekBehavior.FailIfNotReady), cancellation);
        while (await call.ResponseStream.MoveNext(cancellation))
        {
            Assert.True(DeliverAnswer.TryDecode(call.ResponseStream.Current, out DeliverAnswer answer));
            if (!answer.IsBlock)
            {
                if (answer.Status is Status.NotFound or Status.Success)
                    yield break;

                throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, $"it answered {answer.Status}"));
            }

            yield return Block.Parser.ParseFrom(answer.Block.Span);
        }
    }

    public void Dispose() => _channel.Dispose();

    // The name is the host's own affair: this process does not know it.
    private static async Task<Stream> ConnectAsync(IPEndPoint server, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

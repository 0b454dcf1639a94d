using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
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
    public IAsyncEnumerable<Block> ReadAsync(ulong start, CancellationToken cancellation) => ReadAsync(
        SeekRequest.From(
            start, ChannelId.Of(HostedTopology.Channel), _signer, default, TimeProvider.System.GetUtcNow(),
            SeekInfo.Types.SeekBehavior.FailIfNotReady),
        cancellation);

    private async IAsyncEnumerable<Block> ReadAsync(
        byte[] request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using AsyncDuplexStreamingCall<byte[], byte[]> call = _channel.CreateCallInvoker().AsyncDuplexStreamingCall(
            _deliver, host: null, new CallOptions(cancellationToken: cancellation));
        await call.RequestStream.WriteAsync(request, cancellation);
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

    /// <summary>One more than the number of the node's last block.</summary>
    /// <inheritdoc cref="ReadAsync(ulong, CancellationToken)"/>
    public async Task<ulong> HeightAsync(CancellationToken cancellation)
    {
        var newest = new SeekPosition { Newest = new SeekNewest() };
        await foreach (Block block in ReadAsync(Signed(new SeekInfo { Start = newest, Stop = newest }), cancellation))
            return block.Header.Number + 1;

        return 0;
    }

    public void Dispose() => _channel.Dispose();

    private byte[] Signed(SeekInfo seek)
    {
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.DeliverSeekInfo,
            ChannelId = HostedTopology.Channel,
            Timestamp = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
        };
        var signatureHeader = new SignatureHeader
        {
            Creator = ByteString.CopyFrom(_signer.Serialized.Span),
            Nonce = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(24)),
        };
        var payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(), SignatureHeader = signatureHeader.ToByteString(),
            },
            Data = seek.ToByteString(),
        };
        ByteString bytes = payload.ToByteString();
        ByteString signature = ByteString.CopyFrom(_signer.Sign(bytes.Span));
        return new Envelope { Payload = bytes, Signature = signature }.ToByteArray();
    }

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

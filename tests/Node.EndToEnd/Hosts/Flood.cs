using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// Has blocks made as fast as they can be: envelopes that orderers take and peers find invalid, straight to every
/// orderer.
/// </summary>
/// <remarks>Without endorsements, whose making would cost most of the time.</remarks>
internal sealed class Flood(HostedNetwork network, SigningIdentity client)
{
    private const int InFlightMax = 64;   // Of each orderer.

    private static readonly Method<Envelope, BroadcastResponse> s_broadcast = new(
        MethodType.DuplexStreaming, "orderer.AtomicBroadcast", "Broadcast",
        Marshallers.Create(envelope => envelope.ToByteArray(), Envelope.Parser.ParseFrom),
        Marshallers.Create(answer => answer.ToByteArray(), BroadcastResponse.Parser.ParseFrom));

    /// <summary>Until enough blocks are made, at each orderer side by side.</summary>
    public async Task RunAsync(Func<bool> isEnough) =>
        await Task.WhenAll(network.Orderers.Select(orderer => Task.Run(() => SendAsync(orderer, isEnough))));

    /// <summary>Sends one envelope to one orderer.</summary>
    /// <returns>What it answered; null when it did not.</returns>
    public async Task<BroadcastResponse?> SendOneAsync(NodeRun orderer)
    {
        try
        {
            using GrpcChannel channel = Open(orderer);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call =
                Broadcast(channel, limit.Token);
            await call.RequestStream.WriteAsync(NewEnvelope(), limit.Token);
            return await call.ResponseStream.MoveNext(limit.Token) ? call.ResponseStream.Current : null;
        }
        catch (RpcException)
        {
            return null;
        }
    }

    private async Task SendAsync(NodeRun orderer, Func<bool> isEnough)
    {
        using GrpcChannel channel = Open(orderer);
        using AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call = Broadcast(channel, CancellationToken.None);
        int underWay = 0;
        while (!isEnough())
        {
            for (; underWay < InFlightMax; underWay++)
                await call.RequestStream.WriteAsync(NewEnvelope());

            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(Status.Success, call.ResponseStream.Current.Status);
            underWay--;
        }

        await call.RequestStream.CompleteAsync();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
            underWay--;

        Assert.Equal(0, underWay);
    }

    private static AsyncDuplexStreamingCall<Envelope, BroadcastResponse> Broadcast(
        GrpcChannel channel, CancellationToken cancellation) => channel.CreateCallInvoker().AsyncDuplexStreamingCall(
            s_broadcast, host: null, new CallOptions(cancellationToken: cancellation));

    private GrpcChannel Open(NodeRun orderer)
    {
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.ImportFromPemFile(
            network.Material.OrdererOrganization(orderer.Node.Domain).Node(orderer.Name).TlsRootFile);
        var server = new IPEndPoint(orderer.Host.Address, HostedTopology.OrdererPort);
        return GrpcChannel.ForAddress(
            new UriBuilder("https", orderer.Name, server.Port).Uri, new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler
                {
                    SslOptions = { CertificateChainPolicy = trust },
                    ConnectCallback = async (_, cancellation) =>
                    {
                        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                        await socket.ConnectAsync(server, cancellation);
                        return new NetworkStream(socket, ownsSocket: true);
                    },
                },
                DisposeHttpClient = true,
            });
    }

    private Envelope NewEnvelope()
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(24);
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.EndorserTransaction,
            ChannelId = HostedTopology.Channel,
            TxId = TxId.Compute(nonce, client.Serialized.Span).Value,
            Timestamp = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
            Extension = new ChaincodeHeaderExtension
            {
                ChaincodeId = new ChaincodeID { Name = HostedTopology.Contract },
            }.ToByteString(),
        };
        var signatureHeader = new SignatureHeader
        {
            Creator = ByteString.CopyFrom(client.Serialized.Span), Nonce = ByteString.CopyFrom(nonce),
        };
        ByteString payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(), SignatureHeader = signatureHeader.ToByteString(),
            },
            Data = ByteString.CopyFromUtf8("no transaction"),
        }.ToByteString();
        return new Envelope { Payload = payload, Signature = ByteString.CopyFrom(client.Sign(payload.Span)) };
    }
}

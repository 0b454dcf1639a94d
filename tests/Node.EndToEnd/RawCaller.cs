using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;

namespace Node.EndToEnd;

/// <summary>Calls any gRPC method of a node with any bytes: what a hostile client can do.</summary>
internal sealed class RawCaller : IDisposable
{
    private static readonly Marshaller<byte[]> s_bytes = Marshallers.Create(value => value, value => value);

    private readonly GrpcChannel _channel;
    private readonly CallInvoker _invoker;

    public RawCaller(string address, string serverName, string tlsRootFile)
    {
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.ImportFromPemFile(tlsRootFile);
        _channel = GrpcChannel.ForAddress("https://" + address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = { TargetHost = serverName, CertificateChainPolicy = trust },
            },
            DisposeHttpClient = true,
        });
        _invoker = _channel.CreateCallInvoker();
    }

    /// <summary>
    /// The status of the call; for a stream, of the first answer or the end. Null means it was answered.
    /// </summary>
    public async Task<Status?> CallAsync(string service, string method, MethodType type, byte[] message)
    {
        var described = new Method<byte[], byte[]>(type, service, method, s_bytes, s_bytes);
        var options = new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5));
        try
        {
            switch (type)
            {
                case MethodType.Unary:
                    await _invoker.AsyncUnaryCall(described, host: null, options, message);
                    return null;
                case MethodType.ServerStreaming:
                    using (AsyncServerStreamingCall<byte[]> call =
                        _invoker.AsyncServerStreamingCall(described, host: null, options, message))
                        await call.ResponseStream.MoveNext(CancellationToken.None);
                    return null;
                default:
                    using (AsyncDuplexStreamingCall<byte[], byte[]> call =
                        _invoker.AsyncDuplexStreamingCall(described, host: null, options))
                    {
                        await call.RequestStream.WriteAsync(message);
                        await call.RequestStream.CompleteAsync();
                        await call.ResponseStream.MoveNext(CancellationToken.None);
                        return null;
                    }
            }
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }

    public void Dispose() => _channel.Dispose();
}

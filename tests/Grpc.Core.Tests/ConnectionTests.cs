using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core.Tests.Protos;
using Grpc.Net.Client;

namespace Grpc.Core.Tests;

public class ConnectionTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Mutual_tls_tells_the_method_who_calls()
    {
        await using TestServer server = await TestServer.StartAsync(Wire.MutualTls);
        using GrpcChannel channel = server.Connect();

        EchoReply reply = await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Command = "identity" });

        Assert.Equal("client-1", reply.Said);
    }

    [Fact]
    public async Task Without_a_certificate_mutual_tls_is_unavailable()
    {
        await using TestServer server = await TestServer.StartAsync(Wire.MutualTls);
        using GrpcChannel channel = server.Connect(
            handler: handler => handler.SslOptions.ClientCertificateContext = null);

        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()));

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
    }

    [Fact]
    public async Task Without_mutual_tls_the_caller_is_nobody()
    {
        await using TestServer server = await TestServer.StartAsync(Wire.Tls);
        using GrpcChannel channel = server.Connect();

        Assert.Equal(
            "", (await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Command = "identity" })).Said);
    }

    [Fact]
    public async Task The_method_is_told_where_the_call_comes_from_and_goes_to()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        var client = new Echo.EchoClient(channel);

        string peer = (await client.UnaryAsync(new EchoRequest { Command = "peer" })).Said;
        Assert.StartsWith("ipv4:127.0.0.1:", peer, StringComparison.Ordinal);
        Assert.Equal(server.Address.Authority, (await client.UnaryAsync(new EchoRequest { Command = "host" })).Said);
        Assert.Equal("/echo.v1.Echo/Unary", (await client.UnaryAsync(new EchoRequest { Command = "method" })).Said);
        Assert.Equal(server.Address.Authority, channel.Target);
    }

    [Fact]
    public async Task Metadata_travels_both_ways()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        var client = new Echo.EchoClient(channel);
        var headers = new Metadata { { "asked", "a, b; u" }, { "asked-bin", [0, 255] } };

        Assert.Equal("a, b; u", (await client.UnaryAsync(new EchoRequest { Command = "header" }, headers)).Said);
        Assert.Equal("00FF", (await client.UnaryAsync(new EchoRequest { Command = "binary" }, headers)).Said);
        using AsyncUnaryCall<EchoReply> early = client.UnaryAsync(new EchoRequest { Command = "headers" });
        Assert.Equal([0xFF], (await early.ResponseHeadersAsync).GetValueBytes("early-bin"));
        await early;
        using AsyncUnaryCall<EchoReply> late = client.UnaryAsync(new EchoRequest { Command = "trailers" });
        await late;
        Assert.Equal([0xFE, 0xFD], late.GetTrailers().GetValueBytes("late-bin"));
        Assert.Equal("riser", late.GetTrailers().GetValue("late"));
    }

    [Fact]
    public async Task Nothing_of_a_call_is_left_in_the_next_one()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        var client = new Echo.EchoClient(channel);
        DateTime deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1);

        for (int i = 0; i < 20; i++)
        {
            var headers = new Metadata { { "asked", $"{i}" } };
            var large = new EchoRequest { Command = "header", Payload = ByteString.CopyFrom(new byte[i * 1000]) };
            Assert.Equal($"{i}", (await client.UnaryAsync(large, headers, deadline)).Said);
            Assert.Equal("", (await client.UnaryAsync(new EchoRequest { Command = "header" })).Said);
            await Assert.ThrowsAsync<RpcException>(
                async () => await client.UnaryAsync(new EchoRequest { Command = "refuse" }));

            string with = (await client.UnaryAsync(
                new EchoRequest { Command = "deadline" }, deadline: deadline.AddMinutes(i))).Said;
            string without = (await client.UnaryAsync(new EchoRequest { Command = "deadline" })).Said;
            Assert.StartsWith("9999", without, StringComparison.Ordinal);
            Assert.InRange(Parse(with), deadline.AddMinutes(i), deadline.AddMinutes(i) + s_patience);
        }
    }

    [Fact]
    public async Task A_call_that_is_stopped_stops_no_other()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        var client = new Echo.EchoClient(channel);

        // Sources of cancellation are lent from call to call; each of these races its own end.
        await Parallel.ForAsync(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            using var stop = new CancellationTokenSource();
            AsyncUnaryCall<EchoReply> call = client.UnaryAsync(new EchoRequest(), cancellationToken: stop.Token);
            if (i % 4 != 0)
            {
                await call;
                await stop.CancelAsync();
                call.Dispose();
                return;
            }

            await stop.CancelAsync();
            await ((Task)call.ResponseAsync).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.True(
                call.GetStatus().StatusCode is StatusCode.OK or StatusCode.Cancelled, call.GetStatus().ToString());
        });
    }

    [Fact]
    public async Task Call_credentials_are_added_to_each_call()
    {
        await using TestServer server = await TestServer.StartAsync(Wire.Tls);
        int asked = 0;
        CallCredentials token = CallCredentials.FromInterceptor((context, metadata) =>
        {
            asked++;
            metadata.Add("asked", $"{context.MethodName} of {context.ServiceUrl}");
            return Task.CompletedTask;
        });
        using GrpcChannel channel = server.Connect(options =>
            options.Credentials = ChannelCredentials.Create(ChannelCredentials.SecureSsl, token));

        EchoReply reply = await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Command = "header" });

        Assert.Equal($"Unary of https://{server.Address.Authority}/echo.v1.Echo", reply.Said);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Many_calls_share_one_connection()
    {
        await using TestServer server = await TestServer.StartAsync();
        int connections = 0;
        using GrpcChannel channel =
            server.Connect(handler: handler => handler.ConnectCallback = async (context, cancellationToken) =>
        {
            Interlocked.Increment(ref connections);
            return await ConnectAsync(context.DnsEndPoint, cancellationToken);
        });
        var client = new Echo.EchoClient(channel);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i =>
            client.UnaryAsync(new EchoRequest { Command = i % 10 == 0 ? "status" : "" }).ResponseAsync
                .ContinueWith(_ => { }, TaskScheduler.Default)));

        Assert.Equal(1, connections);
    }

    [Fact]
    public async Task Keep_alive_pings_of_a_client_are_answered_while_calls_rest()
    {
        await using TestServer server = await TestServer.StartAsync();
        var counter = new PingCounter();
        using GrpcChannel channel = server.Connect(handler: handler =>
        {
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(1);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
            handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
            handler.ConnectCallback = async (context, cancellationToken) =>
                new PingCountingStream(await ConnectAsync(context.DnsEndPoint, cancellationToken), counter);
        });
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> call = new Echo.EchoClient(channel).Chat();
        await call.RequestStream.WriteAsync(new EchoRequest());
        Assert.True(await call.ResponseStream.MoveNext());

        await counter.Answered.Task.WaitAsync(s_patience);

        // The call that rested meanwhile goes on.
        await call.RequestStream.WriteAsync(new EchoRequest());
        Assert.True(await call.ResponseStream.MoveNext());
    }

    private static DateTime Parse(string text) =>
        DateTime.Parse(text, null, System.Globalization.DateTimeStyles.RoundtripKind);

    private static async Task<Stream> ConnectAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private sealed class PingCounter
    {
        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Watches for an answered PING, the frame of 8 bytes with type 6 and the ACK flag.</summary>
    private sealed class PingCountingStream(Stream inner, PingCounter counter) : Stream
    {
        private static readonly byte[] s_pingAnswer = [0, 0, 8, 6, 1, 0, 0, 0, 0];
        private int _pings;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await inner.ReadAsync(buffer, cancellationToken);
            if (buffer.Span[..read].IndexOf(s_pingAnswer) >= 0 && ++_pings == 2)
                counter.Answered.TrySetResult();

            return read;
        }

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();

            base.Dispose(disposing);
        }
    }
}

using Google.Protobuf;
using Grpc.Core.Tests.Protos;
using Grpc.Net.Client;

namespace Grpc.Core.Tests;

public class CallKindTests
{
    public static TheoryData<Wire, int> WiresAndSizes()
    {
        var rows = new TheoryData<Wire, int>();
        foreach (Wire wire in Enum.GetValues<Wire>())
        {
            foreach (int bytes in (int[])[0, 1, 1000, 100_000, 3_000_000])
                rows.Add(wire, bytes);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(WiresAndSizes))]
    public async Task A_unary_call_returns_what_was_sent(Wire wire, int bytes)
    {
        await using TestServer server = await TestServer.StartAsync(wire);
        using GrpcChannel channel = server.Connect();
        ByteString payload = Payload(bytes);

        using AsyncUnaryCall<EchoReply> call =
            new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Payload = payload });
        EchoReply reply = await call;

        Assert.Equal(payload, reply.Payload);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Empty(call.GetTrailers());
    }

    [Theory]
    [MemberData(nameof(WiresAndSizes))]
    public async Task A_client_stream_arrives_whole_and_in_order(Wire wire, int bytes)
    {
        await using TestServer server = await TestServer.StartAsync(wire);
        using GrpcChannel channel = server.Connect();

        using AsyncClientStreamingCall<EchoRequest, EchoReply> call = new Echo.EchoClient(channel).Collect();
        for (byte i = 0; i < 3; i++)
            await call.RequestStream.WriteAsync(
                new EchoRequest { Payload = ByteString.CopyFrom([i, .. new byte[bytes / 3]]) });

        await call.RequestStream.CompleteAsync();
        EchoReply reply = await call;

        Assert.Equal(3u, reply.Number);
        byte[] padding = new byte[bytes / 3];
        Assert.Equal(ByteString.CopyFrom([0, .. padding, 1, .. padding, 2, .. padding]), reply.Payload);
    }

    [Theory]
    [MemberData(nameof(WiresAndSizes))]
    public async Task A_server_stream_arrives_whole_and_in_order(Wire wire, int bytes)
    {
        await using TestServer server = await TestServer.StartAsync(wire);
        using GrpcChannel channel = server.Connect();
        ByteString payload = Payload(bytes);

        using AsyncServerStreamingCall<EchoReply> call =
            new Echo.EchoClient(channel).Repeat(new EchoRequest { Payload = payload, Count = 5 });
        List<EchoReply> replies = [];
        await foreach (EchoReply reply in call.ResponseStream.ReadAllAsync())
            replies.Add(reply);

        Assert.Equal([0u, 1u, 2u, 3u, 4u], replies.Select(reply => reply.Number));
        Assert.All(replies, reply => Assert.Equal(payload, reply.Payload));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Theory]
    [MemberData(nameof(WiresAndSizes))]
    public async Task A_duplex_call_answers_each_message_before_the_next_is_sent(Wire wire, int bytes)
    {
        await using TestServer server = await TestServer.StartAsync(wire);
        using GrpcChannel channel = server.Connect();
        ByteString payload = Payload(bytes);

        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> call = new Echo.EchoClient(channel).Chat();
        for (uint i = 0; i < 3; i++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Payload = payload });
            Assert.True(await call.ResponseStream.MoveNext(default));
            Assert.Equal(payload, call.ResponseStream.Current.Payload);
            Assert.Equal(i, call.ResponseStream.Current.Number);
        }

        await call.RequestStream.CompleteAsync();
        Assert.True(await call.ResponseStream.MoveNext(default));

        // The half-close did not cancel the method: it had one more thing to say.
        Assert.Equal("half-closed", call.ResponseStream.Current.Said);
        Assert.False(await call.ResponseStream.MoveNext(default));
    }

    [Theory]
    [InlineData(Wire.Clear)]
    [InlineData(Wire.Tls)]
    public async Task A_channel_without_a_given_handler_speaks_http2_at_once(Wire wire)
    {
        await using TestServer server = await TestServer.StartAsync(wire);
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address);

        Task<EchoReply> call =
            new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Command = "protocol" }).ResponseAsync;

        // Its own handler trusts the machine's authorities only, so over TLS it refuses our certificate.
        if (wire == Wire.Clear)
            Assert.Equal("HTTP/2", (await call).Said);
        else
            Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);
    }

    private static ByteString Payload(int bytes)
    {
        byte[] content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        return ByteString.CopyFrom(content);
    }
}

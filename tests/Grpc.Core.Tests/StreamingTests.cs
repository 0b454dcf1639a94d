using Google.Protobuf;
using Grpc.Core.Tests.Protos;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Core.Tests;

public class StreamingTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Writes_of_several_tasks_do_not_mix()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        ByteString payload = ByteString.CopyFrom(new byte[20_000]);
        using AsyncServerStreamingCall<EchoReply> call = new Echo.EchoClient(channel).Repeat(
            new EchoRequest { Command = "several writers", Count = 200, Payload = payload });

        List<EchoReply> replies = [];
        await foreach (EchoReply reply in call.ResponseStream.ReadAllAsync())
            replies.Add(reply);

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (uint)i), replies.Select(reply => reply.Number).Order());
        Assert.All(replies, reply => Assert.Equal(payload, reply.Payload));
    }

    [Fact]
    public async Task Requests_of_several_tasks_do_not_mix()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using AsyncClientStreamingCall<EchoRequest, EchoReply> call = new Echo.EchoClient(channel).Collect();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() =>
            call.RequestStream.WriteAsync(new EchoRequest { Payload = ByteString.CopyFrom(new byte[10_000]) }))));
        await call.RequestStream.CompleteAsync();

        EchoReply reply = await call;
        Assert.Equal(100u, reply.Number);
        Assert.Equal(1_000_000, reply.Payload.Length);
    }

    [Fact]
    public async Task A_slow_reader_holds_the_writer_back()
    {
        var written = new CountingService();
        await using TestServer server = await TestServer.StartAsync(
            services: services => services.AddSingleton(written), map: web => web.MapGrpcService<CountingService>());
        using GrpcChannel channel = server.Connect();
        using AsyncServerStreamingCall<EchoReply> call = new Echo.EchoClient(channel).Repeat(new EchoRequest());
        Assert.True(await call.ResponseStream.MoveNext(default));

        // Time enough to write thousands of messages of 100 kB, were it not for the reader who takes none.
        for (int i = 0; i < 300; i++)
            await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest());

        // The largest window of the client is 16 MiB, and there are some buffers.
        Assert.InRange(written.Count, 1, 300);
    }

    [Fact]
    public async Task Both_directions_of_a_call_are_independent()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> call = new Echo.EchoClient(channel).Chat();

        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < 1000; i++)
                await call.RequestStream.WriteAsync(new EchoRequest { Payload = ByteString.CopyFrom(new byte[5000]) });

            await call.RequestStream.CompleteAsync();
        });
        List<uint> numbers = [];
        await foreach (EchoReply reply in call.ResponseStream.ReadAllAsync())
            numbers.Add(reply.Number);

        await writing;
        Assert.Equal(Enumerable.Range(0, 1001).Select(i => (uint)i), numbers);
    }

    [Fact]
    public async Task Headers_can_come_long_before_the_first_message()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> call = new Echo.EchoClient(channel).Chat();
        await call.RequestStream.WriteAsync(new EchoRequest { Command = "headers and wait" });

        Metadata headers = await call.ResponseHeadersAsync.WaitAsync(s_patience);

        Assert.Equal("bird", headers.GetValue("early"));
        Assert.Equal([0xFF], headers.GetValueBytes("early-bin"));
    }

    [Fact]
    public async Task Hinted_writes_wait_for_the_next_that_is_not()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using AsyncClientStreamingCall<EchoRequest, EchoReply> call = new Echo.EchoClient(channel).Collect();
        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        for (int i = 0; i < 10; i++)
            await call.RequestStream.WriteAsync(new EchoRequest { Payload = ByteString.CopyFrom([1]) });

        await call.RequestStream.CompleteAsync();

        Assert.Equal(10u, (await call).Number);
    }

    [Fact]
    public async Task A_method_may_return_while_it_still_reads_and_writes()
    {
        var leaky = new LeakyService();
        await using TestServer server = await TestServer.StartAsync(
            services: services => services.AddSingleton(leaky), map: web => web.MapGrpcService<LeakyService>());
        using GrpcChannel channel = server.Connect();
        var client = new Echo.EchoClient(channel);

        for (int i = 0; i < 50; i++)
        {
            using AsyncDuplexStreamingCall<EchoRequest, EchoReply> call = client.Chat();
            Assert.True(await call.ResponseStream.MoveNext(default));
            Assert.False(await call.ResponseStream.MoveNext(default));
        }

        // Whatever was left behind saw an exception of its own and nothing of another call.
        await Assert.ThrowsAnyAsync<Exception>(() => leaky.Reads[0].WaitAsync(s_patience));
        await Assert.ThrowsAsync<InvalidOperationException>(() => leaky.Writer!.WriteAsync(new EchoReply()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => leaky.Reader!.MoveNext());
    }

    [Fact]
    public async Task A_stream_may_be_larger_than_any_one_body_the_server_would_take()
    {
        await using TestServer server =
            await TestServer.StartAsync(options: options => options.MaxReceiveMessageSize = null);
        using GrpcChannel channel = server.Connect(options => options.MaxReceiveMessageSize = null);
        var client = new Echo.EchoClient(channel);
        ByteString large = ByteString.CopyFrom(new byte[40_000_000]);

        Assert.Equal(large.Length, (await client.UnaryAsync(new EchoRequest { Payload = large })).Payload.Length);
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> call = client.Chat();
        for (int i = 0; i < 50; i++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Payload = ByteString.CopyFrom(new byte[1_000_000]) });
            Assert.True(await call.ResponseStream.MoveNext());
        }
    }

    [Fact]
    public async Task A_marshaller_that_breaks_its_frame_ends_its_own_stream_only()
    {
        await using TestServer server = await TestServer.StartAsync(map: web =>
        {
            web.MapGrpcService<TextService>();
            web.MapGrpcService<EchoService>();
        });
        using GrpcChannel channel = server.Connect();
        CallInvoker invoker = channel.CreateCallInvoker();

        string fine = await invoker.AsyncUnaryCall(TextService.Say, host: null, new CallOptions(), "fine");
        RpcException tooShort = await Assert.ThrowsAsync<RpcException>(async () =>
            await invoker.AsyncUnaryCall(TextService.Say, host: null, new CallOptions(), TextService.Short));
        RpcException never = await Assert.ThrowsAsync<RpcException>(async () =>
            await invoker.AsyncUnaryCall(TextService.Say, host: null, new CallOptions(), TextService.Never));
        EchoReply after = await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Command = "method" });

        Assert.Equal("fine", fine);
        Assert.Equal(StatusCode.Internal, tooShort.StatusCode);    // Reset: half a frame was on its way.
        Assert.Equal(StatusCode.Unknown, never.StatusCode);      // Nothing was; an ordinary answer.
        Assert.Equal("/echo.v1.Echo/Unary", after.Said);
    }

    [Fact]
    public async Task Headers_http_does_not_allow_are_left_out()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using AsyncUnaryCall<EchoReply> call =
            new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Command = "bad trailers" });

        await call;

        Assert.Null(call.GetTrailers().Get("bad"));
        Assert.Equal("riser", call.GetTrailers().GetValue("late"));
    }
}

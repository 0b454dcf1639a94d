using Google.Protobuf;
using Grpc.Core.Tests.Protos;
using Grpc.Net.Client;

namespace Grpc.Core.Tests;

/// <summary>
/// Calls that end before their method does: by a deadline, by the client, by a channel that goes away.
/// </summary>
public class EndingTests
{
    // Long enough for a loaded machine to answer, short enough to wait for when something hangs.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_deadline_cancels_the_method_and_ends_the_call()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();

        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await new Echo.EchoClient(channel).UnaryAsync(
                new EchoRequest { Command = "wait" }, deadline: In(milliseconds: 50)));

        Assert.Equal(StatusCode.DeadlineExceeded, refused.StatusCode);
        await server.Echo.Cancelled.Task.WaitAsync(s_patience);
    }

    [Theory]
    [InlineData(true, StatusCode.DeadlineExceeded)]
    [InlineData(false, StatusCode.Cancelled)]
    public async Task A_call_that_is_over_before_it_begins_costs_no_request(bool isLate, StatusCode expected)
    {
        // Nobody listens there: a request would be UNAVAILABLE.
        using GrpcChannel channel = GrpcChannel.ForAddress("http://127.0.0.1:1");
        var client = new Echo.EchoClient(channel);
        CallOptions options = isLate
            ? new CallOptions(deadline: In(milliseconds: -1))
            : new CallOptions(cancellationToken: new CancellationToken(canceled: true));

        using AsyncServerStreamingCall<EchoReply> repeat = client.Repeat(new EchoRequest(), options);
        using AsyncClientStreamingCall<EchoRequest, EchoReply> collect = client.Collect(options);
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = client.Chat(options);
        Func<Task>[] ends =
        [
            async () => await client.UnaryAsync(new EchoRequest(), options),
            () => repeat.ResponseStream.MoveNext(),
            () => repeat.ResponseHeadersAsync,
            async () => await collect,
            () => collect.RequestStream.WriteAsync(new EchoRequest()),
            () => chat.ResponseStream.MoveNext(),
            () => chat.RequestStream.WriteAsync(new EchoRequest()),
        ];

        foreach (Func<Task> end in ends)
            Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(end).WaitAsync(s_patience)).StatusCode);
    }

    [Fact]
    public async Task The_method_sees_the_deadline_of_the_client()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        DateTime deadline = In(milliseconds: 60_000);

        EchoReply reply = await new Echo.EchoClient(channel).UnaryAsync(
            new EchoRequest { Command = "deadline" }, deadline: deadline);
        EchoReply without = await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Command = "deadline" });

        DateTime seen = DateTime.Parse(reply.Said, null, System.Globalization.DateTimeStyles.RoundtripKind);
        Assert.InRange(seen, deadline, deadline + s_patience);
        Assert.Equal(
            DateTime.MaxValue, DateTime.Parse(without.Said, null, System.Globalization.DateTimeStyles.RoundtripKind));
    }

    [Theory]
    [InlineData("/echo.v1.Echo/Unary")]
    [InlineData("/echo.v1.Echo/Collect")]
    [InlineData("/echo.v1.Echo/Repeat")]
    [InlineData("/echo.v1.Echo/Chat")]
    public async Task A_deadline_is_answered_although_the_method_takes_no_notice(string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(
            path, RawClient.Frame(new EchoRequest { Command = "ignore" }), "grpc-timeout: 50m").WaitAsync(s_patience);
        server.Echo.Released.SetResult();
        RawAnswer after = await client.PostAsync("/echo.v1.Echo/Unary", RawClient.Frame(new EchoRequest()));

        Assert.Contains("grpc-status: 4", answer.Headers);
        Assert.Equal(["grpc-status: 0"], after.Trailers);
    }

    [Fact]
    public async Task A_deadline_after_some_messages_is_answered_behind_them()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using var raw = new RawClient(server);
        var request = new EchoRequest { Command = "wait", Count = 3 };

        RawAnswer answer = await raw.PostAsync("/echo.v1.Echo/Repeat", RawClient.Frame(request), "grpc-timeout: 500m");

        Assert.NotEmpty(answer.Body);
        Assert.Contains("grpc-status: 4", answer.Trailers);
    }

    [Fact]
    public async Task A_deadline_ends_a_stream_whose_reader_has_stopped_reading()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);
        var request = new EchoRequest { Payload = ByteString.CopyFrom(new byte[100_000]), Count = 10_000 };

        using HttpResponseMessage response = await client.SendAsync(
            "/echo.v1.Echo/Repeat", Content(RawClient.Frame(request)), ["grpc-timeout: 300m"]);
        Stream body = await response.Content.ReadAsStreamAsync();
        await server.Echo.Cancelled.Task.WaitAsync(s_patience);

        // What was under way may still be read; then the stream is reset, since nothing fits through for trailers.
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null).WaitAsync(s_patience));
    }

    [Theory]
    [InlineData("token")]
    [InlineData("dispose")]
    public async Task A_client_that_gives_up_cancels_the_method(string how)
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using var giveUp = new CancellationTokenSource();
        AsyncUnaryCall<EchoReply> call = new Echo.EchoClient(channel).UnaryAsync(
            new EchoRequest { Command = "wait" }, cancellationToken: giveUp.Token);
        await server.Echo.Waiting.Task.WaitAsync(s_patience);

        if (how == "token")
            await giveUp.CancelAsync();
        else
            call.Dispose();

        RpcException cancelled = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal(StatusCode.Cancelled, cancelled.StatusCode);
        await server.Echo.Cancelled.Task.WaitAsync(s_patience);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("dispose")]
    [InlineData("channel")]
    [InlineData("read")]
    public async Task A_stream_that_is_given_up_cancels_the_method(string how)
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using var giveUp = new CancellationTokenSource();
        AsyncDuplexStreamingCall<EchoRequest, EchoReply> call = new Echo.EchoClient(channel).Chat(
            cancellationToken: how == "token" ? giveUp.Token : default);
        await call.RequestStream.WriteAsync(new EchoRequest { Command = "wait" });
        await server.Echo.Waiting.Task.WaitAsync(s_patience);

        Task<bool> read = call.ResponseStream.MoveNext(how == "read" ? giveUp.Token : default);
        if (how == "dispose")
            call.Dispose();
        else if (how == "channel")
            channel.Dispose();
        else
            await giveUp.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => read)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new EchoRequest()));
        await server.Echo.Cancelled.Task.WaitAsync(s_patience);
    }

    [Fact]
    public async Task An_idle_stream_is_reset_when_its_token_is_cancelled()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using var giveUp = new CancellationTokenSource();
        using AsyncServerStreamingCall<EchoReply> call = new Echo.EchoClient(channel).Repeat(
            new EchoRequest { Count = 1, Command = "wait" }, cancellationToken: giveUp.Token);
        Assert.True(await call.ResponseStream.MoveNext(default));
        await server.Echo.Waiting.Task.WaitAsync(s_patience);

        // Nobody reads or writes at this moment.
        await giveUp.CancelAsync();

        await server.Echo.Cancelled.Task.WaitAsync(s_patience);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Cancellation_is_thrown_as_such_when_asked_for()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect(options => options.ThrowOperationCanceledOnCancellation = true);
        using var giveUp = new CancellationTokenSource();
        AsyncUnaryCall<EchoReply> call = new Echo.EchoClient(channel).UnaryAsync(
            new EchoRequest { Command = "wait" }, cancellationToken: giveUp.Token);
        await server.Echo.Waiting.Task.WaitAsync(s_patience);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call);
    }

    [Fact]
    public async Task A_server_that_ends_a_stream_early_ends_the_writes_to_it()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> call = new Echo.EchoClient(channel).Chat();
        await call.RequestStream.WriteAsync(new EchoRequest { Command = "refuse" });

        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default));

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Equal("nö: 100%\nnever", refused.Status.Detail);
        Assert.Equal("shut", refused.Trailers.GetValue("reason"));
        Assert.Equal([1, 2, 3, 4], refused.Trailers.GetValueBytes("grpc-status-details-bin"));
        RpcException write =
            await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new EchoRequest()));
        Assert.Equal(StatusCode.FailedPrecondition, write.StatusCode);
    }

    [Fact]
    public async Task Nothing_is_written_after_a_half_close()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using AsyncClientStreamingCall<EchoRequest, EchoReply> call = new Echo.EchoClient(channel).Collect();
        await call.RequestStream.CompleteAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new EchoRequest()));
        Assert.Equal(0u, (await call).Number);
    }

    [Fact]
    public async Task A_call_that_runs_has_no_status_yet()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect();
        using AsyncUnaryCall<EchoReply> call =
            new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Command = "ignore" });
        await server.Echo.Waiting.Task.WaitAsync(s_patience);

        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(() => call.GetTrailers());

        server.Echo.Released.SetResult();
        await call;
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_disposed_channel_takes_no_calls()
    {
        await using TestServer server = await TestServer.StartAsync();
        GrpcChannel channel = server.Connect();
        var client = new Echo.EchoClient(channel);
        channel.Dispose();

        Assert.Throws<ObjectDisposedException>(() => client.UnaryAsync(new EchoRequest()));
    }

    private static DateTime In(int milliseconds) =>
        TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(milliseconds);

    private static ByteArrayContent Content(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        return content;
    }
}

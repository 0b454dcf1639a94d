using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core.Tests.Protos;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.Core.Tests;

/// <summary>What the client makes of servers that answer otherwise than ours does.</summary>
public class ClientFaultTests
{
    [Theory]
    [InlineData(0x0, StatusCode.Internal)]            // NO_ERROR, but without a status.
    [InlineData(0x1, StatusCode.Internal)]            // PROTOCOL_ERROR
    [InlineData(0x2, StatusCode.Internal)]            // INTERNAL_ERROR
    [InlineData(0x3, StatusCode.Internal)]            // FLOW_CONTROL_ERROR
    [InlineData(0x4, StatusCode.Internal)]            // SETTINGS_TIMEOUT
    [InlineData(0x6, StatusCode.Internal)]            // FRAME_SIZE_ERROR
    [InlineData(0x7, StatusCode.Unavailable)]         // REFUSED_STREAM
    [InlineData(0x8, StatusCode.Cancelled)]           // CANCEL
    [InlineData(0x9, StatusCode.Internal)]            // COMPRESSION_ERROR
    [InlineData(0xa, StatusCode.Internal)]            // CONNECT_ERROR
    [InlineData(0xb, StatusCode.ResourceExhausted)]   // ENHANCE_YOUR_CALM
    [InlineData(0xc, StatusCode.PermissionDenied)]    // INADEQUATE_SECURITY
    public async Task A_reset_has_the_status_the_specification_gives_it(int code, StatusCode expected)
    {
        await using TestServer server = await ServeAsync(async http =>
        {
            http.Response.ContentType = "application/grpc";
            if (code != 0x7)
                await http.Response.StartAsync();   // A refused stream has seen nothing of the call.

            http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(code);
        });

        await EveryKindEndsWithAsync(server, expected);
    }

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    [InlineData(200, StatusCode.Unknown)]   // And no content type.
    public async Task An_answer_in_http_alone_has_the_status_the_specification_gives_it(int http, StatusCode expected)
    {
        await using TestServer server = await ServeAsync(context =>
        {
            context.Response.StatusCode = http;
            return Task.CompletedTask;
        });

        await EveryKindEndsWithAsync(server, expected);
    }

    [Fact]
    public async Task A_status_goes_before_what_http_says()
    {
        await using TestServer server = await ServeAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.GrpcStatus = "5";
            return Task.CompletedTask;
        });

        await EveryKindEndsWithAsync(server, StatusCode.NotFound);
    }

    public static TheoryData<string, byte[], string?, StatusCode> BadAnswers()
    {
        byte[] frame = RawClient.Frame(new EchoReply { Said = "hello" });
        return new TheoryData<string, byte[], string?, StatusCode>
        {
            { "no message", [], "0", StatusCode.Internal },
            { "no status", frame, null, StatusCode.Unknown },
            { "a status that is no number", frame, "ok", StatusCode.Unknown },
            { "a status of tomorrow", frame, "77", StatusCode.Unknown },
            { "half a header", frame[..3], "0", StatusCode.Internal },
            { "a frame but for its last byte", frame[..^1], "0", StatusCode.Internal },
            { "two frames", [.. frame, .. frame], "0", StatusCode.Internal },
            { "a flag of 2", [2, .. frame[1..]], "0", StatusCode.Internal },
            { "no protobuf", RawClient.Frame([0xFF, 0xFF]), "0", StatusCode.Internal },
            { "a length of 2001", [0, 0, 0, 7, 209, .. new byte[2001]], "0", StatusCode.ResourceExhausted },
            { "a length of 4 GiB - 1", [0, 255, 255, 255, 255], "0", StatusCode.ResourceExhausted },
            { "compressed without an encoding", RawClient.Frame([1, 2], flag: 1), "0", StatusCode.Internal },
            { "a message and a refusal", frame, "9", StatusCode.FailedPrecondition },
        };
    }

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task An_answer_that_is_none_is_an_error(string what, byte[] body, string? status, StatusCode expected)
    {
        await using TestServer server = await ServeAsync(context => AnswerAsync(context, body, status));
        using GrpcChannel channel = server.Connect(options => options.MaxReceiveMessageSize = 2000);

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
            await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()));

        Assert.True(expected == error.StatusCode, $"{what}: {error.Status}");
    }

    [Fact]
    public async Task A_compressed_answer_is_read()
    {
        byte[] message = new EchoReply { Said = "hello" }.ToByteArray();
        await using TestServer server = await ServeAsync(context =>
        {
            context.Response.Headers.GrpcEncoding = "gzip";
            return AnswerAsync(context, RawClient.Frame(RawClient.Gzip(message), flag: 1), "0");
        });
        using GrpcChannel channel = server.Connect();

        Assert.Equal("hello", (await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest())).Said);
    }

    [Fact]
    public async Task Answers_that_come_byte_by_byte_are_put_together()
    {
        byte[] frame = RawClient.Frame(new EchoReply { Said = "hello" });
        await using TestServer server = await ServeAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            foreach (byte b in (byte[])[.. frame, .. frame])
                await context.Response.Body.WriteAsync(new[] { b });

            context.Response.AppendTrailer("grpc-status", "0");
        });
        using GrpcChannel channel = server.Connect();
        using AsyncServerStreamingCall<EchoReply> call = new Echo.EchoClient(channel).Repeat(new EchoRequest());

        List<EchoReply> replies = [];
        await foreach (EchoReply reply in call.ResponseStream.ReadAllAsync())
            replies.Add(reply);

        Assert.Equal(["hello", "hello"], replies.Select(reply => reply.Said));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        using GrpcChannel channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");

        await EveryKindEndsWithAsync(new Echo.EchoClient(channel), StatusCode.Unavailable);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_unavailable()
    {
        await using TestServer server = await ServeAsync(context =>
        {
            context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
            return Task.CompletedTask;
        });

        await EveryKindEndsWithAsync(server, StatusCode.Unavailable);
    }

    [Fact]
    public async Task A_request_above_the_limit_is_not_sent()
    {
        await using TestServer server = await TestServer.StartAsync();
        using GrpcChannel channel = server.Connect(options => options.MaxSendMessageSize = 1000);
        var large = new EchoRequest { Payload = ByteString.CopyFrom(new byte[1001]) };
        var client = new Echo.EchoClient(channel);

        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = client.Chat();

        RpcException unary = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(large));
        RpcException duplex = await Assert.ThrowsAsync<RpcException>(() => chat.RequestStream.WriteAsync(large));

        Assert.Equal(StatusCode.ResourceExhausted, unary.StatusCode);
        Assert.Equal(StatusCode.ResourceExhausted, duplex.StatusCode);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("/path")]
    public void An_address_is_http_or_https(string address) =>
        Assert.ThrowsAny<ArgumentException>(() => GrpcChannel.ForAddress(new Uri(address, UriKind.RelativeOrAbsolute)));

    [Fact]
    public void Credentials_must_fit_the_address()
    {
        Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress(
            "http://127.0.0.1", new GrpcChannelOptions { Credentials = ChannelCredentials.SecureSsl }));
        Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress(
            "https://127.0.0.1", new GrpcChannelOptions { Credentials = ChannelCredentials.Insecure }));
    }

    private static Task<TestServer> ServeAsync(RequestDelegate answer) =>
        TestServer.StartAsync(map: web => web.MapPost("/echo.v1.Echo/{method}", answer));

    private static async Task AnswerAsync(HttpContext context, byte[] body, string? status)
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(body);
        await context.Response.Body.FlushAsync();
        if (status is not null)
            context.Response.AppendTrailer("grpc-status", status);
    }

    private static async Task EveryKindEndsWithAsync(TestServer server, StatusCode expected)
    {
        using GrpcChannel channel = server.Connect();
        await EveryKindEndsWithAsync(new Echo.EchoClient(channel), expected);
    }

    private static async Task EveryKindEndsWithAsync(Echo.EchoClient client, StatusCode expected)
    {
        RpcException unary =
            await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(new EchoRequest()));
        using AsyncServerStreamingCall<EchoReply> repeat = client.Repeat(new EchoRequest());
        RpcException serverStream =
            await Assert.ThrowsAsync<RpcException>(() => repeat.ResponseStream.MoveNext(default));
        using AsyncClientStreamingCall<EchoRequest, EchoReply> collect = client.Collect();
        RpcException clientStream = await Assert.ThrowsAsync<RpcException>(async () => await collect);
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = client.Chat();
        RpcException duplex = await Assert.ThrowsAsync<RpcException>(() => chat.ResponseStream.MoveNext(default));

        Assert.All([unary, serverStream, clientStream, duplex], error =>
            Assert.True(expected == error.StatusCode, error.Status.ToString()));
    }
}

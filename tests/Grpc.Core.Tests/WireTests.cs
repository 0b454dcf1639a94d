using Google.Protobuf;
using Grpc.Core.Tests.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Grpc.Core.Tests;

/// <summary>The server's bytes, headers and trailers as a foreign client sees them.</summary>
public class WireTests
{
    private const string Unary = "/echo.v1.Echo/Unary";

    [Fact]
    public async Task A_unary_answer_is_one_frame_and_a_status_in_the_trailers()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(Request("abc")), "te: trailers");

        Assert.Equal(200, answer.Http);
        Assert.Equal(["content-type: application/grpc", "server: Kestrel"], answer.Headers);
        Assert.Equal([0, 0, 0, 0, 5, (1 << 3) | 2, 3, (byte)'a', (byte)'b', (byte)'c'], answer.Body);
        Assert.Equal(["grpc-status: 0"], answer.Trailers);
    }

    [Fact]
    public async Task Trailers_of_the_method_stand_beside_the_status()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(Request("", command: "trailers")));

        Assert.Equal(["grpc-status: 0", "late-bin: /v0", "late: riser"], answer.Trailers);
    }

    [Fact]
    public async Task A_refusal_before_any_message_is_headers_alone()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(Request("", command: "refuse")));

        Assert.Equal(
            [
                "content-type: application/grpc",
                "grpc-message: n%C3%B6: 100%25%0Anever",
                "grpc-status-details-bin: AQIDBA",
                "grpc-status: 9",
                "reason: shut",
                "server: Kestrel",
            ],
            answer.Headers.Where(line => !line.StartsWith("content-length", StringComparison.Ordinal)));
        Assert.Empty(answer.Body);
        Assert.Empty(answer.Trailers);
    }

    [Fact]
    public async Task A_refusal_after_a_message_is_in_the_trailers()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);
        EchoRequest request = Request("a", command: "refuse");
        request.Count = 1;

        RawAnswer answer = await client.PostAsync("/echo.v1.Echo/Repeat", RawClient.Frame(request));

        Assert.Equal([0, 0, 0, 0, 3, (1 << 3) | 2, 1, (byte)'a'], answer.Body);
        Assert.Equal(
            [
                "grpc-message: n%C3%B6: 100%25%0Anever",
                "grpc-status-details-bin: AQIDBA",
                "grpc-status: 9",
                "reason: shut",
            ],
            answer.Trailers);
    }

    [Theory]
    [InlineData("status", "grpc-status: 15", "grpc-message: as set")]
    [InlineData("throw", "grpc-status: 2", "grpc-message: Exception was thrown by handler.")] // Not a word of "secret".
    public async Task A_status_other_than_ok_has_no_message(string command, string status, string message)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(Request("abc", command)));

        Assert.Contains(status, answer.Headers);
        Assert.Contains(message, answer.Headers);
        Assert.Empty(answer.Body);
    }

    [Fact]
    public async Task Detailed_errors_show_the_exception_when_asked_for()
    {
        await using TestServer server =
            await TestServer.StartAsync(options: options => options.EnableDetailedErrors = true);
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(Request("", command: "throw")));

        Assert.Contains(
            "grpc-message: Exception was thrown by handler. InvalidOperationException: secret", answer.Headers);
    }

    [Theory]
    [InlineData("/echo.v1.Echo/Nothing", "grpc-message: Method is unimplemented.")]
    [InlineData("/echo.v2.Echo/Unary", "grpc-message: Service is unimplemented.")]
    public async Task A_method_nobody_has_is_unimplemented(string path, string message)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(path, RawClient.Frame(Request("")));

        Assert.Equal(200, answer.Http);
        Assert.Contains("grpc-status: 12", answer.Headers);
        Assert.Contains(message, answer.Headers);
    }

    [Theory]
    [InlineData("application/grpc", 200)]
    [InlineData("application/grpc+proto", 200)]
    [InlineData("application/grpc; charset=utf-8", 200)]
    [InlineData("application/grpc-web", 415)]   // Another protocol, whose name only begins alike.
    [InlineData("application/json", 415)]
    public async Task Only_grpc_content_is_answered(string contentType, int http)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server) { ContentType = contentType };

        Assert.Equal(http, (await client.PostAsync(Unary, RawClient.Frame(Request("")))).Http);
    }

    [Fact]
    public async Task Other_requests_than_grpc_are_left_to_other_routes()
    {
        await using TestServer server = await TestServer.StartAsync(map: web =>
        {
            web.MapGrpcService<EchoService>();
            web.MapPost("/{version}/blocks", (RequestDelegate)(http => http.Response.WriteAsync("rest")));
        });
        using var client = new RawClient(server) { ContentType = "application/json" };

        Assert.Equal("rest"u8.ToArray(), (await client.PostAsync("/v1/blocks", [])).Body);
        Assert.Equal(404, (await client.PostAsync("/v1/unknown", [])).Http);
    }

    [Fact]
    public async Task Http1_is_told_to_upgrade()
    {
        await using TestServer server = await TestServer.StartAsync(protocols: HttpProtocols.Http1);
        using var client = new RawClient(server) { Version = new Version(1, 1) };

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(Request("")));

        Assert.Equal(426, answer.Http);
        Assert.Contains("upgrade: h2", answer.Headers);
    }

    [Theory]
    [InlineData("identity", 0, false, "grpc-status: 0")]
    [InlineData("gzip", 1, true, "grpc-status: 0")]
    [InlineData("gzip", 0, false, "grpc-status: 0")]      // An encoding may be declared and not used.
    [InlineData("gzip", 1, false, "grpc-status: 13")]     // Flagged, but no gzip.
    [InlineData("identity", 1, true, "grpc-status: 13")]  // Flagged without an encoding.
    [InlineData("snappy", 0, false, "grpc-status: 12")]
    public async Task Compression_is_read_as_declared(string encoding, byte flag, bool isCompressed, string status)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);
        byte[] message = Request("abc").ToByteArray();

        RawAnswer answer = await client.PostAsync(
            Unary,
            RawClient.Frame(isCompressed ? RawClient.Gzip(message) : message, flag),
            $"grpc-encoding: {encoding}");

        Assert.Contains(status, answer.Headers.Concat(answer.Trailers));
        if (encoding == "snappy")
            Assert.Contains("grpc-accept-encoding: identity,gzip", answer.Headers);
    }

    [Fact]
    public async Task A_message_that_swells_beyond_the_limit_is_refused()
    {
        await using TestServer server =
            await TestServer.StartAsync(options: options => options.MaxReceiveMessageSize = 50_000);
        using var client = new RawClient(server);
        byte[] bomb = RawClient.Gzip(new byte[20_000_000]);
        Assert.InRange(bomb.Length, 0, 49_999);

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(bomb, flag: 1), "grpc-encoding: gzip");

        Assert.Contains("grpc-status: 8", answer.Headers);
        Assert.Contains(
            answer.Headers, line => line.Contains("more than the limit of 50000 bytes", StringComparison.Ordinal));
    }

    public static TheoryData<string, byte[], string> BadBodies()
    {
        byte[] frame = RawClient.Frame(Request("abc"));
        return new TheoryData<string, byte[], string>
        {
            { "nothing", [], "grpc-status: 13" },
            { "half a header", frame[..3], "grpc-status: 13" },
            { "a header alone", frame[..5], "grpc-status: 13" },
            { "a frame but for its last byte", frame[..^1], "grpc-status: 13" },
            { "two frames", [.. frame, .. frame], "grpc-status: 13" },
            { "a flag of 2", [2, .. frame[1..]], "grpc-status: 13" },
            { "no protobuf", RawClient.Frame([0xFF, 0xFF, 0xFF]), "grpc-status: 13" },
            { "a length of 1001", [0, 0, 0, 3, 233, .. new byte[1001]], "grpc-status: 8" },
            { "a length of 4 GiB - 1", [0, 255, 255, 255, 255], "grpc-status: 8" },
        };
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_body_that_is_no_message_ends_its_call_only(string what, byte[] body, string status)
    {
        await using TestServer server =
            await TestServer.StartAsync(options: options => options.MaxReceiveMessageSize = 1000);
        using var client = new RawClient(server);

        RawAnswer unary = await client.PostAsync(Unary, body);
        RawAnswer after = await client.PostAsync(Unary, RawClient.Frame(Request("abc")));

        Assert.True(unary.Headers.Contains(status), $"{what}: {string.Join(", ", unary.Headers)}");
        Assert.Equal(["grpc-status: 0"], after.Trailers);
    }

    [Fact]
    public async Task A_message_above_the_limit_is_told_its_size_and_the_limit()
    {
        await using TestServer server =
            await TestServer.StartAsync(options: options => options.MaxReceiveMessageSize = 1000);
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(new byte[1001]));

        Assert.Contains(
            "grpc-message: A message of 1001 bytes was received, the limit is 1000 bytes: "
            + "send less or raise MaxReceiveMessageSize.",
            answer.Headers);
    }

    [Fact]
    public async Task A_response_above_the_limit_is_not_sent()
    {
        await using TestServer server =
            await TestServer.StartAsync(options: options => options.MaxSendMessageSize = 100);
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(Request(new string('x', 200))));

        Assert.Contains("grpc-status: 8", answer.Headers);
        Assert.Empty(answer.Body);
    }

    [Theory]
    [InlineData("asked-bin: 3q0", "DEAD")]
    [InlineData("asked-bin: 3q0=", "DEAD")]
    [InlineData("asked-bin: 3q0,vu8=", "BEEF")]   // Two values on one line; the last one counts.
    [InlineData("asked-bin: ***", "")]            // No base64: not shown to the method.
    public async Task Binary_headers_are_read_padded_or_not(string header, string expected)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(Request("", command: "binary")), header);

        Assert.Equal(expected, EchoReply.Parser.ParseFrom(answer.Body.AsSpan(5).ToArray()).Said);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("S")]
    [InlineData("1s")]
    [InlineData("-1S")]
    [InlineData("123456789S")]
    public async Task A_timeout_that_is_none_is_refused(string timeout)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);

        RawAnswer answer = await client.PostAsync(Unary, RawClient.Frame(Request("")), $"grpc-timeout: {timeout}");

        Assert.Contains("grpc-status: 13", answer.Headers);
    }

    private static EchoRequest Request(string payload, string command = "") =>
        new() { Payload = ByteString.CopyFromUtf8(payload), Command = command };
}

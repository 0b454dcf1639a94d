using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Node.Ca.Answering;
using Node.Ca.Tests.Building;

namespace Node.Ca.Tests;

/// <summary>Input that is meant to hurt: each ends in an answer, and the server goes on.</summary>
public class HostileTests(SharedCa shared) : IClassFixture<SharedCa>
{
    public static TheoryData<string, string> Bodies => new()
    {
        { "deep", new string('[', 5000) + new string(']', 5000) },
        { "deep object", string.Concat(Enumerable.Repeat("{\"a\":", 2000)) + "1" + new string('}', 2000) },
        { "many members", "{" + string.Join(',', Enumerable.Range(0, 4000).Select(i => $"\"m{i}\":1")) + "}" },
        { "long name", "{\"" + new string('a', 60_000) + "\": 1}" },
        { "long id", $$"""{"id": "{{new string('a', 60_000)}}"}""" },
        { "long affiliation", $$"""{"id": "u", "affiliation": "{{new string('a', 60_000)}}"}""" },
        { "many attributes", AttributeList(2000) },
        { "big attribute", $$"""{"id": "u", "attrs": [{"name": "a", "value": "{{new string('v', 60_000)}}"}]}""" },
        { "no UTF-8", "{\"id\": \"\uffff\ud83d\"}" },
        { "comment", "{/* */}" },
        { "trailing", "{} {}" },
        { "control characters", "{\"id\": \"\u0001\"}" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_hostile_body_is_refused(string what, string body)
    {
        foreach (string endpoint in (string[])["register", "identities", "revoke", "affiliations", "reenroll"])
        {
            Answer answer = await shared.Registrar.PostAsync(endpoint, body);
            Assert.True((int)answer.Status is >= 400 and < 500, $"{what} at {endpoint}: {answer.Brief}");
        }

        Assert.Equal("200", (await shared.Ca.GetAsync("/cainfo")).Brief);
    }

    // The client keeps to itself what it has announced, so that the answer is there before the connection ends.
    [Theory]
    [InlineData(64 << 10, 64 << 10, "400")]
    [InlineData((64 << 10) + 1, 0, "413")]
    [InlineData(int.MaxValue, 0, "413")]
    public async Task A_body_has_a_limit(int announced, int sent, string status)
    {
        using RawClient client = await RawAsync();
        string answer = await client.SendAsync(
            $"POST /enroll HTTP/1.1\r\nHost: x\r\nAuthorization: {TestCa.Basic("u", "secret")}\r\n" +
            $"Connection: close\r\nContent-Length: {announced}\r\n\r\n{new string('x', sent)}");
        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_a_length_has_the_same_limit()
    {
        const int Bytes = (64 << 10) + 1;
        using RawClient client = await RawAsync();
        string answer = await client.SendAsync(
            "POST /enroll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
            $"{Bytes:x}\r\n{new string('x', Bytes)}\r\n");
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/identities/%00")]
    [InlineData("/api/v1/identities/%ff%fe")]
    [InlineData("/api/v1/identities/..%2f..%2fetc")]
    [InlineData("/api/v1/identities/%2e%2e")]
    [InlineData("/api/v1/affiliations/%00")]
    [InlineData("/api/v1/affiliations/%F0%9F%92%A9")]
    [InlineData("//////")]
    [InlineData("/api/v1")]
    [InlineData("/api/v1/cainfo/../identities")]
    [InlineData("/api/v2/cainfo")]
    [InlineData("/?ca=%00%00")]
    public async Task A_strange_path_is_refused(string target)
    {
        string token = shared.Registrar.TokenOf("GET", target, "");
        using RawClient client = await RawAsync();
        string answer = await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n" +
            "Connection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 4", answer);
    }

    [Theory]
    [InlineData("GET /cainfo HTTP/1.1\r\n\r\n", "400")]                                       // No host.
    [InlineData("NONSENSE\r\n\r\n", "400")]
    [InlineData("GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405")]
    [InlineData("POST /enroll HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData("HEAD /cainfo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "200")]
    public async Task A_strange_request_gets_an_answer(string text, string status)
    {
        using RawClient client = await RawAsync();
        string answer = await client.SendAsync(text);
        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        if (text.StartsWith("HEAD", StringComparison.Ordinal))
            Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_beyond_the_limit_is_refused()
    {
        using RawClient client = await RawAsync();
        string answer = await client.SendAsync(
            $"GET /cainfo?{new string('a', 5000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
    }

    // Bytes drawn from a fixed sequence, put where an authorization header's parts go.
    [Fact]
    public async Task Random_tokens_let_nobody_in()
    {
        uint dice = 20190527;
        for (int i = 0; i < 200; i++)
        {
            string token = shared.Registrar.TokenOf("GET", "/api/v1/identities", "");
            char[] chars = token.ToCharArray();
            dice = unchecked(dice * 1664525 + 1013904223);
            int at = (int)(dice % (uint)chars.Length);
            dice = unchecked(dice * 1664525 + 1013904223);
            chars[at] = (char)('!' + dice % 90);
            string changed = new(chars);
            if (changed == token)
                continue;

            Answer answer = await shared.Ca.SendAsync(HttpMethod.Get, "/api/v1/identities", null, null, changed);
            Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{at}: {chars[at]} {answer.Brief}");
        }
    }

    [Theory]
    [InlineData("", "none")]
    [InlineData("0001-01-01T00:00:00Z", "none")]
    [InlineData("now", "2026-11-20T12:00:00")]
    [InlineData("-1d", "2026-11-19T12:00:00")]
    [InlineData("+2h", "2026-11-20T14:00:00")]
    [InlineData("2026-01-02T03:04:05Z", "2026-01-02T03:04:05")]
    [InlineData("2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05")]
    [InlineData("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05")]
    [InlineData("-", "fault")]
    [InlineData("+d", "fault")]
    [InlineData("+1", "fault")]
    [InlineData("+1y", "fault")]
    [InlineData("-999999999d", "fault")]
    [InlineData("+9999999999999d", "fault")]
    [InlineData("yesterday", "fault")]
    [InlineData("1", "fault")]
    public void Times_are_read(string text, string expected)
    {
        string found = TimeText.TryParse(text, TestCa.Epoch, out DateTimeOffset? time)
            ? time?.ToString("yyyy-MM-dd'T'HH:mm:ss") ?? "none"
            : "fault";
        Assert.Equal(expected, found);
    }

    private static string AttributeList(int count) =>
        "{\"id\": \"u\", \"attrs\": [" +
        string.Join(',', Enumerable.Range(0, count).Select(i => $"{{\"name\": \"a{i}\"}}")) + "]}";

    private async Task<RawClient> RawAsync()
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, shared.Ca.Port);
        var tls = new SslStream(
            tcp.GetStream(), leaveInnerStreamOpen: false, (_, shown, _, _) => shared.Ca.IsOwn(shown));
        await tls.AuthenticateAsClientAsync("localhost");
        return new RawClient(tcp, tls);
    }

    private sealed class RawClient(TcpClient tcp, SslStream tls) : IDisposable
    {
        public async Task<string> SendAsync(string text)
        {
            await tls.WriteAsync(Encoding.ASCII.GetBytes(text));
            using var answer = new MemoryStream();
            await tls.CopyToAsync(answer);
            return Encoding.UTF8.GetString(answer.ToArray());
        }

        public void Dispose()
        {
            tls.Dispose();
            tcp.Dispose();
        }
    }
}

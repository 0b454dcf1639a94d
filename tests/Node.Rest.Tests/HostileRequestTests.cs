using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Node.Rest.Problems;

namespace Node.Rest.Tests;

/// <summary>What comes from outside is refused with a problem, or by the web server, and never harms.</summary>
public sealed class HostileRequestTests : IAsyncLifetime
{
    private RestServerFixture? _server;
    private HttpClient? _client;

    private RestServerFixture Server => _server ?? throw new InvalidOperationException("not started");

    private HttpClient Client => _client ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _server = await RestServerFixture.StartAsync(
            isSecure: false, options => options with { UploadBytesMax = 1 << 20 });
        _client = _server.ClientOf("Org1MSP", "User1");
    }

    public async Task DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, "no-route")]
    [InlineData("GET", "/api/v1/records/a/b/c", 404, "no-route")]                       // Slashes not encoded.
    [InlineData("DELETE", "/api/v1/records/a", 405, "method-not-allowed")]
    [InlineData("GET", "/api/v1/records?limits=1", 400, "unknown-parameter")]
    [InlineData("GET", "/api/v1/records?Limit=1", 400, "unknown-parameter")]
    [InlineData("GET", "/api/v1/records?limit=0", 400, "invalid-parameter")]
    [InlineData("GET", "/api/v1/records?limit=1001", 400, "invalid-parameter")]
    [InlineData("GET", "/api/v1/records?limit=1e2", 400, "invalid-parameter")]
    [InlineData("GET", "/api/v1/records?limit=1&limit=2", 400, "invalid-parameter")]
    [InlineData("GET", "/api/v1/records?prefix=a&start=b", 400, "invalid-parameter")]
    [InlineData("GET", "/api/v1/records/a/versions?order=sideways", 400, "invalid-parameter")]
    [InlineData("GET", "/api/v1/records/%ff", 400, "invalid-parameter")]
    [InlineData("GET", "/api/v1/versions/ABC", 400, "invalid-parameter")]
    [InlineData("GET", "/api/v1/transactions/1", 400, "invalid-parameter")]
    [InlineData("GET", "/api/v1/blocks/-1", 400, "invalid-parameter")]
    [InlineData("GET", "/get", 400, "invalid-parameter")]                               // No key anywhere.
    [InlineData("POST", "/set", 400, "invalid-parameter")]
    [InlineData("POST", "/api/v1/records", 415, "unsupported-media-type")]
    [InlineData("POST", "/api/v1/contents", 415, "unsupported-media-type")]
    [InlineData("GET", "/api/v1/records/a", 503, "peer-unreachable")]                   // Well formed.
    [InlineData("GET", "/get?key=a", 503, "peer-unreachable")]
    public async Task A_problem_says_what_is_wrong(string method, string target, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);

        using HttpResponseMessage response = await Client.SendAsync(request);

        await ProblemAssert.IsAsync(response, (HttpStatusCode)status, code);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("null", "null")]
    [InlineData("[]", "array for an object")]
    [InlineData("{\"key\":\"a\"}", "without the hash")]
    [InlineData("{\"key\":\"a\",\"hash\":\"h\",\"hash\":\"i\"}", "twice")]
    [InlineData("{\"key\":\"a\",\"hash\":\"h\",\"colour\":1}", "unknown")]
    [InlineData("{\"key\":\"a\",\"hash\":\"h\",}", "trailing comma")]
    [InlineData("{\"key\":\"a\",\"hash\":\"h\"/* */}", "comment")]
    [InlineData("{\"key\":\"a\",\"hash\":1}", "wrong type")]
    [InlineData("{\"key\":\"a\",\"hash\":null}", "null where text is needed")]
    [InlineData("{\"Key\":\"a\",\"hash\":\"h\"}", "wrong case")]
    [InlineData("{\"key\":\"\\ud800\",\"hash\":\"h\"}", "lone surrogate")]
    [InlineData("{\"key\":\"a\",\"hash\":\"h\"} {}", "more than one value")]
    public async Task Json_is_read_strictly(string body, string why)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using HttpResponseMessage response = await Client.PostAsync("/api/v1/records", content);

        JsonElement problem = await ProblemAssert.IsAsync(response, HttpStatusCode.BadRequest, "invalid-body");
        Assert.DoesNotContain("Node.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.NotNull(why);
    }

    [Fact]
    public async Task Json_that_nests_too_deeply_is_refused()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 10_000));
        using var content = new StringContent(deep, Encoding.UTF8, "application/json");

        using HttpResponseMessage response = await Client.PostAsync("/api/v1/batches", content);

        await ProblemAssert.IsAsync(response, HttpStatusCode.BadRequest, "invalid-body");
    }

    [Theory]
    [InlineData("/api/v1/records", "application/json", RestLimits.JsonBytesMax + 1)]
    [InlineData("/set", "application/json", RestLimits.JsonBytesMax + 1)]
    [InlineData("/sendfile?arguments=a", "application/octet-stream", (1 << 20) + 1)]
    public async Task A_body_over_its_limit_is_refused_whether_announced_or_not(string path, string type, int bytes)
    {
        foreach (bool isChunked in (bool[])[false, true])
        {
            using var content = new ByteArrayContent(new byte[bytes]);
            content.Headers.ContentType = new(type);
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
            request.Headers.TransferEncodingChunked = isChunked;

            using HttpResponseMessage response = await Client.SendAsync(request);

            await ProblemAssert.IsAsync(response, HttpStatusCode.RequestEntityTooLarge, "too-large");
        }

        Assert.False(Directory.Exists(Path.Combine(Server.StoreFolder, "sha256")));
    }

    [Fact]
    public async Task A_body_where_none_belongs_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/channel")
        {
            Content = new StringContent("surprise"),
        };

        using HttpResponseMessage response = await Client.SendAsync(request);

        await ProblemAssert.IsAsync(response, HttpStatusCode.RequestEntityTooLarge, "too-large");
    }

    [Theory]
    [InlineData("sha-256=:AAAA:")]
    [InlineData("sha-256=:nonsense:")]
    public async Task A_digest_that_is_none_is_refused(string digest)
    {
        using var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.TryAddWithoutValidation("Content-Digest", digest);

        using HttpResponseMessage response = await Client.PutAsync("/api/v1/records/a/content", content);

        await ProblemAssert.IsAsync(response, HttpStatusCode.BadRequest, "invalid-parameter");
    }

    [Fact]
    public async Task Content_with_another_digest_than_announced_stays_out_of_the_store()
    {
        using var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.TryAddWithoutValidation(
            "Content-Digest", $"sha-256=:{Convert.ToBase64String(new byte[32])}:");

        using HttpResponseMessage response = await Client.PutAsync("/api/v1/records/a/content", content);

        await ProblemAssert.IsAsync(response, HttpStatusCode.BadRequest, "digest-mismatch");
        Assert.Empty(StoredFiles());
    }

    [Fact]
    public async Task A_form_with_a_second_file_stays_out_of_the_store()
    {
        using var form = new MultipartFormDataContent();
        form.Add(new StringContent("a"), "key");
        form.Add(new ByteArrayContent([1]), "file", "one");
        form.Add(new ByteArrayContent([2]), "file", "two");

        using HttpResponseMessage response = await Client.PostAsync("/api/v1/contents", form);

        await ProblemAssert.IsAsync(response, HttpStatusCode.BadRequest, "invalid-body");
        Assert.Empty(StoredFiles());
    }

    [Theory]
    [InlineData("file", "key")]        // The file before its key.
    [InlineData("colour", "file")]     // A field that nobody knows.
    [InlineData("key", "")]            // No file.
    [InlineData("key", "key", "file")] // A field twice.
    public async Task A_form_that_is_not_as_asked_for_is_refused(params string[] parts)
    {
        using var form = new MultipartFormDataContent();
        foreach (string part in parts.Where(part => part.Length > 0))
        {
            if (part == "file")
                form.Add(new ByteArrayContent([1]), part, "name");
            else
                form.Add(new StringContent("a"), part);
        }

        using HttpResponseMessage response = await Client.PostAsync("/api/v1/contents", form);

        await ProblemAssert.IsAsync(response, HttpStatusCode.BadRequest, "invalid-body");
    }

    // The server answers these itself, before there is a request to speak of.
    [Theory]
    [InlineData("GET /api/v1/records/a%00b HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    [InlineData("GET /api/v1/records/a b HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]                                    // No host.
    [InlineData("NONSENSE\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", "400")]
    [InlineData("GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "404")]
    [InlineData("GET /api/v1/x/../caller HTTP/1.1\r\nHost: a\r\n\r\n", "401")]      // Removed before all else.
    public async Task What_is_hardly_http_gets_a_status_and_no_more(string request, string status) =>
        Assert.StartsWith($"HTTP/1.1 {status}", await SendRawAsync(request), StringComparison.Ordinal);

    [Fact]
    public async Task Headers_and_targets_have_limits()
    {
        string header = new('x', RestLimits.HeaderBytesMax);
        string target = new('x', RestLimits.RequestLineBytesMax);
        var many = new StringBuilder("GET / HTTP/1.1\r\nHost: a\r\n");
        for (int index = 0; index <= RestLimits.HeadersMax; index++)
            many.Append(CultureInfo.InvariantCulture, $"X-{index}: y\r\n");

        Assert.StartsWith(
            "HTTP/1.1 431", await SendRawAsync($"GET / HTTP/1.1\r\nHost: a\r\nX: {header}\r\n\r\n"),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "HTTP/1.1 414", await SendRawAsync($"GET /{target} HTTP/1.1\r\nHost: a\r\n\r\n"),
            StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", await SendRawAsync(many + "\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_that_is_cut_leaves_nothing_in_the_store()
    {
        string key = Server.Keys.Create(new Identities.IdentityName("Org1MSP", "User1"), "").Text;
        using (var client = new TcpClient())
        {
            var address = new Uri(Server.Address);
            await client.ConnectAsync(address.Host, address.Port);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"PUT /api/v1/records/a/content HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n"
                + "Content-Length: 500000\r\n\r\n"));
            await stream.WriteAsync(new byte[250_000]);
            await UntilMetricsAsync(metrics => !metrics.Contains("uploaded_bytes_total 0\n", StringComparison.Ordinal));
            client.LingerState = new LingerOption(true, 0);   // Cut, not closed.
        }

        await UntilMetricsAsync(metrics => metrics.Contains("operation=\"putContent\"", StringComparison.Ordinal));
        Assert.Empty(StoredFiles());
    }

    [Fact]
    public async Task A_caller_over_its_rate_is_told_when_to_come_again()
    {
        await using RestServerFixture slow = await RestServerFixture.StartAsync(
            isSecure: false, options => options with { RequestsPerSecond = 1 });
        using HttpClient one = slow.ClientOf("Org1MSP", "User1");
        using HttpClient other = slow.ClientOf("Org2MSP", "User1");
        (await one.GetAsync("/api/v1/caller")).EnsureSuccessStatusCode().Dispose();

        using HttpResponseMessage refused = await one.GetAsync("/api/v1/caller");
        using HttpResponseMessage unaffected = await other.GetAsync("/api/v1/caller");

        await ProblemAssert.IsAsync(refused, HttpStatusCode.TooManyRequests, "rate-limited");
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.True(unaffected.IsSuccessStatusCode);
    }

    [Fact]
    public void Every_status_of_a_problem_is_one_of_an_error() =>
        Assert.All(ProblemKind.All, kind => Assert.InRange(kind.Status, 400, 599));

    private async Task UntilMetricsAsync(Func<string, bool> isThere)
    {
        using HttpClient observer = Server.AnonymousClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (!isThere(await observer.GetStringAsync("/metrics", limit.Token)))
            await timer.WaitForNextTickAsync(limit.Token);
    }

    private IEnumerable<string> StoredFiles() => Directory.Exists(Server.StoreFolder)
        ? Directory.EnumerateFiles(Server.StoreFolder, "*", SearchOption.AllDirectories)
        : [];

    private async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        var address = new Uri(Server.Address);
        await client.ConnectAsync(address.Host, address.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var answer = new byte[64];
        int read = await stream.ReadAtLeastAsync(answer, 12, throwOnEndOfStream: false, limit.Token);
        return Encoding.ASCII.GetString(answer, 0, read);
    }
}

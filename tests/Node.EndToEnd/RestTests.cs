using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Node.EndToEnd;

/// <summary>One network with a REST server, for all tests of the class.</summary>
public sealed class RestNetwork : IAsyncLifetime
{
    private RunningNetwork? _network;
    private RestProcess? _rest;

    public RunningNetwork Network => _network ?? throw new InvalidOperationException("not started");

    internal RestProcess Rest => _rest ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _network = await RunningNetwork.StartAsync();
        _rest = await RestProcess.StartAsync(_network);
    }

    public async Task DisposeAsync()
    {
        if (_rest is not null)
            await _rest.DisposeAsync();
        if (_network is not null)
            await _network.DisposeAsync();
    }
}

/// <summary>The REST API over a network of real processes. Each story has its own keys.</summary>
public sealed partial class RestTests(RestNetwork running) : IClassFixture<RestNetwork>, IAsyncLifetime
{
    private HttpClient? _client;

    private RunningNetwork Network => running.Network;

    private RestProcess Rest => running.Rest;

    private HttpClient Client => _client ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync() => _client = await Rest.ClientOfAsync("org1", "User1");

    public Task DisposeAsync()
    {
        _client?.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Records_content_lineage_and_the_ledger_are_served()
    {
        await KeysOfEveryKindFindTheirRecordAsync();
        await ContentComesBackAndItsTamperingIsToldAsync();
        await PagesJoinToTheWholeAsync();
        await BatchesAreOneTransactionAsync();
        await ARequestIsCarriedOutOnceAsync();
        await ConflictsAndUnknownThingsHaveTheirStatusAsync();
        await TwoIdentitiesAreTwoWritersAsync();
        await NewRecordsAreToldAsync();
        await LineageTakesEveryFormAsync();
        await ImpactPathsAndWritersAreAnsweredAsync();
        await OpenLineageIsTakenOnceAsync();
    }

    [Fact]
    public async Task What_could_not_be_ordered_is_recorded_once_when_it_is_sent_again_after_a_crash()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await using RestProcess rest = await RestProcess.StartAsync(network);
        using HttpClient client = await rest.ClientOfAsync("org1", "User1");
        network.Kill("orderer.example.com");

        (HttpStatusCode status, string answer) = await PostOnceAsync(client);
        Assert.True(status == HttpStatusCode.ServiceUnavailable, $"{status} {answer}");
        await rest.RestartAsync();
        await network.UpAsync();
        await network.UntilAsync(
            async () =>
            {
                (status, answer) = await PostOnceAsync(client);
                return status == HttpStatusCode.Created;
            },
            "the repeated request to be carried out");

        Assert.Equal((HttpStatusCode.Created, answer), await PostOnceAsync(client));
        JsonElement versions = await GetAsync("/api/v1/records/after-all/versions", client);
        Assert.Equal(1, versions.GetProperty("records").GetArrayLength());
    }

    [Fact]
    public async Task The_paths_of_2019_answer_as_they_did()
    {
        string one = await SetAsync("y1", "h1", "p1", null, null);
        string two = await SetAsync("y2", "h2", "p2", "note", one);
        string three = await SetAsync("y3", "h3", "p3", "", $"{two}, {one}");

        using JsonDocument record = await LegacyAsync("/get", ("key", "y3"));
        Assert.Equal("h3", record.RootElement.GetProperty("hash").GetString());
        Assert.Equal(three, record.RootElement.GetProperty("txid").GetString());
        using JsonDocument byId = await LegacyAsync("/getfromid", ("txid", two));
        Assert.Equal("Transformation", byId.RootElement.GetProperty("Type").GetString());
        Assert.Equal(one, byId.RootElement.GetProperty("Dependencies").GetString());
        using JsonDocument tree = await LegacyAsync("/getdependencies", ("txid", three), ("count", "10"));
        Assert.Equal(2, tree.RootElement.GetProperty("Dependencies").GetArrayLength());
        using JsonDocument byDefault = await LegacyAsync("/getdependencies", ("txid", three));
        Assert.Equal(tree.RootElement.GetRawText(), byDefault.RootElement.GetRawText());
        using JsonDocument range = await LegacyAsync("/getbyrange", ("startkey", "y1"), ("endkey", "y3"));
        Assert.Equal(
            ["y1", "y2"], range.RootElement.EnumerateArray().Select(each => each.GetProperty("Key").GetString()));
        using JsonDocument history = await LegacyAsync("/getkeyhistory", ("key", "zz"));
        Assert.Equal(0, history.RootElement.GetArrayLength());
        using JsonDocument withId = await LegacyAsync("/getwithid", ("key", "y2"));
        Assert.Equal(two, withId.RootElement.GetProperty("txid").GetString());
        Assert.Equal("h2", await Client.GetStringAsync("/checkhash?key=y2"));
        await ProblemAsync(HttpMethod.Get, "/get?key=zz", null, HttpStatusCode.NotFound, "record-unknown");
        await ProblemAsync(
            HttpMethod.Post, "/set", JsonContent.Create(new { key = "d", value = "h" }), HttpStatusCode.BadRequest,
            "invalid-parameter");

        using var sent = await Client.PostAsync("/sendfile?arguments=file", new ByteArrayContent([1, 2, 3]));
        Assert.Equal(HttpStatusCode.Created, sent.StatusCode);
        Assert.Equal([1, 2, 3], await Client.GetByteArrayAsync("/getfile?arguments=file"));
    }

    [Fact]
    public async Task A_hundred_megabytes_go_up_and_down_in_little_memory()
    {
        string file = Path.Combine(Network.Folder, "large.bin");
        string digest = await WriteLargeAsync(file, megabytes: 100);
        await Client.GetStringAsync("/api/v1/channel");
        long before = Rest.PeakMemoryBytes;

        await using (FileStream content = File.OpenRead(file))
        using (HttpResponseMessage stored = await Client.PutAsync(
            "/api/v1/records/large/content", new StreamContent(content)))
        using (JsonDocument receipt = JsonDocument.Parse(await stored.Content.ReadAsStringAsync()))
            Assert.Equal(digest, receipt.RootElement.GetProperty("content").GetProperty("hash").GetString());

        using HttpResponseMessage answer = await Client.GetAsync(
            "/api/v1/records/large/content", HttpCompletionOption.ResponseHeadersRead);
        await using Stream back = await answer.Content.ReadAsStreamAsync();
        Assert.Equal(digest, Convert.ToHexStringLower(await SHA256.HashDataAsync(back)));
        Assert.Equal("none", answer.Headers.AcceptRanges.Single());
        Assert.InRange(Rest.PeakMemoryBytes - before, 0, 64 << 20);

        // Altered in the middle: what a client has received by then never has an end.
        await AlterAsync(digest, at: 50 << 20);
        using HttpResponseMessage altered = await Client.GetAsync(
            "/api/v1/records/large/content", HttpCompletionOption.ResponseHeadersRead);
        await using Stream cut = await altered.Content.ReadAsStreamAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => SHA256.HashDataAsync(cut).AsTask());
    }

    [Fact]
    public async Task The_examples_of_the_manual_run()
    {
        string manual = await File.ReadAllTextAsync(Path.Combine(Cli.Root, "docs", "rest.md"));
        string[] examples = [.. Example().Matches(manual).Select(match => match.Groups[1].Value)];
        string folder = Directory.CreateDirectory(Path.Combine(Network.Folder, "examples")).FullName;
        string script = Path.Combine(folder, "examples.sh");
        await File.WriteAllTextAsync(script, "set -eu\n" + string.Join('\n', examples));

        var start = new ProcessStartInfo("bash", ["-x", script])
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["KEY"] = await Rest.KeyOfAsync("org1", "User1");
        start.Environment["API"] = Rest.Address;
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(examples.Length > 5, "the manual has examples");
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}\n{error}\n{await output}");
    }

    private async Task KeysOfEveryKindFindTheirRecordAsync()
    {
        string[] keys = ["plain", "a/b/c", "100%", "a%2Fb", "räksmörgås 🦐", "q?x=1&y#z", "a+b", "\"'<>\\"];
        foreach (string key in keys)
        {
            JsonElement receipt = await PostAsync("/api/v1/records", new { key, hash = "h", description = key });
            string path = "/api/v1/records/" + Uri.EscapeDataString(key);

            JsonElement newest = await GetAsync(path);
            JsonElement version = await GetAsync($"/api/v1/versions/{receipt.GetProperty("id").GetString()}");

            Assert.Equal(key, newest.GetProperty("key").GetString());
            Assert.Equal(key, version.GetProperty("description").GetString());
            Assert.Equal(1, (await GetAsync(path + "/versions")).GetProperty("records").GetArrayLength());
        }
    }

    private async Task ContentComesBackAndItsTamperingIsToldAsync()
    {
        byte[] content = Encoding.UTF8.GetBytes("day,rain\n1,3.2\n");
        using HttpResponseMessage stored = await Client.PutAsync(
            "/api/v1/records/content%2Fone/content", new ByteArrayContent(content));
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("content/two"), "key" },
            { new StringContent("content/one"), "parent" },
            { new ByteArrayContent(content), "file", "two.csv" },
        };
        using HttpResponseMessage formed = await Client.PostAsync("/api/v1/contents", form);
        Assert.Equal(HttpStatusCode.Created, formed.StatusCode);

        using HttpResponseMessage answer = await Client.GetAsync("/api/v1/records/content%2Ftwo/content");
        Assert.Equal(content, await answer.Content.ReadAsByteArrayAsync());
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/records/content%2Ftwo/content");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);   // It has one, or the test fails here.
        using HttpResponseMessage known = await Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        JsonElement verified = await GetAsync("/api/v1/records/content%2Ftwo/verification");
        Assert.True(verified.GetProperty("passed").GetBoolean());

        await AlterAsync(Convert.ToHexStringLower(SHA256.HashData(content)), at: 0);
        await ProblemAsync(
            HttpMethod.Get, "/api/v1/records/content%2Ftwo/content", null, HttpStatusCode.BadGateway,
            "content-altered");
        JsonElement tampered = await GetAsync("/api/v1/records/content%2Ftwo/verification");
        Assert.False(tampered.GetProperty("passed").GetBoolean());
    }

    private async Task PagesJoinToTheWholeAsync()
    {
        string[] keys = [.. Enumerable.Range(0, 7).Select(number => $"page/{number} &?%")];
        await PostAsync("/api/v1/batches", keys.Select(key => new { key, hash = "h" }));
        var found = new List<string?>();
        string? target = "/api/v1/records?prefix=page%2F&limit=3";
        while (target is not null)
        {
            using HttpResponseMessage response = await Client.GetAsync(target);
            using JsonDocument page = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            found.AddRange(page.RootElement.GetProperty("records").EnumerateArray()
                .Select(record => record.GetProperty("key").GetString()));
            target = response.Headers.TryGetValues("Link", out IEnumerable<string>? links)
                ? links.Single().Split('<', '>')[1]
                : null;
            Assert.Equal(target is not null, page.RootElement.TryGetProperty("next", out _));
        }

        Assert.Equal(keys, found);
    }

    private async Task BatchesAreOneTransactionAsync()
    {
        JsonElement receipt = await PostAsync(
            "/api/v1/batches",
            new object[]
            {
                new { key = "batch-train", hash = "h1" },
                new { key = "batch-model", hash = "h2", parents = (string[])["#0", "key:plain"] },
            });

        JsonElement model = await GetAsync("/api/v1/records/batch-model");
        JsonElement train = await GetAsync("/api/v1/records/batch-train");
        Assert.Equal(2, receipt.GetProperty("records").GetArrayLength());
        Assert.Equal(
            receipt.GetProperty("transactionId").GetString(), model.GetProperty("transactionId").GetString());
        Assert.NotEqual(model.GetProperty("id").GetString(), model.GetProperty("transactionId").GetString());
        Assert.Equal(train.GetProperty("id").GetString(), model.GetProperty("parents")[0].GetString());
        await ProblemAsync(
            HttpMethod.Post, "/api/v1/batches",
            JsonContent.Create(new[] { new { key = "x", hash = "h" }, new { key = "x", hash = "i" } }),
            HttpStatusCode.BadRequest, "invalid-body");
    }

    private async Task ARequestIsCarriedOutOnceAsync()
    {
        string first = await PostRepeatablyAsync("repeated", "hash", HttpStatusCode.Created);
        string again = await PostRepeatablyAsync("repeated", "hash", HttpStatusCode.Created);
        await PostRepeatablyAsync("repeated", "other", HttpStatusCode.UnprocessableEntity);
        await Rest.RestartAsync();
        string afterRestart = await PostRepeatablyAsync("repeated", "hash", HttpStatusCode.Created);

        Assert.Equal((first, first), (again, afterRestart));
        Assert.Equal(1, (await GetAsync("/api/v1/records/repeated/versions")).GetProperty("records").GetArrayLength());
    }

    private async Task ConflictsAndUnknownThingsHaveTheirStatusAsync()
    {
        await PostAsync("/api/v1/records", new { key = "guarded", hash = "h" });

        await ProblemAsync(
            HttpMethod.Post, "/api/v1/records",
            JsonContent.Create(new { key = "guarded", hash = "i", expectedId = "" }),
            HttpStatusCode.Conflict, "conflict");
        await ProblemAsync(
            HttpMethod.Post, "/api/v1/records",
            JsonContent.Create(new { key = "child", hash = "h", parents = (string[])["nix"] }),
            HttpStatusCode.NotFound, "record-unknown");
        await ProblemAsync(
            HttpMethod.Post, "/api/v1/records",
            JsonContent.Create(new { key = "child", hash = "nohex", checksumAlgorithm = "SHA-256" }),
            HttpStatusCode.BadRequest, "refused");
        string unknown = new('0', 64);
        await ProblemAsync(HttpMethod.Get, "/api/v1/records/nix", null, HttpStatusCode.NotFound, "record-unknown");
        await ProblemAsync(
            HttpMethod.Get, $"/api/v1/versions/{unknown}", null, HttpStatusCode.NotFound, "record-unknown");
        await ProblemAsync(
            HttpMethod.Get, $"/api/v1/transactions/{unknown}", null, HttpStatusCode.NotFound, "transaction-unknown");
        await ProblemAsync(HttpMethod.Get, "/api/v1/blocks/999999", null, HttpStatusCode.NotFound, "block-unknown");
        await ProblemAsync(
            HttpMethod.Get, "/api/v1/records/guarded/content", null, HttpStatusCode.UnprocessableEntity,
            "content-not-verifiable");
    }

    private async Task TwoIdentitiesAreTwoWritersAsync()
    {
        using HttpClient other = await Rest.ClientOfAsync("org2", "Admin");
        await PostAsync("/api/v1/records", new { key = "mine", hash = "h" });
        using HttpResponseMessage stored = await other.PostAsJsonAsync(
            "/api/v1/records", new { key = "theirs", hash = "h" });
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);

        JsonElement mine = await GetAsync("/api/v1/records/mine");
        JsonElement theirs = await GetAsync("/api/v1/records/theirs", other);

        Assert.Equal(("Org1MSP", "Org2MSP"), (
            mine.GetProperty("mspId").GetString(), theirs.GetProperty("mspId").GetString()));
        Assert.NotEqual(mine.GetProperty("fingerprint").GetString(), theirs.GetProperty("fingerprint").GetString());
    }

    private async Task NewRecordsAreToldAsync()
    {
        using HttpResponseMessage stream = await Client.GetAsync(
            "/api/v1/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        Assert.StartsWith(":", await reader.ReadLineAsync(), StringComparison.Ordinal);
        using HttpResponseMessage accepted = await Client.PostAsJsonAsync(
            "/api/v1/records?waitForCommit=false", new { key = "told", hash = "h" });
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        JsonElement state = await GetAsync(accepted.Headers.Location + "?wait=true");
        Assert.Equal("committed", state.GetProperty("state").GetString());

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        string line;
        do
        {
            line = await reader.ReadLineAsync(limit.Token) ?? throw new EndOfStreamException("the stream ended");
        }
        while (!line.StartsWith("data: {\"key\":\"told\"", StringComparison.Ordinal));
    }

    private async Task LineageTakesEveryFormAsync()
    {
        JsonElement lineage = await GetAsync("/api/v1/records/batch-model/lineage");
        Assert.Equal(2, lineage.GetProperty("edges").GetArrayLength());
        (string Format, string Begin)[] forms =
        [
            ("text", "batch-model"), ("dot", "digraph"), ("mermaid", "flowchart"), ("svg", "<svg"),
            ("prov-json", "prefix"), ("prov-n", "document"), ("openlineage", "eventType"),
        ];
        foreach ((string format, string begin) in forms)
        {
            string text = await Client.GetStringAsync($"/api/v1/records/batch-model/lineage?format={format}");
            Assert.Contains(begin, text[..Math.Min(200, text.Length)], StringComparison.Ordinal);
        }

        byte[] receipt = await Client.GetByteArrayAsync("/api/v1/records/batch-model/receipt");
        string file = Path.Combine(Network.Folder, "batch.receipt");
        await File.WriteAllBytesAsync(file, receipt);
        await Network.MustAsync("verify-receipt", file);
    }

    private async Task ImpactPathsAndWritersAreAnsweredAsync()
    {
        JsonElement impact = await GetAsync("/api/v1/impact?root=batch-train");
        Assert.Equal(["batch-train", "batch-model"], KeysOf(impact));
        Assert.All(
            impact.GetProperty("records").EnumerateArray(),
            one => Assert.True(one.GetProperty("tainted").GetBoolean()));
        JsonElement path = await GetAsync("/api/v1/path?from=batch-train&to=batch-model");
        Assert.Equal(["batch-model", "batch-train"], KeysOf(path).Order());
        await ProblemAsync(
            HttpMethod.Get, "/api/v1/path?from=batch-train&to=guarded", null, HttpStatusCode.NotFound,
            "not-derived");
        await ProblemAsync(HttpMethod.Get, "/api/v1/impact", null, HttpStatusCode.BadRequest, "invalid-parameter");

        JsonElement written = await GetAsync("/api/v1/writers/Org2MSP/records");
        Assert.Contains("theirs", KeysOf(written));
        Assert.DoesNotContain("mine", KeysOf(written));
        ulong height = (await GetAsync("/api/v1/records/batch-model")).GetProperty("block").GetUInt64();
        await ProblemAsync(
            HttpMethod.Get, $"/api/v1/records/batch-model/lineage?asOf={height}", null, HttpStatusCode.NotFound,
            "record-unknown");
    }

    private async Task OpenLineageIsTakenOnceAsync()
    {
        const string Event = """
            {"eventType":"COMPLETE","eventTime":"2026-01-31T12:00:00Z","producer":"https://example.org/jobs",
             "schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
             "run":{"runId":"01941f29-7c00-7000-8000-000000000002"},"job":{"namespace":"night","name":"story"},
             "inputs":[{"namespace":"lake","name":"story/raw"}],"outputs":[{"namespace":"lake","name":"story/sums"}]}
            """;
        foreach (int expected in (int[])[3, 0])
        {
            using var content = new StringContent(Event, Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await Client.PostAsync("/api/v1/lineage", content);
            string text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.Created, text);
            using JsonDocument intake = JsonDocument.Parse(text);
            Assert.Equal(expected, intake.RootElement.GetProperty("records").GetArrayLength());
        }

        using var wrong = new StringContent("{\"eventTime\":1}", Encoding.UTF8, "application/json");
        await ProblemAsync(HttpMethod.Post, "/api/v1/lineage", wrong, HttpStatusCode.BadRequest, "invalid-body");
    }

    private static async Task<(HttpStatusCode Status, string Answer)> PostOnceAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/records")
        {
            Content = JsonContent.Create(new { key = "after-all", hash = "h" }),
        };
        request.Headers.Add("Idempotency-Key", "after a crash");
        using HttpResponseMessage response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static IEnumerable<string?> KeysOf(JsonElement page) =>
        page.GetProperty("records").EnumerateArray().Select(record => record.GetProperty("key").GetString());

    private async Task<string> SetAsync(
        string key, string value, string pointer, string? description, string? dependencies)
    {
        (string Name, string? Text)[] headers =
        [
            ("key", key), ("value", value), ("path", "file://s"), ("pointer", pointer), ("description", description),
            ("dependencies", dependencies),
        ];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/set");
        foreach ((string name, string? text) in headers)
            if (text is not null)
                request.Headers.TryAddWithoutValidation(name, text);

        using HttpResponseMessage response = await Client.SendAsync(request);
        string id = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, id);
        Assert.Matches("^[0-9a-f]{64}$", id);
        return id;
    }

    private async Task<JsonDocument> LegacyAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach ((string name, string value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        using HttpResponseMessage response = await Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(text);
    }

    private async Task<string> PostRepeatablyAsync(string key, string hash, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/records")
        {
            Content = JsonContent.Create(new { key, hash }),
        };
        request.Headers.Add("Idempotency-Key", "run 17");
        using HttpResponseMessage response = await Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, text);
        return text;
    }

    private async Task ProblemAsync(
        HttpMethod method, string target, HttpContent? content, HttpStatusCode status, string code)
    {
        using var request = new HttpRequestMessage(method, target) { Content = content };
        using HttpResponseMessage response = await Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{method} {target}: {(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using JsonDocument problem = JsonDocument.Parse(text);
        Assert.Equal(code, problem.RootElement.GetProperty("code").GetString());
    }

    private Task<JsonElement> GetAsync(string target) => GetAsync(target, Client);

    private static async Task<JsonElement> GetAsync(string target, HttpClient client)
    {
        using HttpResponseMessage response = await client.GetAsync(target);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{target}: {(int)response.StatusCode} {text}");
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private async Task<JsonElement> PostAsync(string target, object body)
    {
        using HttpResponseMessage response = await Client.PostAsJsonAsync(target, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, $"{target}: {(int)response.StatusCode} {text}");
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static async Task<string> WriteLargeAsync(string file, int megabytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] piece = new byte[1 << 20];
        await using FileStream content = File.Create(file);
        for (int number = 0; number < megabytes; number++)
        {
            Array.Fill(piece, (byte)number);
            hash.AppendData(piece);
            await content.WriteAsync(piece);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // As somebody with access to the disk would: the same name, another byte.
    private async Task AlterAsync(string digest, long at)
    {
        string path = Path.Combine(Network.Folder, "store", "sha256", digest[..2], digest[2..]);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        int before = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(before ^ 1));
    }

    [GeneratedRegex("^```sh example\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();
}

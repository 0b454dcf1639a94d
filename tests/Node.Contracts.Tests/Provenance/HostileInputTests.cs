using System.Text;
using System.Text.Json;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

/// <summary>Keys, descriptions and parents of every kind: taken and given back as they are, or refused.</summary>
public class HostileInputTests
{
    private readonly ContractBench _bench = Bench.New();

    public static TheoryData<string, string> Texts() => new()
    {
        { "quotes", "\"';--\\\"" },
        { "formats", "%s %n %d {0} ${x}" },
        { "path tricks", "../../etc/passwd" },
        { "absolute path", "/etc/passwd\\..\\C:" },
        { "markup", "<script>&amp;</script>" },
        { "line ends", "a\r\nb\tc\u2028d\u2029e" },
        { "controls", "\u0001\u0008\u001b[31m\u007f\u0085" },
        { "beyond the basic plane", "𝔘😀\U0010FFFD" },
        { "right to left", "\u202Eevil\u202C" },
        { "composed and not", "é e\u0301" },
        { "what looks like JSON", "{\"hash\":\"x\"}" },
        { "a key of ids", new string('a', 64) },
        { "blanks", "   " },
        { "the least character", "\u0001" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Keys_and_descriptions_come_back_as_they_went_in(string what, string text)
    {
        TxId alone = _bench.Submit("set", text, "h", text, text, text);
        TxId batch = _bench.Submit(
            "setbatch", JsonSerializer.Serialize(new[] { new { key = text + what, hash = "h", description = text } }));

        JsonElement record = _bench.Json("get", text);
        Assert.Equal((text, text), (record.Text("key"), record.Text("description")));
        Assert.Equal((text, text), (record.Text("location"), record.Text("pointer")));
        Assert.Equal(alone.Value, record.Text("txid"));
        Assert.Equal(text, _bench.Json("getfromid", alone.Value).Text("Description"));
        Assert.Equal([text], _bench.Json("getkeyhistory", text).Each("Description"));
        Assert.Contains(text, _bench.Json("getbyrange", "", "").Each("Key"));
        Assert.Equal(text, _bench.Json("getlineage", alone.Value).GetProperty("nodes")[0].Text("key"));
        Assert.Equal(text, _bench.Json("getbywriter", "Org1MSP")[0].Text("key"));
        Assert.Equal(
            text + what, _bench.Json("getfromid", RecordIds.InBatch(batch, 0).Value).Text("Key"));
        using JsonDocument legacy = JsonDocument.Parse(_bench.Ask("getfromid", alone.Value, "legacy"));
        Assert.Equal(text, legacy.RootElement.Text("Key"));
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("\0", 400)]
    [InlineData("a\0b", 400)]
    [InlineData("\U0010FFFF", 400)]
    public void Keys_that_cannot_be_are_refused_by_every_function(string key, int status)
    {
        Assert.Equal(status, _bench.Call("set", key, "h", "l", "p").Status);
        Assert.Equal(status, _bench.Call("Init", key, "h", "l", "p").Status);
        Assert.Equal(
            status, _bench.Call("setbatch", JsonSerializer.Serialize(new[] { new { key, hash = "h" } })).Status);
        Assert.Equal(status, _bench.Call("setpolicy", "key", key, """{"writers":["*"]}""").Status);
        foreach (string function in (string[])
            ["get", "checkhash", "getwithid", "getkeyhistory", "getlineage", "getwriters"])
            Assert.Equal(status, _bench.Call(function, key).Status);
        Assert.Equal(status, _bench.Call("getimpact", JsonSerializer.Serialize(new[] { key })).Status);
    }

    [Theory]
    [InlineData("set")]
    [InlineData("get")]
    [InlineData("getkeyhistory")]
    [InlineData("getbyrange")]
    [InlineData("getlineage")]
    [InlineData("getimpact")]
    [InlineData("getbywriter")]
    [InlineData("setbatch")]
    [InlineData("setpolicy")]
    [InlineData("getpolicy")]
    public void Bytes_that_are_no_text_are_refused(string function)
    {
        byte[][] broken = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x22, 0xE2, 0x82]];
        byte[] fine = "a"u8.ToArray();
        foreach (byte[] bytes in broken)
        {
            foreach (int place in (int[])[0, 1, 2, 3])
            {
                byte[][] arguments = [fine, fine, fine, fine];
                arguments[place] = bytes;
                ContractResponse response = _bench.CallBytes(function, arguments);
                Assert.InRange(response.Status, 400, 413);
            }
        }
    }

    [Fact]
    public void Keys_of_sixty_four_kilobytes_are_refused_with_the_limit()
    {
        string key = new('k', 64 << 10);

        foreach ((string function, string[] arguments) in ((string, string[])[])
            [("set", [key, "h", "l", "p"]), ("get", [key]), ("getlineage", [key]), ("getkeyhistory", [key])])
        {
            ContractResponse response = _bench.Call(function, arguments);
            Assert.Equal(413, response.Status);
            Assert.Contains("65536 bytes; at most 4096", response.Message, StringComparison.Ordinal);
        }

        ContractResponse batch = _bench.Call("setbatch", JsonSerializer.Serialize(new[] { new { key, hash = "h" } }));
        Assert.Equal(413, batch.Status);
        Assert.Contains("Entry 0 of the batch: The key has 65536 bytes", batch.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x")]
    [InlineData(":")]
    [InlineData("%s")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, b")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Malformed_parents_are_refused(string parents)
    {
        ContractResponse response = _bench.Call("set", "k", "h", "l", "p", "", parents);

        Assert.Equal(400, response.Status);
        Assert.Contains("is no transaction id", response.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SHA-256", "ab")]
    [InlineData("SHA-256", "zz")]
    [InlineData("MD5", "0123456789abcdef0123456789abcde")]
    [InlineData("CRC-7", "ab")]
    [InlineData("", "ab")]
    public void Checksums_of_the_wrong_length_or_algorithm_are_refused(string algorithm, string hash)
    {
        string options = JsonSerializer.Serialize(new { checksumAlgorithm = algorithm });

        Assert.Equal(400, _bench.Call("set", "k", hash, "l", "p", "", "", options).Status);
        Assert.Equal(
            400,
            _bench.Call("setbatch", JsonSerializer.Serialize(
                new[] { new { key = "k", hash, checksumAlgorithm = algorithm } })).Status);
    }

    [Fact]
    public void A_cycle_that_two_transactions_close_ends_in_every_question()
    {
        // Ids are known before anything is sent, so two clients can name each other: in time or by a race.
        TxId second = ContractBench.Id(2);
        TxId first = _bench.Set("first", RecordIds.InBatch(second, 1));
        _bench.Submit(
            "setbatch",
            $$"""[{"key":"x","hash":"h"},{"key":"y","hash":"h","dependencies":["{{first}}","#0"]}]""");
        string last = RecordIds.InBatch(second, 1).Value;

        foreach (string direction in (string[])["up", "down", "both"])
        {
            JsonElement answer = _bench.Json("getlineage", last, direction, "-1");
            string[] keys = answer.GetProperty("nodes").Each("key");
            Assert.Equal(keys.Distinct(), keys);
            Assert.Superset(new HashSet<string> { "first", "y" }, keys.ToHashSet());
        }

        Assert.Equal(2, _bench.Json("getimpact", "[\"first\"]").GetProperty("nodes").GetArrayLength());
        Assert.NotEmpty(_bench.Ask("getdependencies", last, "-1"));
        Assert.Contains("count 0", _bench.Ask("getdependencies", last, "-1", "legacy"), StringComparison.Ordinal);
    }

    [Fact]
    public void Strict_records_cannot_close_a_cycle()
    {
        // The one that comes first names what is not there yet.
        string options = """{"strict":true}""";
        TxId second = ContractBench.Id(3);

        Assert.Equal(404, _bench.Call("set", "first", "h", "l", "p", "", second.Value, options).Status);
    }

    [Fact]
    public void Random_bytes_never_end_in_a_failure()
    {
        var random = new Random(11);
        string[] functions =
        [
            "Init", "set", "setbatch", "get", "checkhash", "getwithid", "getwriters", "getfromid", "getdependencies",
            "getlineage", "getimpact", "getbywriter", "getkeyhistory", "getbyrange", "setpolicy", "getpolicy",
            "removepolicy", "listpolicies",
        ];
        string[] seeds =
        [
            "", "k", "[]", "{}", "[{\"key\":\"k\",\"hash\":\"h\"}]", "{\"mspId\":\"Org1MSP\"}", "prefix", "key", "for",
            "-1", "0", "99999999999", "up", "legacy", "compact", "{\"writers\":[\"*\"]}", new string('a', 64), "#0",
        ];
        for (int i = 0; i < 3_000; i++)
        {
            byte[][] arguments = [.. Enumerable.Range(0, random.Next(8)).Select(_ => Argument(random, seeds))];
            ContractResponse response = _bench.CallBytes(functions[random.Next(functions.Length)], arguments);
            Assert.NotEqual(ContractResponse.Failed, response.Status);
        }
    }

    private static byte[] Argument(Random random, string[] seeds)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
        if (bytes.Length > 0 && random.Next(3) == 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }
}

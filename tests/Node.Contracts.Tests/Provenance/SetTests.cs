using System.Text;
using System.Text.Json;
using Node.Contracts.Provenance;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

public class SetTests
{
    private static readonly string s_sha256 = Hash32.Of("x"u8).ToString();
    private readonly ContractBench _bench = Bench.New();

    [Fact]
    public void Records_who_wrote_what_when_and_where()
    {
        TxId id = _bench.Submit("set", "k", s_sha256, "file:///data", "x.csv", "a note");

        JsonElement record = _bench.Json("get", "k");
        string[] expected =
        [
            "hash", "location", "pointer", "txid", "key", "type", "description", "dependencies", "checksumAlgorithm",
            "certificate", "mspId", "fingerprint", "timestamp", "block", "transaction",
        ];
        Assert.Equal(expected, record.Names());
        Assert.Equal(s_sha256, record.Text("hash"));
        Assert.Equal("SHA-256", record.Text("checksumAlgorithm"));
        Assert.Equal(id.Value, record.Text("txid"));
        Assert.Equal("Record", record.Text("type"));
        Assert.Equal("a note", record.Text("description"));
        Assert.Equal(("user1", "Org1MSP"), (record.Text("certificate"), record.Text("mspId")));
        Assert.Equal(ContractCall.User1.Fingerprint.ToString(), record.Text("fingerprint"));
        Assert.Equal("2026-01-31T12:00:00Z", record.Text("timestamp"));
        Assert.Equal(1ul, record.GetProperty("block").GetUInt64());
    }

    [Fact]
    public void Stores_the_members_of_2019_first()
    {
        _bench.Submit("set", "k", "h", "l", "p");

        string stored = Encoding.UTF8.GetString(_bench.LastState.Writes["k"].Span);
        Assert.StartsWith(
            $$"""{"hash":"h","location":"l","pointer":"p","txid":"{{ContractBench.Id(1)}}","cert":"user1","""
            + "\"type\":\"Record\",\"desc\":\"\",\"depends\":\"\",",
            stored, StringComparison.Ordinal);
    }

    [Fact]
    public void Returns_its_transaction_id_as_text_and_sets_an_event()
    {
        string id = _bench.NextId.Value;

        Assert.Equal(id, _bench.Ask("set", "k", "h", "l", "p"));
        Assert.Equal("hyperprov.recorded", _bench.LastEvent?.Name);
        JsonElement payload = JsonSerializer.Deserialize<JsonElement>(_bench.LastEvent?.Payload ?? "");
        Assert.Equal(["key", "txid", "hash", "checksumAlgorithm", "type", "mspId", "certificate"], payload.Names());
        Assert.Equal(("k", id), (payload.Text("key"), payload.Text("txid")));
    }

    [Fact]
    public void Reads_only_who_may_write_so_two_writers_of_one_key_do_not_conflict()
    {
        _bench.Ask("set", "k", "h", "l", "p", "", ContractBench.Id(99).Value);
        InMemoryState simulated = _bench.LastState;
        _bench.Set("k");

        Assert.Equal(["\0policies\0", "\0writers\0k\0"], simulated.Reads.Keys);
        Assert.Empty(simulated.Ranges);
        Assert.True(_bench.Committed.IsCurrent(simulated));
    }

    [Theory]
    [InlineData("", "Record")]
    [InlineData("parent", "Transformation")]
    public void Is_a_transformation_only_with_dependencies(string parent, string type)
    {
        string dependencies = parent.Length > 0 ? ContractBench.Id(50).Value : "";
        _bench.Submit("set", "k", "h", "l", "p", "", dependencies);

        Assert.Equal(type, _bench.Json("get", "k").Text("type"));
    }

    [Fact]
    public void Init_writes_what_deployment_wrote()
    {
        _bench.Submit("Init", "k", "h", "l", "p");

        JsonElement record = _bench.Json("get", "k");
        Assert.Equal(("Init", "Init operation"), (record.Text("type"), record.Text("description")));
        Assert.Equal("", record.Text("dependencies"));
    }

    [Fact]
    public void A_dependency_named_twice_counts_once()
    {
        (TxId a, TxId b) = (ContractBench.Id(50), ContractBench.Id(51));
        _bench.Submit("set", "k", "h", "l", "p", "", $"{b}:{a}:{b}");

        Assert.Equal($"{b}:{a}", _bench.Json("get", "k").Text("dependencies"));
    }

    [Theory]
    [InlineData(null, "SHA-256")]
    [InlineData("sha256", "SHA-256")]
    [InlineData("BLAKE2B-256", "BLAKE2b-256")]
    [InlineData("unspecified", "unspecified")]
    public void Names_the_checksum_algorithm(string? option, string algorithm)
    {
        string options = option is null ? "" : $$"""{"checksumAlgorithm":"{{option}}"}""";
        _bench.Submit("set", "k", s_sha256, "l", "p", "", "", options);

        Assert.Equal(algorithm, _bench.Json("get", "k").Text("checksumAlgorithm"));
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789ABCDEF", "MD5", "0123456789abcdef0123456789abcdef")]
    [InlineData("h1", "unspecified", "h1")]
    [InlineData("0123456789abcdef0123456789ABCDEG", "unspecified", "0123456789abcdef0123456789ABCDEG")]
    public void Guesses_the_algorithm_of_old_checksums(string hash, string algorithm, string stored)
    {
        _bench.Submit("set", "k", hash, "l", "p");

        JsonElement record = _bench.Json("get", "k");
        Assert.Equal((algorithm, stored), (record.Text("checksumAlgorithm"), record.Text("hash")));
    }

    [Theory]
    [InlineData(400, "Expecting a key", "", "h", "l", "p")]
    [InlineData(400, "U+0000", "a\0b", "h", "l", "p")]
    [InlineData(400, "U+10FFFF", "a\U0010FFFF", "h", "l", "p")]
    [InlineData(400, "hash is empty", "k", "", "l", "p")]
    [InlineData(400, "Arguments given: 3", "k", "h", "l")]
    [InlineData(400, "Arguments given: 8", "k", "h", "l", "p", "", "", "", "")]
    [InlineData(400, "'abc' is no transaction id", "k", "h", "l", "p", "", "abc")]
    [InlineData(400, "'' is no transaction id", "k", "h", "l", "p", "", ":")]
    [InlineData(400, "unknown option 'colour'", "k", "h", "l", "p", "", "", """{"colour":"red"}""")]
    [InlineData(400, "unknown option 'strict'", "k", "h", "l", "p", "", "", """{"strict":"yes"}""")]
    [InlineData(400, "not valid JSON", "k", "h", "l", "p", "", "", """{"type":""")]
    [InlineData(400, "not valid JSON", "k", "h", "l", "p", "", "", """{"type":"\ud800"}""")]
    [InlineData(400, "not valid JSON", "k", "h", "l", "p", "", "", """{} {}""")]
    [InlineData(400, "one JSON object", "k", "h", "l", "p", "", "", """[]""")]
    [InlineData(400, "function Init only", "k", "h", "l", "p", "", "", """{"type":"Init"}""")]
    [InlineData(400, "64 hex digits", "k", "h", "l", "p", "", "", """{"checksumAlgorithm":"SHA-256"}""")]
    [InlineData(400, "known are SHA-256", "k", "h", "l", "p", "", "", """{"checksumAlgorithm":"CRC"}""")]
    [InlineData(400, "expectedTxid", "k", "h", "l", "p", "", "", """{"expectedTxid":"x"}""")]
    [InlineData(400, "not empty", "k", "h", "l", "p", "", "", """{"writers":[""]}""")]
    [InlineData(400, "an array of at most 64", "k", "h", "l", "p", "", "", """{"writers":[1]}""")]
    [InlineData(400, "unknown option 'writers'", "k", "h", "l", "p", "", "", """{"writers":"Org1MSP"}""")]
    public void Refuses(int status, string because, params string[] arguments)
    {
        ContractResponse response = _bench.Call("set", arguments);

        Assert.Equal(status, response.Status);
        Assert.Contains(because, response.Message, StringComparison.Ordinal);
        Assert.Empty(_bench.LastState.Writes);
    }

    [Theory]
    [InlineData(0, ProvenanceLimits.KeyBytesMax)]
    [InlineData(1, ProvenanceLimits.ChecksumBytesMax)]
    [InlineData(2, ProvenanceLimits.LocationBytesMax)]
    [InlineData(3, ProvenanceLimits.PointerBytesMax)]
    [InlineData(4, ProvenanceLimits.DescriptionBytesMax)]
    public void Accepts_the_limit_and_refuses_one_byte_more(int argument, int bytesMax)
    {
        string[] arguments = ["k", "h", "l", "p", ""];

        arguments[argument] = new string('x', bytesMax);
        Assert.True(_bench.Call("set", arguments).IsSuccess);

        arguments[argument] += "x";
        ContractResponse response = _bench.Call("set", arguments);
        Assert.Equal(ContractResponse.TooLarge, response.Status);
        Assert.Contains($"{bytesMax + 1} bytes; at most {bytesMax}", response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_record_fits_into_a_value()
    {
        string parents =
            string.Join(':', Enumerable.Range(1000, ProvenanceLimits.DependenciesMax).Select(ContractBench.Id));
        _bench.Submit(
            "set",
            new string('k', ProvenanceLimits.KeyBytesMax),
            new string('\u0001', ProvenanceLimits.ChecksumBytesMax),
            new string('\u0001', ProvenanceLimits.LocationBytesMax),
            new string('\u0001', ProvenanceLimits.PointerBytesMax),
            new string('\u0001', ProvenanceLimits.DescriptionBytesMax),
            parents);

        Assert.Equal(1 + 1 + 1 + ProvenanceLimits.DependenciesMax, _bench.LastState.Writes.Count);
        Assert.Equal(1, _bench.Json("getbyrange", "", "").GetArrayLength());
    }

    [Fact]
    public void Refuses_text_that_is_not_utf8()
    {
        ContractResponse response = _bench.CallBytes("set", [0xED, 0xA0, 0x80], "h"u8.ToArray(), [], []);

        Assert.Equal((400, "The key is not valid UTF-8."), (response.Status, response.Message));
    }

    [Fact]
    public void Refuses_to_depend_on_itself() =>
        Assert.Contains(
            "itself",
            _bench.Call("set", "k", "h", "l", "p", "", _bench.NextId.Value).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Strict_demands_that_every_dependency_is_recorded()
    {
        const string Strict = """{"strict":true}""";
        TxId parent = _bench.Set("parent");

        ContractResponse missing =
            _bench.Call("set", "k", "h", "l", "p", "", $"{parent}:{ContractBench.Id(99)}", Strict);
        Assert.Equal(404, missing.Status);
        Assert.Contains(ContractBench.Id(99).Value, missing.Message, StringComparison.Ordinal);
        Assert.True(_bench.Call("set", "k", "h", "l", "p", "", parent.Value, Strict).IsSuccess);
    }

    [Fact]
    public void Compare_and_set_succeeds_only_on_the_record_it_names()
    {
        TxId first = _bench.Set("k");

        Assert.Equal(409, _bench.Call("set", "k", "h", "l", "p", "", "", """{"expectedTxid":""}""").Status);
        Assert.Equal(
            409, _bench.Call("set", "new", "h", "l", "p", "", "", $$"""{"expectedTxid":"{{first}}"}""").Status);
        Assert.True(_bench.Call("set", "new", "h", "l", "p", "", "", """{"expectedTxid":""}""").IsSuccess);
        Assert.True(_bench.Call("set", "k", "h", "l", "p", "", "", $$"""{"expectedTxid":"{{first}}"}""").IsSuccess);
    }

    [Fact]
    public void Of_two_compare_and_sets_the_later_one_has_read_a_stale_version()
    {
        TxId first = _bench.Set("k");
        string options = $$"""{"expectedTxid":"{{first}}"}""";
        _bench.Ask("set", "k", "h", "l", "p", "", "", options);
        InMemoryState simulated = _bench.LastState;
        Assert.True(_bench.Committed.IsCurrent(simulated));

        _bench.Submit("set", "k", "h", "l", "p", "", "", options);

        Assert.False(_bench.Committed.IsCurrent(simulated));
    }
}

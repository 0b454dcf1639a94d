using System.Text;
using System.Text.Json;
using Node.Contracts.Provenance;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

public class QueryTests
{
    private readonly ContractBench _bench = Bench.New();

    [Theory]
    [InlineData("get")]
    [InlineData("checkhash")]
    [InlineData("getwithid")]
    [InlineData("getkeyhistory")]
    public void A_bare_string_sent_as_one_argument_per_character_is_one_key(string function)
    {
        const string Key = "grüße_5";
        _bench.Set(Key);

        string whole = _bench.Ask(function, Key);
        string byCharacter = _bench.Ask(function, [.. Key.Select(c => c.ToString())]);

        Assert.Equal(whole, byCharacter);
        Assert.Contains("h-" + Key, whole, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transaction_id_sent_as_one_argument_per_character_is_one_id()
    {
        TxId id = _bench.Set("k");

        Assert.Equal(
            _bench.Ask("getfromid", id.Value), _bench.Ask("getfromid", [.. id.Value.Select(c => c.ToString())]));
    }

    [Fact]
    public void Two_whole_words_are_not_joined()
    {
        _bench.Set("abcd");

        Assert.Equal(400, _bench.Call("get", "ab", "cd").Status);
    }

    [Fact]
    public void A_page_size_after_a_one_character_key_is_told_apart_by_its_bookmark()
    {
        _bench.Set("a");
        _bench.Set("a5");

        Assert.Equal(JsonValueKind.Object, _bench.Json("getkeyhistory", "a", "5", "").ValueKind);
        Assert.Equal(["h-a5"], _bench.Json("getkeyhistory", "a", "5").Each("Hash"));
    }

    [Fact]
    public void Keys_beyond_the_basic_plane_can_be_queried()
    {
        _bench.Set("😀");

        Assert.Equal("h-😀", _bench.Ask("checkhash", "😀"));
    }

    [Fact]
    public void Awkward_text_survives_every_answer()
    {
        const string Awkward = "\"quoted\", \\ back, \n line, </script>, %d%s, \u2028, é😀";
        TxId id = _bench.Submit("set", Awkward, Awkward, Awkward, Awkward, Awkward);

        JsonElement[] answers =
        [
            _bench.Json("getfromid", id.Value),
            _bench.Json("getkeyhistory", Awkward)[0],
            _bench.Json("getbyrange", "", "")[0],
        ];
        foreach (JsonElement answer in answers)
        {
            foreach (string member in (string[])["Key", "Hash", "Location", "Pointer", "Description"])
                Assert.Equal(Awkward, answer.Text(member));
        }

        Assert.Equal(Awkward, _bench.Ask("checkhash", Awkward));
        Assert.Equal(Awkward, _bench.Json("get", Awkward).Text("description"));
        Assert.Equal(Awkward, _bench.Json("getlineage", Awkward).GetProperty("nodes")[0].Text("key"));
    }

    [Fact]
    public void Getfromid_finds_a_record_whose_key_was_written_again()
    {
        TxId old = _bench.Submit("set", "k", "old", "l", "p");
        TxId current = _bench.Submit("set", "k", "new", "l", "p");

        JsonElement answer = _bench.Json("getfromid", old.Value);
        Assert.Equal(("old", old.Value), (answer.Text("Hash"), answer.Text("TxID")));
        Assert.Equal(current.Value, answer.Text("NewestTxID"));
        Assert.True(answer.GetProperty("Outdated").GetBoolean());
        Assert.Equal(1ul, answer.GetProperty("Block").GetUInt64());
        Assert.False(_bench.Json("getfromid", current.Value).GetProperty("Outdated").GetBoolean());
    }

    [Fact]
    public void Getfromid_speaks_both_spellings_of_what_get_returns()
    {
        TxId id = _bench.Set("k");

        JsonElement answer = _bench.Json("getfromid", id.Value);
        Assert.Equal(answer.Text("Hash"), answer.Text("hash"));
        Assert.Equal(answer.Text("Location"), answer.Text("location"));
        Assert.Equal(answer.Text("Pointer"), answer.Text("pointer"));
        Assert.Equal(answer.Text("TxID"), answer.Text("txid"));
    }

    [Theory]
    [InlineData(404, "Unknown function 'fly'. hyperprov has Init, appendjournal, checkhash, get,", "fly")]
    [InlineData(404, "Unknown function ''", "")]
    [InlineData(400, "Expecting a key", "get")]
    [InlineData(400, "Expecting a key", "get", "")]
    [InlineData(404, "Asset not found: %d%n", "get", "%d%n")]
    [InlineData(404, "Asset not found: a?b", "checkhash", "a\nb")]
    [InlineData(400, "'modern'", "getwithid", "k", "modern")]
    [InlineData(400, "Expecting a txid", "getfromid")]
    [InlineData(400, "Expecting a txid", "getfromid", "")]
    [InlineData(400, "Expecting a txid", "getfromid", "ABC")]
    [InlineData(400, "Expecting a txid", "getdependencies")]
    [InlineData(400, "depth is a whole number", "getdependencies", "TXID", "ten")]
    [InlineData(404, "no such key: transaction", "getfromid", "TXID")]
    [InlineData(404, "no such key: transaction", "getdependencies", "TXID", "3")]
    [InlineData(400, "'sideways'", "getlineage", "k", "sideways")]
    [InlineData(400, "out of range", "getlineage", "k", "up", "100001")]
    [InlineData(400, "out of range", "getlineage", "k", "up", "1", "0")]
    [InlineData(404, "Asset not found", "getlineage", "k")]
    [InlineData(404, "Asset not found", "getlineage", "TXID")]
    [InlineData(400, "start-key and end-key", "getbyrange", "a")]
    [InlineData(400, "U+0000", "getbyrange", "\0", "b")]
    [InlineData(400, "page size 10001", "getbyrange", "a", "b", "10001")]
    [InlineData(400, "page size -1", "getkeyhistory", "key", "-1")]
    [InlineData(400, "page size is a whole number", "getbyrange", "a", "b", "many")]
    [InlineData(400, "before the start-key", "getbyrange", "b", "c", "10", "a")]
    [InlineData(400, "such as 12:3", "getkeyhistory", "key", "10", "nowhere")]
    [InlineData(400, "true or false", "getkeyhistory", "key", "10", "", "yes")]
    public void Refuses_with_a_reason(int status, string because, string function, params string[] arguments)
    {
        string[] real = [.. arguments.Select(text => text == "TXID" ? ContractBench.Id(999).Value : text)];
        ContractResponse response = _bench.Call(function, real);

        Assert.Equal(status, response.Status);
        Assert.Contains(because, response.Message, StringComparison.Ordinal);
        Assert.True(response.Payload.IsEmpty);
    }

    [Fact]
    public void No_arguments_of_any_kind_end_in_a_defect()
    {
        TxId id = _bench.Set("key");
        byte[][] pieces =
        [
            [], "key"u8.ToArray(), Encoding.UTF8.GetBytes(id.Value),
            "-1"u8.ToArray(), "0"u8.ToArray(), "9999999999"u8.ToArray(),
            [0xFF], [0], "{}"u8.ToArray(), "down"u8.ToArray(), "1:1"u8.ToArray(), "true"u8.ToArray(), new byte[5000],
        ];
        string[] functions =
        [
            "Init", "set", "get", "checkhash", "getwithid", "getfromid", "getdependencies", "getlineage",
            "getkeyhistory", "getbyrange", "unknown",
        ];
        var dice = new Random(1);
        for (int round = 0; round < 20_000; round++)
        {
            byte[][] arguments = [.. Enumerable.Range(0, dice.Next(9)).Select(_ => pieces[dice.Next(pieces.Length)])];
            string function = functions[dice.Next(functions.Length)];

            ContractResponse response = _bench.CallBytes(function, arguments);

            Assert.True(response.Status < 500, $"{function} of round {round}: {response.Message}");
        }
    }

    [Fact]
    public void A_value_that_is_no_record_is_a_failure_that_names_no_content()
    {
        var state = new InMemoryState(_bench.Committed);
        state.Put("k", "secret"u8.ToArray());
        _bench.Committed.Commit((ContractBench.Id(500), ContractCall.Noon, state));

        ContractResponse response = _bench.Call("get", "k");

        Assert.Equal(500, response.Status);
        Assert.DoesNotContain("secret", response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_of_a_later_format_is_read_past_what_is_unknown()
    {
        string json =
            $$$"""{"future":{"a":[1,2]},"hash":"h","txid":"{{{ContractBench.Id(7)}}}","more":7,"type":"Record"}""";

        Assert.True(StoredRecord.TryRead(Encoding.UTF8.GetBytes(json), out StoredRecord? record));
        Assert.Equal("h", Encoding.UTF8.GetString(record.Hash));
        Assert.Equal("Record", Encoding.UTF8.GetString(record.Type));
    }
}

using System.Text.Json;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

/// <summary>The example that came with the contract of 2019, in valid JSON.</summary>
public class WorkedExampleTests
{
    private readonly ContractBench _bench = Bench.New();
    private readonly TxId _t1;
    private readonly TxId _t2;
    private readonly TxId _t3;

    public WorkedExampleTests()
    {
        _t1 = _bench.Submit("set", "a", "h1", "file://s", "p1");
        _t2 = _bench.Submit("set", "b", "h2", "file://s", "p2", "note", $"{_t1}");
        _t3 = _bench.Submit("set", "c", "h3", "file://s", "p3", "", $"{_t2}:{_t1}");
    }

    [Fact]
    public void Get_begins_with_the_original_members() =>
        Assert.StartsWith(
            $$"""{"hash":"h3","location":"file://s","pointer":"p3","txid":"{{_t3}}",""",
            _bench.Ask("get", "c"), StringComparison.Ordinal);

    [Fact]
    public void Getfromid_begins_with_the_original_members() =>
        Assert.StartsWith(
            """{"Type":"Transformation","Hash":"h2","Location":"file://s","Pointer":"p2","Description":"note","""
            + $"\"Dependencies\":\"{_t1}\",\"Key\":\"b\",",
            _bench.Ask("getfromid", _t2.Value), StringComparison.Ordinal);

    [Fact]
    public void Getdependencies_shows_the_tree() =>
        Assert.Equal(
            $$"""{"Dependencies":[{"TxID":"{{_t2}}","Depending":[{"TxID":"{{_t1}}","Depending":[]}]},"""
            + $$"""{"TxID":"{{_t1}}","Depending":[]}],"truncated":false,"missing":false}""",
            _bench.Ask("getdependencies", _t3.Value, "10"));

    [Fact]
    public void Getdependencies_of_depth_one_names_parents_and_says_truncated() =>
        Assert.Equal(
            $$"""{"Dependencies":[{"TxID":"{{_t2}}","Depending":[],"truncated":true},"""
            + $$"""{"TxID":"{{_t1}}","Depending":[],"truncated":true}],"truncated":true,"missing":false}""",
            _bench.Ask("getdependencies", _t3.Value, "1"));

    [Fact]
    public void Getbyrange_excludes_its_end()
    {
        JsonElement range = _bench.Json("getbyrange", "a", "c");

        Assert.Equal(["a", "b"], range.Each("Key"));
        Assert.StartsWith(
            """[{"Key":"a","Hash":"h1","Location":"file://s","Pointer":"p1","Description":"",""", range.GetRawText(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Checkhash_is_the_bare_text() => Assert.Equal("h2", _bench.Ask("checkhash", "b"));

    [Fact]
    public void Getwithid_is_json_and_on_request_the_original_text()
    {
        Assert.Equal($$"""{"txid":"{{_t2}}","hash":"h2"}""", _bench.Ask("getwithid", "b"));
        Assert.Equal($"{_t2} |-|-| h2", _bench.Ask("getwithid", "b", "legacy"));
    }

    [Fact]
    public void A_missing_key_has_no_record_and_an_empty_history()
    {
        ContractResponse response = _bench.Call("get", "zz");

        Assert.Equal((404, "Asset not found: zz"), (response.Status, response.Message));
        Assert.Equal("[]", _bench.Ask("getkeyhistory", "zz"));
    }

    [Fact]
    public void Getkeyhistory_begins_with_the_original_members() =>
        Assert.StartsWith(
            """[{"Type":"Transformation","Hash":"h2","Location":"file://s","Pointer":"p2","Description":"note","""
            + $"\"Timestamp\":\"2026-01-31T12:00:01Z\",\"Certificate\":\"user1\",\"Dependencies\":\"{_t1}\",",
            _bench.Ask("getkeyhistory", "b"), StringComparison.Ordinal);
}

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

    [Fact]
    public void Legacy_getfromid_is_the_original_text() =>
        Assert.Equal(
            """{"Type":"Transformation", "Hash":"h2", "Location":"file://s", "Pointer":"p2", "Description":"note", """
            + $"\"Dependencies\":\"{_t1}\", \"Key\":\"b\"}}",
            _bench.Ask("getfromid", _t2.Value, "legacy"));

    [Fact]
    public void Legacy_getdependencies_is_the_original_text() =>
        Assert.Equal(
            $$"""{"Dependencies": [{"TxID":"{{_t2}}",  "Depending": [{"TxID":"{{_t1}}",  "Depending": []}]}, """
            + $$"""{"TxID":"{{_t1}}",  "Depending": []}]}""",
            _bench.Ask("getdependencies", _t3.Value, "10", "legacy"));

    [Fact]
    public void Legacy_getdependencies_has_the_original_marks()
    {
        TxId nowhere = ContractBench.Id(99);
        TxId d = _bench.Submit("set", "d", "h4", "file://s", "p4", "", $"{_t3}:{nowhere}");

        Assert.Equal(
            $$"""{"Dependencies": [{"TxID":"{{_t2}}",  "Depending": count 0}, """
            + $$"""{"TxID":"{{_t1}}",  "Depending": count 0}]}""",
            _bench.Ask("getdependencies", _t3.Value, "1", "legacy"));
        Assert.Equal("""{"Dependencies": count 0}""", _bench.Ask("getdependencies", _t3.Value, "0", "legacy"));
        Assert.Equal("""{"Dependencies": []}""", _bench.Ask("getdependencies", _t1.Value, "10", "legacy"));
        Assert.EndsWith(
            $$"""{"TxID":"{{nowhere}}",  "Depending": no such key:-:{{nowhere}}}]}""",
            _bench.Ask("getdependencies", d.Value, "10", "legacy"), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_form_than_legacy_is_refused()
    {
        Assert.Equal(400, _bench.Call("getfromid", _t2.Value, "old").Status);
        Assert.Equal(400, _bench.Call("getdependencies", _t2.Value, "1", "old").Status);
        Assert.Equal(400, _bench.Call("getwithid", "a", "old").Status);
    }

    /// <summary>As the original's set-up script checked its network: 51 from deployment, then 77.</summary>
    [Fact]
    public void The_acceptance_flow_answers_51_and_then_77()
    {
        _bench.Submit("Init", "c", "51", "file://mnt/hlfshared", "cfile");
        Assert.Equal("51", _bench.Ask("checkhash", "c"));

        _bench.Submit("set", "c", "77", "file://mnt/hlfshared", "cfile");
        Assert.Equal("77", _bench.Ask("checkhash", "c"));
        Assert.Equal(["h3", "51", "77"], _bench.Json("getkeyhistory", "c").Each("Hash"));
    }
}

using System.Text.Json;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

public class ImpactTests
{
    private static readonly ClientIdentity s_alice = ContractCall.User1 with
    {
        EnrollmentId = "alice",
        Fingerprint = Hash32.Of("alice's certificate"u8),
    };

    private readonly ContractBench _bench = Bench.New();

    private TxId SetBy(ClientIdentity client, string key, params TxId[] parents)
    {
        _bench.Client = client;
        return _bench.Set(key, parents);
    }

    [Fact]
    public void Of_several_roots_is_everything_below_any_of_them_once()
    {
        TxId a = _bench.Set("a");
        TxId b = _bench.Set("b");
        _bench.Set("other");
        TxId ab = _bench.Set("ab", a, b);
        _bench.Set("abc", ab, b);

        JsonElement answer = _bench.Json("getimpact", $"[\"a\",\"{b}\",\"{a}\"]");

        Assert.Equal([a.Value, b.Value], answer.GetProperty("roots").Texts());
        Assert.Equal("down", answer.Text("direction"));
        Assert.Equal(["a", "b", "ab", "abc"], answer.GetProperty("nodes").Each("key"));
        int[] levels = [.. answer.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("level").GetInt32())];
        Assert.Equal([0, 0, 1, 1], levels);
        Assert.Equal(4, answer.GetProperty("edges").GetArrayLength());
        Assert.False(answer.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public void A_root_that_came_of_another_root_has_its_edge_too()
    {
        TxId a = _bench.Set("a");
        TxId b = _bench.Set("b", a);

        JsonElement answer = _bench.Json("getimpact", $"[\"{b}\",\"{a}\"]");

        Assert.Equal(["b", "a"], answer.GetProperty("nodes").Each("key"));
        Assert.Equal(b.Value, answer.GetProperty("edges")[0][0].GetString());
    }

    [Fact]
    public void Of_a_writer_is_what_came_of_all_its_records()
    {
        TxId good = SetBy(ContractCall.User1, "good");
        TxId bad = SetBy(s_alice, "bad");
        TxId tainted = SetBy(ContractCall.User1, "tainted", bad, good);
        SetBy(ContractCall.User1, "further", tainted);
        SetBy(ContractCall.User1, "clean", good);

        foreach (string who in (string[])["alice", s_alice.Fingerprint.ToString()])
        {
            JsonElement answer = _bench.Json("getimpact", $$"""{"mspId":"Org1MSP","writer":"{{who}}"}""");
            Assert.Equal(["bad", "tainted", "further"], answer.GetProperty("nodes").Each("key"));
        }
    }

    [Fact]
    public void At_a_height_knows_only_what_was_there()
    {
        TxId a = _bench.Set("a");
        TxId b = _bench.Set("b", a);
        _bench.Set("c", b);

        Assert.Equal(
            ["a", "b"], _bench.Json("getimpact", "[\"a\"]", "", "", "3").GetProperty("nodes").Each("key"));
        Assert.Equal(
            ["a", "b"],
            _bench.Json("getimpact", """{"mspId":"Org1MSP"}""", "", "", "3").GetProperty("nodes").Each("key"));
    }

    [Fact]
    public void Beyond_a_bound_is_truncated()
    {
        TxId a = _bench.Set("a");
        TxId b = _bench.Set("b", a);
        _bench.Set("c", b);

        JsonElement shallow = _bench.Json("getimpact", "[\"a\"]", "1");
        JsonElement few = _bench.Json("getimpact", """{"mspId":"Org1MSP"}""", "", "2");

        Assert.Equal(["a", "b"], shallow.GetProperty("nodes").Each("key"));
        Assert.True(shallow.GetProperty("truncated").GetBoolean());
        Assert.Equal(2, few.GetProperty("nodes").GetArrayLength());
        Assert.True(few.GetProperty("truncated").GetBoolean());
    }

    [Theory]
    [InlineData("", 400, "not valid JSON")]
    [InlineData("7", 400, "Roots are a JSON array")]
    [InlineData("[]", 400, "There are no roots")]
    [InlineData("[7]", 400, "A root is a text")]
    [InlineData("[\"a\"", 400, "not valid JSON")]
    [InlineData("[\"a\"]x", 400, "not valid JSON")]
    [InlineData("[\"\"]", 400, "Expecting a key")]
    [InlineData("[\"\\ud800\"]", 400, "no Unicode")]
    [InlineData("[\"nowhere\"]", 404, "Asset not found: nowhere")]
    [InlineData("{}", 400, "an MSP id is not empty")]
    [InlineData("{\"mspId\":\"Org1MSP\",\"name\":\"x\"}", 400, "not 'name'")]
    [InlineData("{\"mspId\":\"Org1MSP\",\"since\":\"yesterday\"}", 400, "'yesterday' is not RFC 3339")]
    public void Roots_that_are_none_are_refused(string roots, int status, string reason)
    {
        ContractResponse response = _bench.Call("getimpact", roots);

        Assert.Equal(status, response.Status);
        Assert.Contains(reason, response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_roots_than_the_limit_are_refused()
    {
        string roots = "[" + string.Join(',', Enumerable.Range(0, 1_001).Select(i => $"\"k{i}\"")) + "]";

        Assert.Equal(400, _bench.Call("getimpact", roots).Status);
    }
}

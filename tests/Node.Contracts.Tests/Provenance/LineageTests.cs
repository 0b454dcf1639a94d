using System.Text.Json;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

public class LineageTests
{
    private readonly ContractBench _bench = Bench.New();

    // The graph of most tests: a <- b <- d, a <- c <- d. A diamond.
    private (TxId A, TxId B, TxId C, TxId D) Diamond()
    {
        TxId a = _bench.Set("a");
        TxId b = _bench.Set("b", a);
        TxId c = _bench.Set("c", a);
        return (a, b, c, _bench.Set("d", b, c));
    }

    private static string[] Edges(JsonElement answer)
    {
        IEnumerable<JsonElement> edges = answer.GetProperty("edges").EnumerateArray();
        return [.. edges.Select(edge => $"{edge[0].GetString()} {edge[1].GetString()}")];
    }

    [Fact]
    public void Upward_holds_each_ancestor_once_and_every_edge()
    {
        (TxId a, TxId b, TxId c, TxId d) = Diamond();

        JsonElement answer = _bench.Json("getlineage", d.Value);

        Assert.Equal(["root", "direction", "nodes", "edges", "truncated", "missing"], answer.Names());
        Assert.Equal((d.Value, "up"), (answer.Text("root"), answer.Text("direction")));
        Assert.Equal(["d", "b", "c", "a"], answer.GetProperty("nodes").Each("key"));
        Assert.Equal([$"{d} {b}", $"{d} {c}", $"{b} {a}", $"{c} {a}"], Edges(answer));
        Assert.False(answer.GetProperty("truncated").GetBoolean());
        Assert.Empty(answer.GetProperty("missing").Texts());
    }

    [Fact]
    public void Downward_holds_each_descendant_once_in_order_of_commit()
    {
        (TxId a, TxId b, TxId c, TxId d) = Diamond();

        JsonElement answer = _bench.Json("getlineage", "a", "down");

        Assert.Equal(["a", "b", "c", "d"], answer.GetProperty("nodes").Each("key"));
        Assert.Equal([$"{b} {a}", $"{c} {a}", $"{d} {b}", $"{d} {c}"], Edges(answer));
    }

    [Fact]
    public void Both_holds_ancestors_and_descendants_but_no_siblings()
    {
        Diamond();

        JsonElement answer = _bench.Json("getlineage", "b", "both");

        Assert.Equal(["b", "a", "d"], answer.GetProperty("nodes").Each("key"));
        Assert.Equal(2, Edges(answer).Length);
    }

    [Fact]
    public void A_node_tells_its_record_and_its_level()
    {
        (_, _, _, TxId d) = Diamond();

        JsonElement node = _bench.Json("getlineage", d.Value).GetProperty("nodes")[3];

        string[] expected =
        [
            "txid", "key", "hash", "checksumAlgorithm", "location", "pointer", "type", "certificate", "mspId",
            "timestamp", "block", "transaction", "level", "outdated",
        ];
        Assert.Equal(expected, node.Names());
        Assert.Equal(("a", "h-a", "Record"), (node.Text("key"), node.Text("hash"), node.Text("type")));
        Assert.Equal(2, node.GetProperty("level").GetInt32());
    }

    [Fact]
    public void An_ancestor_that_was_corrected_is_outdated_and_keeps_its_own_content()
    {
        TxId old = _bench.Submit("set", "month", "wrong", "l", "p");
        TxId year = _bench.Set("year", old);
        TxId corrected = _bench.Submit("set", "month", "right", "l", "p");

        JsonElement nodes = _bench.Json("getlineage", year.Value).GetProperty("nodes");
        Assert.Equal((old.Value, "wrong"), (nodes[1].Text("txid"), nodes[1].Text("hash")));
        Assert.True(nodes[1].GetProperty("outdated").GetBoolean());
        Assert.Equal(corrected.Value, nodes[1].Text("newestTxid"));
        Assert.False(nodes[0].GetProperty("outdated").GetBoolean());

        // Nothing was derived from the corrected version yet; the old one still knows its child.
        Assert.Equal(["month"], _bench.Json("getlineage", "month", "down").GetProperty("nodes").Each("key"));
        Assert.Equal(["month", "year"], _bench.Json("getlineage", old.Value, "down").GetProperty("nodes").Each("key"));
    }

    [Fact]
    public void A_parent_that_is_not_recorded_is_listed_as_missing()
    {
        TxId nowhere = ContractBench.Id(99);
        TxId child = _bench.Set("child", nowhere);

        JsonElement answer = _bench.Json("getlineage", child.Value);
        Assert.Equal([nowhere.Value], answer.GetProperty("missing").Texts());
        Assert.Equal([$"{child} {nowhere}"], Edges(answer));
        Assert.Equal(1, answer.GetProperty("nodes").GetArrayLength());
        Assert.False(answer.GetProperty("truncated").GetBoolean());
    }

    [Theory]
    [InlineData("up", "d", "0", "d", true)]
    [InlineData("up", "d", "1", "d b c", true)]
    [InlineData("up", "d", "2", "d b c a", false)]
    [InlineData("up", "d", "-1", "d b c a", false)]
    [InlineData("up", "a", "0", "a", false)]           // Nothing is left out where nothing is.
    [InlineData("down", "a", "0", "a", true)]
    [InlineData("down", "a", "1", "a b c", true)]
    [InlineData("down", "a", "2", "a b c d", false)]
    [InlineData("down", "d", "0", "d", false)]
    public void Depth_bounds_the_levels(string direction, string root, string depth, string keys, bool truncated)
    {
        Diamond();

        JsonElement answer = _bench.Json("getlineage", root, direction, depth);
        Assert.Equal(keys.Split(' '), answer.GetProperty("nodes").Each("key"));
        Assert.Equal(truncated, answer.GetProperty("truncated").GetBoolean());
    }

    [Theory]
    [InlineData("up", "d", 1, "d")]
    [InlineData("up", "d", 2, "d b")]
    [InlineData("up", "d", 3, "d b c")]
    [InlineData("down", "a", 1, "a")]
    [InlineData("down", "a", 2, "a b")]
    [InlineData("down", "a", 3, "a b c")]
    public void The_number_of_nodes_is_bounded_and_says_so(string direction, string root, int nodes, string keys)
    {
        Diamond();

        JsonElement answer = _bench.Json("getlineage", root, direction, "10", $"{nodes}");
        Assert.Equal(keys.Split(' '), answer.GetProperty("nodes").Each("key"));
        Assert.True(answer.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public void A_cycle_ends()
    {
        // A client knows its transaction ids before it sends them, so two records can name each other.
        TxId second = ContractBench.Id(2);
        TxId first = _bench.Set("first", second);
        Assert.Equal(second, _bench.Set("second", first));

        foreach (string direction in (string[])["up", "down", "both"])
        {
            JsonElement answer = _bench.Json("getlineage", "first", direction, "-1");
            Assert.Equal(["first", "second"], answer.GetProperty("nodes").Each("key"));
            string[] edges = [$"{first} {second}", $"{second} {first}"];
            Assert.Equal(edges.Order(), Edges(answer).Order());
        }

        Assert.Equal(
            $$"""{"Dependencies":[{"TxID":"{{second}}","Depending":["""
            + $$"""{"TxID":"{{first}}","Depending":[],"seen":true}]}],"""
            + "\"truncated\":false,\"missing\":false}",
            _bench.Ask("getdependencies", first.Value, "-1"));
    }

    [Fact]
    public void Each_current_ancestor_costs_two_point_reads_and_no_scan()
    {
        const int Levels = 1000;
        TxId newest = Chain(Levels);

        JsonElement answer = _bench.Json("getlineage", newest.Value, "up", "-1");

        Assert.Equal(Levels, answer.GetProperty("nodes").GetArrayLength());
        Assert.Equal(2 * Levels, _bench.LastState.Lookups);
        Assert.Empty(_bench.LastState.Ranges);
        Assert.Equal(0, _bench.LastState.HistoryReads);
    }

    [Fact]
    public void A_ladder_of_diamonds_is_linear()
    {
        TxId[] rung = [_bench.Set("l0"), _bench.Set("r0")];
        for (int i = 1; i <= 40; i++)
            rung = [_bench.Set($"l{i}", rung), _bench.Set($"r{i}", rung)];

        JsonElement tree = _bench.Json("getdependencies", rung[0].Value, "-1");

        Assert.False(tree.GetProperty("truncated").GetBoolean());
        Assert.Equal(81, _bench.Json("getlineage", rung[0].Value, "up", "-1").GetProperty("nodes").GetArrayLength());
        Assert.InRange(tree.GetRawText().Length, 100, 40 * 4 * 150);
    }

    [Fact]
    public void A_record_seen_twice_is_unfolded_where_it_is_nearest()
    {
        TxId a = _bench.Set("a");
        TxId b = _bench.Set("b", a);
        TxId c = _bench.Set("c", b);
        TxId d = _bench.Set("d", c, b);

        Assert.Equal(
            $$"""{"Dependencies":[{"TxID":"{{c}}","Depending":[{"TxID":"{{b}}","Depending":[],"seen":true}]},"""
            + $$"""{"TxID":"{{b}}","Depending":[{"TxID":"{{a}}","Depending":[]}]}],"""
            + "\"truncated\":false,\"missing\":false}",
            _bench.Ask("getdependencies", d.Value));
    }

    [Theory]
    [InlineData("0", "[]", true, false)]
    [InlineData("1", """[{"TxID":"B","Depending":[],"truncated":true}]""", true, false)]
    [InlineData("2", """[{"TxID":"B","Depending":[{"TxID":"X","Depending":[],"truncated":true}]}]""", true, false)]
    [InlineData("3", """[{"TxID":"B","Depending":[{"TxID":"X","Depending":[],"missing":true}]}]""", false, true)]
    public void Each_level_of_the_tree_is_one_level_of_reads(string depth, string tree, bool truncated, bool missing)
    {
        // Depth 2 reads c and b, and names b's parent without reading it; depth 3 finds that it is missing.
        TxId nowhere = ContractBench.Id(99);
        TxId b = _bench.Set("b", nowhere);
        TxId c = _bench.Set("c", b);

        JsonElement answer = _bench.Json("getdependencies", c.Value, depth);
        string expected = tree.Replace("\"B\"", $"\"{b}\"", StringComparison.Ordinal)
            .Replace("\"X\"", $"\"{nowhere}\"", StringComparison.Ordinal);
        Assert.Equal(expected, answer.GetProperty("Dependencies").GetRawText());
        Assert.Equal(truncated, answer.GetProperty("truncated").GetBoolean());
        Assert.Equal(missing, answer.GetProperty("missing").GetBoolean());
    }

    [Fact]
    public void A_tree_deeper_than_any_stack_is_written()
    {
        TxId newest = Chain(3000);

        string tree = _bench.Ask("getdependencies", newest.Value, "-1");

        Assert.Equal(2999, tree.Split("\"TxID\"").Length - 1);
        Assert.EndsWith(",\"truncated\":false,\"missing\":false}", tree, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fan_of_children_beyond_the_byte_limit_is_truncated_not_refused()
    {
        TxId root = _bench.Set("root");
        string wide = new('w', 4096);
        for (int i = 0; i < 700; i++)
            _bench.Submit("set", $"{new string('k', 4000)}{i}", "h", wide, wide, "", root.Value);

        ContractResponse response = _bench.Call("getlineage", "root", "down");

        JsonElement answer = JsonSerializer.Deserialize<JsonElement>(response.Payload.Span);
        Assert.InRange(response.Payload.Length, 8_200_000, Limits.LineageBytesMax);
        Assert.InRange(answer.GetProperty("nodes").GetArrayLength(), 600, 699);
        Assert.True(answer.GetProperty("truncated").GetBoolean());
    }

    private TxId Chain(int levels)
    {
        TxId newest = _bench.Set("k0");
        for (int i = 1; i < levels; i++)
            newest = _bench.Set($"k{i}", newest);
        return newest;
    }
}

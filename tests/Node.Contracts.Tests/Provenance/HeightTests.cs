using System.Text.Json;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

public class HeightTests
{
    private readonly ContractBench _bench = Bench.New();

    // Heights: 2 after the first record, 3 after the second, and so on.
    // a1 (2) <- b (3) <- c (5); a2 (4) replaces a1.
    private (TxId A1, TxId B, TxId A2, TxId C) History()
    {
        TxId a1 = _bench.Set("a");
        TxId b = _bench.Set("b", a1);
        TxId a2 = _bench.Set("a");
        return (a1, b, a2, _bench.Set("c", b));
    }

    private JsonElement At(ulong height, string root, string direction) =>
        _bench.Json("getlineage", root, direction, "-1", "", $"{height}");

    [Theory]
    [InlineData(2, "a", "a")]
    [InlineData(3, "a", "a b")]
    [InlineData(4, "a", "a")]           // The key means its newest record, from which nothing was derived yet.
    [InlineData(3, "b", "b")]
    [InlineData(4, "b", "b")]
    [InlineData(5, "b", "b c")]
    [InlineData(99, "b", "b c")]        // A height that is still to come is the present.
    public void Downward_shows_what_was_there_at_the_height(ulong height, string root, string keys)
    {
        History();

        Assert.Equal(keys.Split(' '), At(height, root, "down").GetProperty("nodes").Each("key"));
    }

    [Fact]
    public void A_key_means_the_record_that_it_had_at_the_height()
    {
        (TxId a1, _, TxId a2, _) = History();

        Assert.Equal(a1.Value, At(2, "a", "up").Text("root"));
        Assert.Equal(a1.Value, At(3, "a", "up").Text("root"));
        Assert.Equal(a2.Value, At(4, "a", "up").Text("root"));
    }

    [Fact]
    public void A_record_is_outdated_from_the_height_of_the_newer_one_on()
    {
        (TxId a1, TxId b, TxId a2, _) = History();

        JsonElement before = At(3, b.Value, "up").GetProperty("nodes")[1];
        JsonElement after = At(4, b.Value, "up").GetProperty("nodes")[1];

        Assert.Equal((a1.Value, false), (before.Text("txid"), before.GetProperty("outdated").GetBoolean()));
        Assert.Equal((a1.Value, a2.Value), (after.Text("txid"), after.Text("newestTxid")));
    }

    [Fact]
    public void What_was_recorded_later_is_not_there()
    {
        (_, TxId b, _, TxId c) = History();

        Assert.Equal(404, _bench.Call("getlineage", c.Value, "up", "", "", "4").Status);
        Assert.Equal(404, _bench.Call("getlineage", "c", "up", "", "", "4").Status);
        Assert.Equal(404, _bench.Call("getlineage", "a", "up", "", "", "0").Status);
        Assert.Equal(200, _bench.Call("getlineage", b.Value, "up", "", "", "3").Status);
    }

    [Fact]
    public void A_parent_that_was_recorded_after_its_child_was_missing_until_then()
    {
        TxId late = ContractBench.Id(2);
        TxId child = _bench.Set("child", late);
        Assert.Equal(late, _bench.Set("late"));

        Assert.Equal([late.Value], At(2, child.Value, "up").GetProperty("missing").Texts());
        Assert.Empty(At(3, child.Value, "up").GetProperty("missing").Texts());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public void A_height_that_is_no_count_is_refused(string height)
    {
        History();

        ContractResponse response = _bench.Call("getlineage", "a", "up", "", "", height);

        Assert.Equal(400, response.Status);
        Assert.Contains($"'{height}'", response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_height_shows_what_the_present_showed_when_the_chain_was_that_high()
    {
        const int Blocks = 40;
        var random = new Random(7);
        List<(ulong Height, string Key, string Up, string Down)> seen = [];
        List<TxId> ids = [];
        for (int i = 0; i < Blocks; i++)
        {
            string key = $"k{random.Next(6)}";
            TxId[] parents = [.. ids.OrderBy(_ => random.Next()).Take(random.Next(4))];
            ids.Add(_bench.Set(key, parents));
            seen.Add((_bench.Committed.Height, key, _bench.Ask("getlineage", key, "up", "-1"),
                _bench.Ask("getlineage", key, "down", "-1")));
        }

        Assert.All(seen, then =>
        {
            Assert.Equal(then.Up, _bench.Ask("getlineage", then.Key, "up", "-1", "", $"{then.Height}"));
            Assert.Equal(then.Down, _bench.Ask("getlineage", then.Key, "down", "-1", "", $"{then.Height}"));
        });
    }
}

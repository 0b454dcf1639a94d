using System.Text.Json;
using Node.Contracts.Provenance;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

public class PagingTests
{
    private readonly ContractBench _bench = Bench.New();

    [Theory]
    [InlineData("", "", "a|a1|ab|b|\uFFFD|😀")]      // Everything, in the order of UTF-8 bytes, no index entries.
    [InlineData("a", "b", "a|a1|ab")]                // Start inclusive, end exclusive.
    [InlineData("a", "a", "")]
    [InlineData("b", "a", "")]
    [InlineData("a", "a_~", "a|a1")]                 // The prefix idiom.
    [InlineData("b", "", "b|\uFFFD|😀")]
    public void A_range_is_half_open_and_ordered_by_bytes(string start, string end, string expected)
    {
        foreach (string key in (string[])["b", "a", "😀", "ab", "\uFFFD", "a1"])
            _bench.Set(key, ContractBench.Id(99));

        Assert.Equal(expected, string.Join('|', _bench.Json("getbyrange", start, end).Each("Key")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(10_000)]
    public void Pages_of_a_range_give_every_key_once(int pageSize)
    {
        string[] keys = ["a", "a0", "a\u0001", "b", "\uFFFD", "😀"];
        foreach (string key in keys)
            _bench.Set(key);

        List<string> found = [];
        string bookmark = "";
        do
        {
            JsonElement page = _bench.Json("getbyrange", "", "", $"{pageSize}", bookmark);
            Assert.InRange(page.GetProperty("records").GetArrayLength(), 1, pageSize);
            found.AddRange(page.GetProperty("records").Each("Key"));
            bookmark = page.Text("bookmark");
        }
        while (bookmark.Length > 0);

        Assert.Equal(["a", "a\u0001", "a0", "b", "\uFFFD", "😀"], found);
    }

    [Theory]
    [InlineData(1, "false")]
    [InlineData(3, "false")]
    [InlineData(7, "true")]
    [InlineData(2, "true")]
    public void Pages_of_a_history_give_every_version_once(int pageSize, string newestFirst)
    {
        TxId[] written = [.. Enumerable.Range(0, 7).Select(_ => _bench.Set("key"))];
        if (newestFirst == "true")
            Array.Reverse(written);

        List<string> found = [];
        string bookmark = "";
        do
        {
            JsonElement page = _bench.Json("getkeyhistory", "key", $"{pageSize}", bookmark, newestFirst);
            found.AddRange(page.GetProperty("records").Each("TxID"));
            bookmark = page.Text("bookmark");
        }
        while (bookmark.Length > 0);

        Assert.Equal(written.Select(id => id.Value), found);
    }

    [Fact]
    public void History_names_transaction_block_and_position()
    {
        _bench.Set("other");
        TxId id = _bench.Set("key");

        JsonElement entry = _bench.Json("getkeyhistory", "key")[0];
        Assert.Equal(id.Value, entry.Text("TxID"));
        Assert.False(entry.GetProperty("IsDelete").GetBoolean());
        Assert.Equal(
            (2ul, 0ul), (entry.GetProperty("Block").GetUInt64(), entry.GetProperty("Transaction").GetUInt64()));
    }

    [Fact]
    public void History_shows_times_as_in_2019_on_request()
    {
        _bench.Set("key");

        Assert.Equal(
            "2026-01-31 12:00:00 +0000 UTC", _bench.Json("getkeyhistory", "key", "legacy")[0].Text("Timestamp"));
        Assert.Equal("2026-01-31T12:00:00Z", _bench.Json("getkeyhistory", "key")[0].Text("Timestamp"));
    }

    [Fact]
    public void A_tombstone_in_a_history_is_shown_as_such()
    {
        _bench.Set("key");
        var state = new InMemoryState(_bench.Committed);
        state.Delete("key");
        _bench.Committed.Commit((ContractBench.Id(500), ContractCall.Noon, state));

        JsonElement entry = _bench.Json("getkeyhistory", "key")[1];
        Assert.True(entry.GetProperty("IsDelete").GetBoolean());
        Assert.Equal(("", ContractBench.Id(500).Value), (entry.Text("Hash"), entry.Text("TxID")));
    }

    [Fact]
    public void An_answer_that_grows_too_large_is_refused_without_paging_and_split_with_it()
    {
        string description = new('\u0001', ProvenanceLimits.DescriptionBytesMax);   // Six bytes each when escaped.
        for (int i = 0; i < 6; i++)
            _bench.Submit("set", $"key{i}", "h", "l", "p", description);

        ContractResponse whole = _bench.Call("getbyrange", "", "");
        Assert.Equal(ContractResponse.TooLarge, whole.Status);
        Assert.Contains("getbyrange start end pageSize bookmark", whole.Message, StringComparison.Ordinal);

        JsonElement page = _bench.Json("getbyrange", "", "", "6");
        string bookmark = page.Text("bookmark");
        Assert.InRange(page.GetProperty("records").GetArrayLength(), 1, 5);
        Assert.Equal(6, page.GetProperty("records").GetArrayLength()
            + _bench.Json("getbyrange", "", "", "6", bookmark).GetProperty("records").GetArrayLength());
    }
}

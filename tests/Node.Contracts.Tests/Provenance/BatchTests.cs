using System.Text;
using System.Text.Json;
using Node.Contracts.Provenance;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

public class BatchTests
{
    private readonly ContractBench _bench = Bench.New();

    private static string Entry(string key, string more = "") =>
        $$"""
        {"key":"{{key}}","hash":"h-{{key[..int.Min(key.Length, 99)]}}","location":"file://s","pointer":"p"{{more}}}
        """;

    private static string DependsOn(params string[] parents) =>
        ",\"dependencies\":[" + string.Join(',', parents.Select(parent => $"\"{parent}\"")) + "]";

    private TxId Submit(params string[] entries) => _bench.Submit("setbatch", $"[{string.Join(',', entries)}]");

    [Fact]
    public void Names_its_records_by_ids_that_the_client_computes_too()
    {
        TxId id = _bench.NextId;

        JsonElement answer = _bench.Json("setbatch", $"[{Entry("a")},{Entry("b")}]");

        Assert.Equal(["txid", "ids"], answer.Names());
        Assert.Equal(id.Value, answer.Text("txid"));
        string[] expected = [RecordIds.InBatch(id, 0).Value, RecordIds.InBatch(id, 1).Value];
        Assert.Equal(expected, answer.GetProperty("ids").Texts());
        Assert.Equal(Hash32.Of(Encoding.ASCII.GetBytes(id + ":1")).ToString(), expected[1]);
    }

    [Fact]
    public void Its_records_are_found_by_every_function()
    {
        TxId parent = _bench.Set("a");
        TxId batch = Submit(
            Entry("b", DependsOn(parent.Value)),
            Entry("c", DependsOn("#0", parent.Value) + ",\"description\":\"note\",\"type\":\"Observation\""));
        string b = RecordIds.InBatch(batch, 0).Value;
        string c = RecordIds.InBatch(batch, 1).Value;

        JsonElement newest = _bench.Json("get", "c");
        JsonElement byId = _bench.Json("getfromid", c);
        JsonElement history = _bench.Json("getkeyhistory", "c")[0];
        JsonElement range = _bench.Json("getbyrange", "b", "d");
        JsonElement up = _bench.Json("getlineage", c);
        JsonElement down = _bench.Json("getlineage", "a", "down");

        Assert.Equal((c, batch.Value, $"{b}:{parent}"),
            (newest.Text("txid"), newest.Text("batch"), newest.Text("dependencies")));
        Assert.Equal(("note", "Observation"), (newest.Text("description"), newest.Text("type")));
        Assert.Equal((c, batch.Value, "c"), (byId.Text("TxID"), byId.Text("Batch"), byId.Text("Key")));
        Assert.Equal((c, batch.Value), (history.Text("TxID"), history.Text("Batch")));
        Assert.Equal([b, c], range.Each("TxID"));
        Assert.Equal(["c", "b", "a"], up.GetProperty("nodes").Each("key"));
        Assert.Equal(batch.Value, up.GetProperty("nodes")[0].Text("batch"));
        Assert.Equal(["a", "b", "c"], down.GetProperty("nodes").Each("key"));
        Assert.Equal(b, _bench.Json("getdependencies", c).GetProperty("Dependencies")[0].Text("TxID"));
        Assert.Equal($"{c} |-|-| h-c", _bench.Ask("getwithid", "c", "legacy"));
    }

    [Fact]
    public void A_record_of_its_own_transaction_has_no_batch()
    {
        TxId id = _bench.Set("a");

        Assert.DoesNotContain("batch", _bench.Json("get", "a").Names());
        Assert.DoesNotContain("Batch", _bench.Json("getfromid", id.Value).Names());
    }

    [Fact]
    public void An_older_record_of_a_batch_is_outdated_once_its_key_is_written_again()
    {
        TxId first = Submit(Entry("a"), Entry("b"));
        TxId second = Submit(Entry("b"));

        JsonElement record = _bench.Json("getfromid", RecordIds.InBatch(first, 1).Value);

        Assert.True(record.GetProperty("Outdated").GetBoolean());
        Assert.Equal(RecordIds.InBatch(second, 0).Value, record.Text("NewestTxID"));
    }

    [Fact]
    public void Its_event_lists_the_records()
    {
        string id = _bench.NextId.Value;
        Submit(Entry("a"), Entry("b"));

        Assert.Equal("hyperprov.recorded", _bench.LastEvent?.Name);
        JsonElement payload = JsonSerializer.Deserialize<JsonElement>(_bench.LastEvent?.Payload ?? "");
        Assert.Equal(["batch", "count", "mspId", "certificate", "records", "truncated"], payload.Names());
        Assert.Equal(id, payload.Text("batch"));
        Assert.Equal(["a", "b"], payload.GetProperty("records").Each("key"));
        Assert.False(payload.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public void A_large_batch_has_an_event_within_its_limit_that_says_so()
    {
        Submit([.. Enumerable.Range(0, 400).Select(i => Entry($"{i}-{new string('k', 200)}"))]);

        string payload = _bench.LastEvent?.Payload ?? "";
        Assert.InRange(Encoding.UTF8.GetByteCount(payload), 1, ProvenanceLimits.BatchEventBytesMax);
        JsonElement parsed = JsonSerializer.Deserialize<JsonElement>(payload);
        Assert.Equal(400, parsed.GetProperty("count").GetInt32());
        Assert.InRange(parsed.GetProperty("records").GetArrayLength(), 20, 399);
        Assert.True(parsed.GetProperty("truncated").GetBoolean());
    }

    [Theory]
    [InlineData("", "is not valid JSON")]
    [InlineData("{}", "a JSON array of objects")]
    [InlineData("[]", "the batch is empty")]
    [InlineData("[1]", "Entry 0 of the batch: Failed to set asset: an entry is a JSON object")]
    [InlineData("[@a,{]", "Entry 1 of the batch: Failed to set asset: this is not valid JSON")]
    [InlineData("[@a]x", "is not valid JSON")]
    [InlineData("[@a,{\"hash\":\"h\"}]", "Entry 1 of the batch: Incorrect arguments. Expecting a key")]
    [InlineData("[{\"key\":\"a\"}]", "Entry 0 of the batch: Failed to set asset: the hash is empty")]
    [InlineData("[{\"key\":1}]", "the key is a text")]
    [InlineData("[{\"key\":\"\\ud800\",\"hash\":\"h\"}]", "holds text that is no Unicode")]
    [InlineData("[{\"key\":\"a\\u0000\",\"hash\":\"h\"}]", "U+0000")]
    [InlineData("[{\"key\":\"a\",\"hash\":\"h\",\"owner\":\"x\"}]", "unknown option 'owner'")]
    [InlineData("[{\"key\":\"a\",\"hash\":\"h\",\"dependencies\":\"x\"}]", "dependencies are an array")]
    [InlineData("[{\"key\":\"a\",\"hash\":\"h\",\"dependencies\":[\"x\"]}]", "'x' is no transaction id")]
    [InlineData("[{\"key\":\"a\",\"hash\":\"h\",\"dependencies\":[\"#x\"]}]", "'#x' is no entry of this batch")]
    [InlineData("[{\"key\":\"a\",\"hash\":\"h\",\"dependencies\":[\"#-1\"]}]", "'#-1' is no entry of this batch")]
    [InlineData("[{\"key\":\"a\",\"hash\":\"h\",\"dependencies\":[\"#0\"]}]", "depends on entry 0")]
    [InlineData("[@a,{\"key\":\"b\",\"hash\":\"h\",\"dependencies\":[\"#7\"]}]", "Entry 1 of the batch")]
    [InlineData("[@a,@b,@a]", "Entry 2 of the batch: Failed to set asset: the key 'a' is that of entry 0 too")]
    [InlineData("[{\"key\":\"a\",\"hash\":\"h\",\"checksumAlgorithm\":\"MD5\"}]", "32 hex digits")]
    public void Refuses_what_it_cannot_record_and_names_the_entry(string template, string reason)
    {
        string entries = template
            .Replace("@a", Entry("a"), StringComparison.Ordinal).Replace("@b", Entry("b"), StringComparison.Ordinal);

        ContractResponse response = _bench.Call("setbatch", entries);

        Assert.Equal(400, response.Status);
        Assert.Contains(reason, response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cycle_inside_of_a_batch_is_refused_although_its_ids_are_known_before()
    {
        TxId batch = _bench.NextId;
        string later = RecordIds.InBatch(batch, 1).Value;

        ContractResponse cycle = _bench.Call(
            "setbatch", $"[{Entry("a", DependsOn(later))},{Entry("b", DependsOn("#0"))}]");
        ContractResponse self = _bench.Call(
            "setbatch", $"[{Entry("a", DependsOn(RecordIds.InBatch(_bench.NextId, 0).Value))}]");
        ContractResponse own = _bench.Call("setbatch", $"[{Entry("a", DependsOn(_bench.NextId.Value))}]");

        Assert.Contains("Entry 0 of the batch", cycle.Message, StringComparison.Ordinal);
        Assert.Contains("depends on entry 1, which does not come before it", cycle.Message, StringComparison.Ordinal);
        Assert.Contains("does not depend on itself", self.Message, StringComparison.Ordinal);
        Assert.Contains("the id of the batch itself names no record", own.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Strict_counts_earlier_entries_as_recorded_and_refuses_others()
    {
        Submit(Entry("a"), Entry("b", DependsOn("#0") + ",\"strict\":true"));

        string unknown = ContractBench.Id(999).Value;
        ContractResponse response = _bench.Call(
            "setbatch", $"[{Entry("c")},{Entry("d", DependsOn(unknown) + ",\"strict\":true")}]");

        Assert.Equal(404, response.Status);
        Assert.Contains("Entry 1 of the batch", response.Message, StringComparison.Ordinal);
        Assert.Contains(unknown, response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_and_set_holds_for_each_entry()
    {
        TxId first = Submit(Entry("a", ",\"expectedTxid\":\"\""));
        string id = RecordIds.InBatch(first, 0).Value;

        Assert.Equal(409, _bench.Call("setbatch", $"[{Entry("a", ",\"expectedTxid\":\"\"")}]").Status);
        Submit(Entry("a", $",\"expectedTxid\":\"{id}\""));
    }

    [Fact]
    public void Entries_and_bytes_have_limits()
    {
        string many = $"[{string.Join(',', Enumerable.Range(0, 501).Select(i => Entry($"k{i}")))}]";
        string large = $"[{Entry("a", $",\"description\":\"{new string('x', ProvenanceLimits.BatchBytesMax)}\"")}]";
        string text = new('x', ProvenanceLimits.DescriptionBytesMax + 1);

        Assert.Equal(413, _bench.Call("setbatch", many).Status);
        Assert.Equal(413, _bench.Call("setbatch", large).Status);
        ContractResponse response = _bench.Call("setbatch", $"[{Entry("a", $",\"description\":\"{text}\"")}]");
        Assert.Equal(413, response.Status);
        Assert.Contains("Entry 0 of the batch: The description has", response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_would_write_more_than_an_envelope_holds_is_refused()
    {
        string parents = DependsOn([.. Enumerable.Range(0, 499).Select(i => $"#{i}")]);
        string longKey = new('k', ProvenanceLimits.KeyBytesMax - 3);
        string entries = string.Join(',', Enumerable.Range(0, 499).Select(i => Entry($"k{i}")));

        ContractResponse alone = _bench.Call("setbatch", $"[{entries},{Entry(longKey, parents)}]");
        ContractResponse tooMuch = _bench.Call(
            "setbatch",
            "[" + string.Join(',', Enumerable.Range(0, 300).Select(i =>
                Entry($"{i:D3}{longKey}", DependsOn([.. Enumerable.Range(0, i).Select(j => $"#{j}")])))) + "]");

        Assert.True(alone.IsSuccess, alone.Message);
        Assert.Equal(413, tooMuch.Status);
        Assert.Contains("several transactions", tooMuch.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_only_who_may_write_its_keys()
    {
        Submit(Entry("a"), Entry("b", DependsOn("#0")));

        Assert.Equal(["\0policies\0", "\0writers\0a\0", "\0writers\0b\0"], _bench.LastState.Reads.Keys);
        Assert.Empty(_bench.LastState.Ranges);
    }
}

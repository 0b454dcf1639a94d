using System.Text;
using System.Text.Json;
using Node.Contracts.Provenance;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

/// <summary>What a lineage of many thousand levels costs, counted: times differ from machine to machine.</summary>
public class LineageCostTests
{
    private readonly ContractBench _bench = Bench.New();

    [Fact]
    public void A_chain_of_versions_of_one_key_reads_that_key_once()
    {
        const int Levels = 500;
        TxId newest = _bench.Set("k");
        for (int i = 1; i < Levels; i++)
            newest = _bench.Set("k", newest);

        JsonElement answer = _bench.Json("getlineage", newest.Value, "up", "-1");

        Assert.Equal(Levels, answer.GetProperty("nodes").GetArrayLength());
        Assert.Equal(Levels + 2, _bench.LastState.Lookups);   // The root, before anything is known of its key, is two.
        Assert.Equal(Levels - 1, _bench.LastState.HistoryReads);
    }

    [Fact]
    public void A_level_allocates_less_than_three_kilobytes()
    {
        // Each level has two parents, as in the thesis' experiment.
        const int Levels = 2_000;
        const int BytesPerLevelMax = 3_000;
        Chain(Levels);
        long few = Allocated("k200");
        long many = Allocated($"k{Levels - 1}");

        Assert.InRange((many - few) / (Levels - 200), 500, BytesPerLevelMax);
    }

    [Theory]
    [InlineData("")]
    [InlineData("compact")]
    public void Ten_thousand_levels_with_two_parents_each_have_room_in_one_answer(string form)
    {
        const int Levels = 10_000;
        Chain(Levels);

        ContractResponse response = _bench.Call("getlineage", $"k{Levels - 1}", "up", "-1", "", "", form);

        Assert.InRange(response.Payload.Length, 3_000_000, Limits.LineageBytesMax);
        using JsonDocument answer = JsonDocument.Parse(response.Payload);
        Assert.Equal(Levels, answer.RootElement.GetProperty("nodes").GetArrayLength());
        Assert.Equal((2 * Levels) - 3, answer.RootElement.GetProperty("edges").GetArrayLength());
        Assert.False(answer.RootElement.GetProperty("truncated").GetBoolean());
    }

    [Theory]
    [InlineData("plain", false)]
    [InlineData("quote \" back \\ slash \n <&> \u2028 \u0001 é 😀", false)]
    [InlineData("outdated", true)]
    public void The_bytes_of_a_node_are_known_before_it_is_written(string key, bool isOutdated)
    {
        _bench.Submit("setbatch", JsonSerializer.Serialize(new[] { new { key, hash = "<h>", pointer = "\"" } }));
        TxId id = RecordIds.InBatch(ContractBench.Id(1), 0);
        if (isOutdated)
            _bench.Set(key);
        var state = new InMemoryState(_bench.Committed);

        Assert.True(RecordsAt.Present(state).TryFind(id.ToHash(), out LocatedRecord? located));
        string node = _bench.Json("getlineage", id.Value, "up", "0").GetProperty("nodes")[0].GetRawText();

        int comma = 1;
        int spare = isOutdated ? 1 : 0;   // "true" is shorter than "false".
        Assert.Equal(
            Encoding.UTF8.GetByteCount(node) + comma + spare, LineageForm.NodeBytesOf(located, level: 0));
    }

    private void Chain(int levels)
    {
        var parents = new Queue<TxId>();
        for (int i = 0; i < levels; i++)
        {
            parents.Enqueue(_bench.Set($"k{i}", [.. parents]));
            if (parents.Count > 2)
                parents.Dequeue();
        }
    }

    private long Allocated(string key)
    {
        var contract = new ProvenanceContract();
        var call = new ContractCall(
            new InMemoryState(_bench.Committed), ContractBench.Id(0), "getlineage", key, "up", "-1", "", "", "compact");
        contract.Invoke(call);   // Warms up.
        long before = GC.GetAllocatedBytesForCurrentThread();
        contract.Invoke(call);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}

using System.Text;
using System.Text.Json;
using Node.Client;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.EndToEnd;

/// <summary>The SDK's questions about records, and who may write them, on a running network.</summary>
public class ProvenanceTests
{
    private static readonly string[] s_place = ["file://mnt/hlfshared", "cfile"];

    /// <summary>As the original's set-up script checked its network, with a node that is installed late.</summary>
    [Fact]
    public async Task A_node_that_begins_from_nothing_answers_what_the_others_answer()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        using (Gateway gateway = Gateway.FromNetworkFolder(network.Folder, "org1", "User1"))
        {
            Contract contract = ContractOf(gateway);
            await contract.SubmitAsync("Init", ["c", "51", .. s_place], default);
            await network.SettleAsync();
            Assert.Equal("51", await ChecksumAsync(network, "org1"));
            Assert.Equal("51", await ChecksumAsync(network, "org2"));
            await contract.SubmitAsync("set", ["c", "77", .. s_place], default);
        }

        await network.DownAsync();
        Directory.Delete(Path.Combine(network.NodeFolder("peer0.org2.example.com"), "data"), recursive: true);
        await network.UpAsync();
        await network.SettleAsync();

        Assert.Equal("77", await ChecksumAsync(network, "org1"));
        Assert.Equal("77", await ChecksumAsync(network, "org2"));
    }

    [Fact]
    public async Task Batches_lineage_impact_writers_and_policies_work_on_a_running_network()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        using Gateway gateway = Gateway.FromNetworkFolder(network.Folder, "org1", "User1");
        await using var store = new FolderStore(Path.Combine(network.Folder, "store"));
        var client = new ProvenanceClient(ContractOf(gateway), store);

        IReadOnlyList<Recorded> recorded = await client.RecordBatchAsync(
            [Draft("raw"), Draft("clean", "#0"), Draft("raw"), Draft("model", "#1", "#0")], default);

        await ShowsTheGraphAsync(client, recorded);
        await KnowsWhoWroteAsync(client, recorded);
        await FindsTheTransactionAsync(network, recorded[1]);
        await KeepsOthersOutAsync(network, client);
    }

    private static async Task ShowsTheGraphAsync(ProvenanceClient client, IReadOnlyList<Recorded> recorded)
    {
        Lineage up = await client.LineageAsync("model", LineageDirection.Up, depth: -1, default);
        Lineage then = await client.LineageAsync(
            recorded[0].Id.Value, LineageDirection.Down, depth: -1, asOf: recorded[0].Block + 1, default);
        Lineage impact = await client.ImpactAsync([recorded[0].Id.Value, "clean"], asOf: null, default);
        DerivationPath path = await client.PathAsync("model", recorded[0].Id.Value, asOf: null, default);

        Assert.Equal(["model", "clean", "raw"], up.Records.Select(record => record.Key));
        Assert.True(up.Records[2].IsOutdated);
        Assert.Equal(["raw", "clean"], then.Records.Select(record => record.Key));
        Assert.Equal(["raw", "clean", "model"], impact.Records.Select(record => record.Key));
        Assert.Equal([recorded[3].Id, recorded[0].Id], path.Records.Select(record => record.TransactionId));
        Assert.Equal(recorded[0].Id, (await client.GetVersionAsync("raw", 1, default)).TransactionId);
        Assert.Equal(recorded[2].Id, (await client.GetVersionAsync("raw", -1, default)).TransactionId);
        await Assert.ThrowsAsync<RecordNotFoundException>(() => client.GetVersionAsync("raw", 3, default));
    }

    private static async Task KnowsWhoWroteAsync(ProvenanceClient client, IReadOnlyList<Recorded> recorded)
    {
        ProvenanceRecord record = await client.FindByTransactionAsync(recorded[0].Id, default);
        var writer = new Writer { MspId = record.MspId, Who = record.Fingerprint };
        var written = new List<TxId>();
        await foreach (ProvenanceRecord one in client.WrittenByAsync(writer, default))
            written.Add(one.TransactionId);
        Lineage tainted = await client.ImpactAsync(writer, asOf: null, default);

        Assert.Equal(recorded.Select(one => one.Id), written);
        Assert.Equal(recorded.Count, tainted.Records.Count);
    }

    private static async Task FindsTheTransactionAsync(RunningNetwork network, Recorded recorded)
    {
        Assert.NotEqual(recorded.Id, recorded.CommittedBy);

        string shown = await network.MustAsync("tx", recorded.Id.Value, "--json");

        Assert.Contains(recorded.CommittedBy.Value, shown, StringComparison.Ordinal);
        Assert.Contains("setbatch", shown, StringComparison.Ordinal);
    }

    private static async Task KeepsOthersOutAsync(RunningNetwork network, ProvenanceClient client)
    {
        await network.MustAsync("policy", "set", "lab/", "--prefix", "--writers", "Org1MSP", "--user", "Admin");
        using JsonDocument list = JsonDocument.Parse(await network.MustAsync("policy", "list", "--json"));
        Assert.Equal("lab/", list.RootElement[0].GetProperty("name").GetString());
        await client.RecordAsync(Draft("lab/x"), default);
        await network.SettleAsync();

        using Gateway other = Gateway.FromNetworkFolder(network.Folder, "org2", "User1");
        GatewayException refused = await Assert.ThrowsAnyAsync<GatewayException>(
            () => ContractOf(other).SubmitAsync("set", ["lab/x", "h", .. s_place], default));
        Assert.Contains("policy of the prefix 'lab/'", refused.ToString(), StringComparison.Ordinal);
        using JsonDocument shown = JsonDocument.Parse(
            await network.MustAsync("policy", "show", "lab/x", "--org", "org2", "--json"));
        Assert.False(shown.RootElement.GetProperty("mayWrite").GetBoolean());

        await network.MustAsync("policy", "remove", "lab/", "--prefix", "--user", "Admin");
        await network.SettleAsync();
        await ContractOf(other).SubmitAsync("set", ["lab/x", "h", .. s_place], default);
    }

    private static RecordDraft Draft(string key, params string[] parents) =>
        new() { Key = key, Hash = "h-" + key, Parents = parents };

    private static async Task<string> ChecksumAsync(RunningNetwork network, string organization)
    {
        using Gateway gateway = Gateway.FromNetworkFolder(network.Folder, organization, "User1");
        ReadOnlyMemory<byte> answer = await ContractOf(gateway).EvaluateAsync("checkhash", ["c"], default);
        return Encoding.UTF8.GetString(answer.Span);
    }

    private static Contract ContractOf(Gateway gateway) =>
        gateway.GetNetwork(ChannelId.Of("mychannel")).GetContract("hyperprov");
}

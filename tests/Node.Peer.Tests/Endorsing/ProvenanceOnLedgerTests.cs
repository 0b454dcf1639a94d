using System.Text.Json;
using Node.Contracts.Provenance;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Peer.Tests.Endorsing;

/// <summary>The provenance contract on the real world state gives the answers that its own tests pin down.</summary>
public class ProvenanceOnLedgerTests(EndorsingNetwork network) : IClassFixture<EndorsingNetwork>
{
    private JsonElement Ask(string function, params string[] arguments) =>
        JsonSerializer.Deserialize<JsonElement>(network.Evaluate(network.Proposal(function, arguments)));

    private static string[] Each(JsonElement array, string member) =>
        [.. array.EnumerateArray().Select(item => item.GetProperty(member).ToString())];

    [Fact]
    public async Task The_real_state_gives_the_same_answers_as_the_fake()
    {
        var fake = new ContractBench(new ProvenanceContract());
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        (string Key, string[] Parents)[] script =
        [
            ("same/a", []), ("same/b", ["same/a"]), ("same/😀", ["same/b", "same/a"]), ("same/a", []),
            ("same/\uFFFD", ["same/a"]), ("same/b", ["same/a", "same/\uFFFD"]),
        ];
        var realIds = new Dictionary<string, TxId>(StringComparer.Ordinal);
        var fakeIds = new Dictionary<string, TxId>(StringComparer.Ordinal);
        for (int i = 0; i < script.Length; i++)
        {
            (string key, string[] parents) = script[i];
            TxId real = await network.SetAsync(key, "hash", [.. parents.Select(parent => realIds[parent])]);
            TxId faked = fake.Submit(
                "set", key, "hash", "file://s", "p", "", string.Join(':', parents.Select(parent => fakeIds[parent])));
            realIds[key] = real;
            fakeIds[key] = faked;
            names[real.Value] = names[faked.Value] = $"tx{i}";
        }

        string[][] questions =
        [
            ["get", "same/a"], ["getkeyhistory", "same/b"], ["getkeyhistory", "same/b", "1", "", "true"],
            ["getbyrange", "same/", "same0"], ["getlineage", "same/b", "up", "-1"], ["getlineage", "same/b", "both"],
            ["getlineage", "same/\uFFFD", "down"],
        ];
        foreach (string[] question in questions)
        {
            string real = System.Text.Encoding.UTF8.GetString(
                network.Evaluate(network.Proposal(question[0], question[1..])));
            Assert.Equal(Comparable(fake.Ask(question[0], question[1..])), Comparable(real));
        }

        string Comparable(string json)
        {
            IEnumerable<string> texts = Flatten(JsonSerializer.Deserialize<JsonElement>(json));
            return string.Join('\n', texts.Select(text => names.GetValueOrDefault(text, text)));
        }
    }

    [Fact]
    public async Task A_history_of_many_versions_is_whole_and_pages()
    {
        var written = new List<string>();
        for (int i = 0; i < 12; i++)
            written.Add((await network.SetAsync("versions", $"h{i}")).Value);

        Assert.Equal(written, Each(Ask("getkeyhistory", "versions"), "TxID"));
        JsonElement page = Ask("getkeyhistory", "versions", "5", "");
        JsonElement next = Ask("getkeyhistory", "versions", "5", page.GetProperty("bookmark").ToString());
        Assert.Equal(written[5..10], Each(next.GetProperty("records"), "TxID"));
    }

    [Fact]
    public async Task A_reader_of_a_range_notices_what_appears_in_it()
    {
        // A query may be submitted as a transaction; then what it read must still hold when it commits.
        await network.SetAsync("phantom/1", "h");
        ProposalBuilder query = network.Proposal("getbyrange", "phantom/", "phantom0");
        byte[] envelope = network.Envelope(query.Build(), network.Peer1, network.Peer2);
        await network.SetAsync("phantom/2", "h");

        await network.OrderAsync(envelope);

        network.Peer1.Channel.Ledger.TryFindTransaction(query.TxId, out Ledger.TransactionPosition position);
        Assert.Equal(Protocol.Wire.Peer.TxValidationCode.PhantomReadConflict, position.Code);
    }

    // Every text and number of an answer in order, but for what two ledgers cannot have in common.
    private static IEnumerable<string> Flatten(JsonElement element)
    {
        string[] own = ["block", "fingerprint", "timestamp", "certificate", "mspid", "bookmark"];
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return element.EnumerateObject().SelectMany(member =>
                    own.Contains(member.Name.ToLowerInvariant())
                        ? [member.Name]
                        : Flatten(member.Value).Prepend(member.Name));
            case JsonValueKind.Array:
                return element.EnumerateArray().SelectMany(Flatten).Prepend("[").Append("]");
            default:
                return element.ToString().Split(':');
        }
    }
}

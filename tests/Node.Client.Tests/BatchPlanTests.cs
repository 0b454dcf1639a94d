using System.Text;
using System.Text.Json;
using Node.Client.Recording;
using Node.Contracts.Provenance;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Client.Tests;

public class BatchPlanTests
{
    private readonly ContractBench _contract = new(new ProvenanceContract());

    [Fact]
    public void Drafts_of_a_list_are_recorded_in_order_over_several_transactions()
    {
        RecordDraft[] drafts =
        [
            .. Enumerable.Range(0, 1_201).Select(i => new RecordDraft
            {
                Key = $"k{i}",
                Hash = "h",
                Parents = i == 0 ? [] : [$"#{i - 1}", "#0"],
                Strict = true,
            }),
        ];

        (List<TxId> ids, List<int> counts) = Record(drafts);

        Assert.Equal([500, 500, 201], counts);
        JsonElement last = Json("getfromid", ids[^1].Value);
        Assert.Equal($"{ids[^2]}:{ids[0]}", last.GetProperty("Dependencies").GetString());
        Assert.Equal("k1200", last.GetProperty("Key").GetString());
    }

    [Fact]
    public void A_key_that_comes_again_begins_the_next_transaction()
    {
        (List<TxId> ids, List<int> counts) = Record([Draft("a"), Draft("b"), Draft("a", "#0"), Draft("c")]);

        Assert.Equal([2, 2], counts);
        Assert.Equal(ids[2].Value, Json("get", "a").GetProperty("txid").GetString());
    }

    [Fact]
    public void A_transaction_stays_within_its_bytes()
    {
        string text = new('x', 200_000);

        (_, List<int> counts) = Record(
            [.. Enumerable.Range(0, 12).Select(i => Draft($"k{i}") with { Description = text })]);

        Assert.Equal([5, 5, 2], counts);
    }

    [Fact]
    public void All_that_a_draft_says_is_recorded()
    {
        (List<TxId> ids, _) = Record(
        [
            Draft("a"),
            new RecordDraft
            {
                Key = "ключ \"quoted\" \u2028",
                Hash = new string('a', 40),
                ChecksumAlgorithm = "SHA-1",
                Location = "s3://bucket/",
                Pointer = "p",
                Description = "<&>\u0001",
                Type = "Observation",
                Parents = ["#0"],
                ExpectedTransactionId = PutOptions.MustBeNew,
                Writers = ["Org1MSP"],
            },
        ]);

        ProvenanceRecord record = JsonSerializer.Deserialize(
            _contract.Ask("get", "ключ \"quoted\" \u2028"), AnswerJson.Default.RecordJson)!.ToRecord();

        Assert.Equal(("SHA-1", "s3://bucket/", "p"), (record.ChecksumAlgorithm, record.Location, record.Pointer));
        Assert.Equal(("<&>\u0001", "Observation"), (record.Description, record.Type));
        Assert.Equal([ids[0]], record.Parents);
        Assert.Equal((ids[1], ids[1] == record.CommittedBy), (record.TransactionId, false));
        Assert.Equal(record.BatchId, record.CommittedBy);
        Assert.Contains("Org1MSP", _contract.Ask("getwriters", record.Key), StringComparison.Ordinal);
    }

    [Fact]
    public void A_draft_alone_is_a_set()
    {
        RecordDraft draft = Draft("a") with { Type = "Observation", Parents = [ContractBench.Id(9).Value] };
        string[] arguments = [.. DraftJson.SetArguments(draft).Select(a => Encoding.UTF8.GetString(a.Span))];

        TxId id = _contract.Submit("set", arguments);

        Assert.Equal("Observation", Json("getfromid", id.Value).GetProperty("Type").GetString());
        Assert.Equal(ContractBench.Id(9).Value, Json("get", "a").GetProperty("dependencies").GetString());
    }

    [Theory]
    [InlineData("#1")]
    [InlineData("#2")]
    [InlineData("#")]
    [InlineData("#-1")]
    public void A_parent_that_is_no_earlier_draft_is_refused_before_anything_is_sent(string parent)
    {
        var plan = new BatchPlan([Draft("a"), Draft("b", parent)]);

        ArgumentException e = Assert.Throws<ArgumentException>(() => plan.TakeNext());

        Assert.Contains($"Draft 1 (key \"b\") has the parent \"{parent}\"", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_Unicode_is_refused_and_not_replaced()
    {
        Assert.Throws<ArgumentException>(() => new BatchPlan([Draft("a\ud800")]).TakeNext());
        Assert.Throws<ArgumentException>(() => DraftJson.SetArguments(Draft("a") with { Description = "\udc00" }));
    }

    private static RecordDraft Draft(string key, params string[] parents) =>
        new() { Key = key, Hash = "h", Parents = parents };

    /// <summary>As the client does it, with the real contract in the place of the network.</summary>
    private (List<TxId> Ids, List<int> Counts) Record(IReadOnlyList<RecordDraft> drafts)
    {
        var plan = new BatchPlan(drafts);
        List<TxId> ids = [];
        List<int> counts = [];
        while (!plan.IsDone)
        {
            (ReadOnlyMemory<byte> argument, int count) = plan.TakeNext();
            TxId transaction = _contract.Submit("setbatch", Encoding.UTF8.GetString(argument.Span));
            TxId[] recorded = [.. Enumerable.Range(0, count).Select(i => RecordIds.InBatch(transaction, i))];
            plan.Committed(recorded);
            ids.AddRange(recorded);
            counts.Add(count);
        }

        return (ids, counts);
    }

    private JsonElement Json(string function, params string[] arguments) =>
        JsonSerializer.Deserialize<JsonElement>(_contract.Ask(function, arguments));
}

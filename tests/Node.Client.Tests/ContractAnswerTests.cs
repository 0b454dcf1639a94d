using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Node.Client.Recording;
using Node.Contracts.Provenance;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Client.Tests;

/// <summary>What the contract really answers, read by what the client really reads it with.</summary>
public class ContractAnswerTests
{
    private static readonly string s_checksum = new('a', 64);

    private readonly ContractBench _contract = new(new ProvenanceContract());
    private readonly TxId _month;
    private readonly TxId _corrected;
    private readonly TxId _year;

    public ContractAnswerTests()
    {
        _month = Set("month", "");
        _year = Set("year", _month.Value);
        _corrected = Set("month", "");
    }

    [Fact]
    public void A_record_found_by_key_is_the_newest_and_complete()
    {
        ProvenanceRecord record = Ask("get", AnswerJson.Default.RecordJson, "month").ToRecord();

        Assert.Equal(("month", _corrected), (record.Key, record.TransactionId));
        Assert.Equal($"SHA-256 {s_checksum}", record.Checksum?.ToString());
        Assert.Equal(
            ("file:///store", "sha256/aa", "a \"note\""), (record.Location, record.Pointer, record.Description));
        Assert.NotEmpty(record.EnrollmentId);
        Assert.NotEmpty(record.MspId);
        Assert.Equal(64, record.Fingerprint.Length);
        Assert.True(DateTimeOffset.TryParse(record.Timestamp, out _), record.Timestamp);
        Assert.True(record.Block > 0);
    }

    [Fact]
    public void A_record_found_by_transaction_says_that_it_is_outdated_and_by_which()
    {
        ProvenanceRecord record = Ask("getfromid", AnswerJson.Default.RecordJson, _month.Value).ToRecord();

        Assert.Equal((_month, true, _corrected), (record.TransactionId, record.IsOutdated, record.NewestTransactionId));
    }

    [Fact]
    public void Parents_are_read_in_order()
    {
        TxId both = Set("both", $"{_year}:{_month}");

        ProvenanceRecord record = Ask("getfromid", AnswerJson.Default.RecordJson, both.Value).ToRecord();

        Assert.Equal([_year, _month], record.Parents);
        Assert.False(record.IsOutdated);
    }

    [Fact]
    public void History_and_range_are_read_page_by_page()
    {
        PageJson first = Ask("getkeyhistory", AnswerJson.Default.PageJson, "month", "1", "", "false");
        PageJson second = Ask("getkeyhistory", AnswerJson.Default.PageJson, "month", "500", first.Bookmark, "false");
        PageJson range = Ask("getbyrange", AnswerJson.Default.PageJson, "", "", "500", "");

        Assert.Equal([_month], first.Records.Select(record => record.ToRecord().TransactionId));
        Assert.Equal([_corrected], second.Records.Select(record => record.ToRecord().TransactionId));
        Assert.Equal("", second.Bookmark);
        Assert.Equal(["month", "year"], range.Records.Select(record => record.ToRecord().Key));
    }

    [Theory]
    [InlineData(LineageDirection.Up, "up", "year")]
    [InlineData(LineageDirection.Down, "down", "month")]
    public void A_lineage_leads_from_one_end_to_the_other(LineageDirection direction, string argument, string root)
    {
        string from = root == "year" ? "year" : _month.Value;

        Lineage lineage = AskForLineage(direction, "getlineage", from, argument, "-1", "", "", "compact");

        TxId next = Assert.Single(lineage.Next(lineage.Root));
        Assert.Equal(direction == LineageDirection.Up ? _month : _year, next);
        Assert.Equal(direction == LineageDirection.Up, lineage.Find(next)!.IsOutdated);
        Assert.False(lineage.IsTruncated);
        Assert.Empty(lineage.Missing);
    }

    [Fact]
    public void What_the_client_asks_for_when_it_records_is_accepted()
    {
        string options = ProvenanceClient.OptionsText(
            new PutOptions { Type = "Observation", ExpectedTransactionId = PutOptions.MustBeNew }, parents: 1);

        Set("new", _year.Value, options);

        Assert.Equal("Observation", Ask("get", AnswerJson.Default.RecordJson, "new").Type);
        Assert.Equal(409, _contract.Call("set", "new", s_checksum, "", "", "", _year.Value, options).Status);
    }

    [Fact]
    public void An_impact_has_all_its_roots()
    {
        Lineage impact = AskForLineage(
            LineageDirection.Down, "getimpact", $"[\"{_month}\",\"month\"]", "-1", "", "", "compact");

        Assert.Equal([_month, _corrected], impact.Roots);
        Assert.Equal([_month, _corrected, _year], impact.Records.Select(record => record.TransactionId));
        Assert.Equal([(_year, _month)], impact.Edges);
    }

    [Fact]
    public void The_shortest_path_between_two_records_is_found()
    {
        TxId mean = Set("mean", _year.Value);
        TxId report = Set("report", $"{mean}:{_year}");

        Lineage lineage = AskForLineage(LineageDirection.Up, "getlineage", "report", "up", "-1", "", "", "compact");

        Assert.Equal([report, _year, _month], lineage.PathTo(_month).Select(record => record.TransactionId));
        Assert.Equal([report], lineage.PathTo(report).Select(record => record.TransactionId));
        Assert.Empty(lineage.PathTo(_corrected));
    }

    [Fact]
    public void What_is_missing_and_what_a_limit_left_out_are_told_apart()
    {
        TxId nowhere = ContractBench.Id(99);
        Set("far", $"{nowhere}:{_year}:{_month}");

        Lineage lineage = AskForLineage(LineageDirection.Up, "getlineage", "far", "up", "-1", "2", "", "compact");

        Assert.Equal(["far", "year"], lineage.Records.Select(record => record.Key));
        Assert.Equal([nowhere], lineage.Missing);
        Assert.True(lineage.IsTruncated);
        Assert.Equal([nowhere, _year, _month], lineage.Next(lineage.Root));
        Assert.Null(lineage.Find(_month));
    }

    [Fact]
    public void A_persons_records_are_read_page_by_page()
    {
        PageJson first = Ask("getbywriter", AnswerJson.Default.PageJson, "Org1MSP", "user1", "2", "", "");
        PageJson second = Ask("getbywriter", AnswerJson.Default.PageJson, "Org1MSP", "user1", "2", first.Bookmark, "");

        Assert.Equal([_month, _year], first.Records.Select(record => record.ToRecord().TransactionId));
        Assert.True(first.Records[0].ToRecord().IsOutdated);
        Assert.Equal([_corrected], second.Records.Select(record => record.ToRecord().TransactionId));
        Assert.Equal("", second.Bookmark);
    }

    [Fact]
    public void Policies_are_set_and_read()
    {
        string[] writers = ["Org1MSP:id=user1", "owner"];
        var policy = new WritePolicy { Scope = PolicyScope.Key, Name = "month", Writers = writers };

        _contract.Submit("setpolicy", "key", "month", ProvenanceClient.PolicyArgument(policy));
        WritePolicy found = Ask("getpolicy", PolicyJsonContext.Default.PolicyJson, "key", "month").ToPolicy();
        KeyPoliciesJson all = Ask("getpolicy", PolicyJsonContext.Default.KeyPoliciesJson, "for", "month");
        PolicyPageJson list = Ask("listpolicies", PolicyJsonContext.Default.PolicyPageJson, "10");

        Assert.Equal(policy.Writers, found.Writers);
        Assert.Equal(["Org1MSP:member"], found.Admins);
        Assert.Equal((PolicyScope.Key, "month", "user1"), (found.Scope, found.Name, found.EnrollmentId));
        Assert.True(all.MayWrite);
        Assert.Equal("month", Assert.Single(all.Policies).Name);
        Assert.Equal("month", Assert.Single(list.Records).Name);
    }

    private Lineage AskForLineage(LineageDirection direction, string function, params string[] arguments) =>
        LineageReader.Read(Encoding.UTF8.GetBytes(_contract.Ask(function, arguments)), direction);

    private TxId Set(string key, string parents, string options = "") =>
        _contract.Submit("set", key, s_checksum, "file:///store", "sha256/aa", "a \"note\"", parents, options);

    private T Ask<T>(string function, JsonTypeInfo<T> type, params string[] arguments) =>
        JsonSerializer.Deserialize(_contract.Ask(function, arguments), type)!;
}

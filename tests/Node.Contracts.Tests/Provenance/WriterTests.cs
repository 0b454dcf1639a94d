using System.Globalization;
using System.Text.Json;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

public class WriterTests
{
    private readonly ContractBench _bench = Bench.New();

    private static ClientIdentity Person(string id, int certificate) => ContractCall.User1 with
    {
        EnrollmentId = id,
        Fingerprint = Hash32.Of(BitConverter.GetBytes(certificate)),
    };

    private void Record(ClientIdentity client, params string[] keys)
    {
        _bench.Client = client;
        foreach (string key in keys)
            _bench.Set(key);
    }

    private void RecordBatch(ClientIdentity client, params string[] keys)
    {
        _bench.Client = client;
        _bench.Submit(
            "setbatch", $"[{string.Join(',', keys.Select(key => $$"""{"key":"{{key}}","hash":"h"}"""))}]");
    }

    private string[] Keys(params string[] arguments) => _bench.Json("getbywriter", arguments).Each("key");

    [Fact]
    public void Lists_what_a_person_recorded_in_order_of_time()
    {
        ClientIdentity alice = Person("alice", 1);
        Record(alice, "z", "y");
        Record(Person("bob", 2), "b");
        RecordBatch(alice, "x", "w");
        Record(alice, "a", "y");

        Assert.Equal(["z", "y", "x", "w", "a", "y"], Keys("Org1MSP", "alice"));
        Assert.Equal(["b"], Keys("Org1MSP", "bob"));
        Assert.Empty(Keys("Org1MSP", "carol"));
        Assert.Empty(Keys("Org2MSP", "alice"));
    }

    [Fact]
    public void Tells_each_record_and_whether_it_is_still_the_newest()
    {
        Record(Person("alice", 1), "k", "k");

        JsonElement[] records = [.. _bench.Json("getbywriter", "Org1MSP", "alice").EnumerateArray()];

        Assert.Equal(
            ["hash", "location", "pointer", "txid", "key", "type"], records[0].Names().Take(6));
        Assert.True(records[0].GetProperty("outdated").GetBoolean());
        Assert.Equal(records[1].Text("txid"), records[0].Text("newestTxid"));
        Assert.False(records[1].GetProperty("outdated").GetBoolean());
    }

    [Fact]
    public void Tells_the_certificates_of_a_person_apart()
    {
        for (int certificate = 0; certificate < 8; certificate++)
        {
            Record(Person("alice", certificate), $"a{certificate}");
            Record(Person("bob", certificate + 100), $"b{certificate}");
        }

        Assert.Equal(8, Keys("Org1MSP", "alice").Length);
        Assert.Equal(16, Keys("Org1MSP").Length);
        for (int certificate = 0; certificate < 8; certificate++)
        {
            string alice = Person("", certificate).Fingerprint.ToString();
            string bob = Person("", certificate + 100).Fingerprint.ToString();
            Assert.Equal([$"a{certificate}"], Keys("Org1MSP", alice));
            Assert.Equal([$"b{certificate}"], Keys("Org1MSP", bob));
        }

        Assert.Empty(Keys("Org1MSP", new string('0', 64)));
        Assert.Empty(Keys("Org1MSP", new string('f', 64)));
    }

    [Fact]
    public void Begins_at_a_time()
    {
        Record(Person("alice", 1), "k0", "k1", "k2", "k3");
        DateTimeOffset second = ContractCall.Noon + TimeSpan.FromSeconds(2);

        string[] keys = Keys(
            "Org1MSP", "alice", "", "", second.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));

        Assert.Equal(["k2", "k3"], keys);
        Assert.Equal(4, Keys("Org1MSP", "", "", "", "2026-01-31").Length);
        Assert.Empty(Keys("Org1MSP", "", "", "", "2026-02-01"));
    }

    [Theory]
    [InlineData("alice", 1)]
    [InlineData("alice", 3)]
    [InlineData("", 1)]
    [InlineData("", 4)]
    public void Pages_give_every_record_once(string who, int pageSize)
    {
        Record(Person("alice", 1), "a0", "a1");
        RecordBatch(Person("alice", 2), "a2", "a3", "a4", "a5", "a6");
        Record(Person("bob", 3), "b0");
        RecordBatch(Person("alice", 1), "a7", "a8");
        string[] all = Keys("Org1MSP", who);

        List<string> paged = [];
        string bookmark = "";
        do
        {
            JsonElement page = _bench.Json("getbywriter", "Org1MSP", who, $"{pageSize}", bookmark);
            string[] keys = page.GetProperty("records").Each("key");
            Assert.InRange(keys.Length, 0, pageSize);
            paged.AddRange(keys);
            bookmark = page.Text("bookmark");
        }
        while (bookmark.Length > 0);

        Assert.Equal(all, paged);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAA.0")]
    [InlineData("!!.1")]
    public void A_bookmark_of_something_else_is_refused(string bookmark)
    {
        Record(Person("alice", 1), "a");

        Assert.Equal(400, _bench.Call("getbywriter", "Org1MSP", "alice", "1", bookmark).Status);
    }

    [Fact]
    public void A_bookmark_of_another_writer_is_refused()
    {
        Record(Person("alice", 1), "a0", "a1");
        string bookmark = _bench.Json("getbywriter", "Org1MSP", "alice", "1").Text("bookmark");

        Assert.Equal(400, _bench.Call("getbywriter", "Org1MSP", "bob", "1", bookmark).Status);
        Assert.Equal(["a1"], _bench.Json("getbywriter", "Org1MSP", "alice", "9", bookmark)
            .GetProperty("records").Each("key"));
    }

    [Theory]
    [InlineData("name\0with zero")]
    [InlineData("above all \U0010FFFF")]
    [InlineData("long")]
    public void Names_that_no_key_may_hold_are_found_too(string name)
    {
        string person = name == "long" ? new string('n', 3_000) : name;
        Record(Person(person, 1), "k");

        Assert.Equal(["k"], Keys("Org1MSP", person));
    }

    [Fact]
    public void Is_written_without_reading_so_that_writers_do_not_conflict()
    {
        Record(Person("alice", 1), "k");

        static bool IsIndex(string key) => key.Contains("writer~record", StringComparison.Ordinal);
        Assert.DoesNotContain(_bench.LastState.Reads.Keys, IsIndex);
        Assert.Single(_bench.LastState.Writes.Keys, IsIndex);
    }
}

using System.Text;
using System.Text.Json;
using Node.Contracts.Provenance;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Journaling;
using Node.Testing.Channels;
using Node.Testing.Contracts;
using Node.Testing.Journals;

namespace Node.Contracts.Tests.Provenance;

/// <summary>Journals of devices come onto the ledger once, in order and unaltered, or not at all.</summary>
public sealed class JournalTests : IDisposable
{
    private static readonly DateTimeOffset s_opened = ContractCall.Noon.AddDays(-1);

    private readonly TestIssuer _org1 = new("Org1", "Org1MSP");
    private readonly SigningIdentity _device;
    private readonly ContractBench _bench;

    public JournalTests()
    {
        _device = _org1.Issue("sensor7", "client", ContractCall.Noon.AddDays(-100), ContractCall.Noon.AddDays(100));
        _bench = new ContractBench(new ProvenanceContract()) { Organizations = [MspOf(_org1)] };
    }

    public void Dispose()
    {
        _device.Dispose();
        _org1.Dispose();
    }

    [Fact]
    public void A_journal_becomes_records_of_the_device_with_their_original_times()
    {
        TestJournal journal = New().Add("a", "b");

        JsonElement answer = Append(journal.Batch(0));

        Assert.Equal(2UL, answer.GetProperty("sequence").GetUInt64());
        Assert.Equal(3UL, answer.GetProperty("appended").GetUInt64());
        JsonElement record = _bench.Json("getfromid", journal.Last.RecordId.Value);
        Assert.Equal("b", record.Text("Key"));
        Assert.Equal("sensor7", record.Text("Certificate"));
        Assert.Equal(journal.Id.ToString(), record.Text("Journal"));
        Assert.Equal(2UL, record.GetProperty("JournalSequence").GetUInt64());
        Assert.Equal("2026-01-30T12:00:02Z", record.Text("OriginalTime"));
        Assert.StartsWith("2026-01-31T12:00:0", record.Text("Timestamp"), StringComparison.Ordinal);
        Assert.Equal(journal.Last.Hash.ToString(), _bench.Json("getjournal", journal.Id.ToString()).Text("hash"));
    }

    [Fact]
    public void A_batch_that_is_there_already_is_a_success_that_writes_nothing()
    {
        TestJournal journal = New().Add("a", "b", "c");
        Append(journal.Batch(0));

        Assert.Equal(0UL, Append(journal.Batch(0)).GetProperty("appended").GetUInt64());
        Assert.Empty(_bench.LastState.Writes);
        Assert.Equal(0UL, Append(journal.Batch(2)).GetProperty("appended").GetUInt64());

        journal.Add("d");
        Assert.Equal(1UL, Append(journal.Batch(1)).GetProperty("appended").GetUInt64());
        Assert.Equal("d", _bench.Json("getfromid", journal.Last.RecordId.Value).Text("Key"));
    }

    [Fact]
    public void A_key_that_comes_again_and_again_keeps_each_of_its_records()
    {
        TestJournal journal = New().Add("t", "u", "t", "t");
        Append(journal.Batch(0));
        journal.Add("t", "t");
        Append(journal.Batch(5));

        string[] ids = [.. journal.Entries.Where(e => e.Entry.Record?.Key == "t").Select(e => e.Entry.RecordId.Value)];
        Assert.Equal(ids, History("t", newestFirst: false));
        Assert.Equal(ids.Reverse(), History("t", newestFirst: true));
        Assert.All(ids, id => Assert.Equal(id, _bench.Json("getfromid", id).Text("TxID")));
        Assert.Equal(ids[^1], _bench.Json("get", "t").Text("txid"));
        Assert.Equal(ids[^1], _bench.Json("getfromid", ids[0]).Text("NewestTxID"));
        Assert.Equal(ids.Length, _bench.Json("getkeyhistory", "t").GetArrayLength());
    }

    [Fact]
    public void Its_records_are_listed_as_the_devices_and_not_the_senders()
    {
        TestJournal journal = New().Add("t", "u", "t");
        Append(journal.Batch(0));
        JsonElement first = _bench.Json("getfromid", journal.Last.RecordId.Value);

        JsonElement listed = _bench.Json("getbywriter", first.Text("MspId"), "sensor7");
        JsonElement byCertificate = _bench.Json("getbywriter", first.Text("MspId"), first.Text("Fingerprint"));

        Assert.Equal(["t", "u", "t"], listed.Each("key"));
        Assert.Equal(listed.Each("txid"), byCertificate.Each("txid"));
        Assert.Empty(_bench.Json("getbywriter", "Org1MSP", _bench.Client.EnrollmentId).EnumerateArray());
    }

    [Fact]
    public void An_entry_may_depend_on_an_entry_before_it()
    {
        TestJournal journal = New().Add("raw");
        TxId raw = journal.Last.RecordId;
        journal.Entries.Add(journal.Sign(JournalEntry.Create(
            journal.Next(), TestJournal.RecordOf("mean") with { Parents = [raw] })));
        Append(journal.Batch(0));

        Assert.Equal("Transformation", _bench.Json("get", "mean").Text("type"));
        JsonElement down = _bench.Json("getlineage", raw.Value, "down");
        Assert.Equal(2, down.GetProperty("nodes").GetArrayLength());
    }

    public static TheoryData<string, string> Manipulations() => new()
    {
        { "removed", "entry 4 should stand here: entries were removed or reordered" },
        { "swapped", "entry 4 should stand here" },
        { "doubled", "entry 5 should stand here" },
        { "altered", "its signature is not the device's" },
        { "altered and signed by another", "its signature is not the device's" },
        { "signed again with another content", "it follows another entry 4" },
        { "back-dated", "it is back-dated" },
        { "post-dated", "is after this transaction's" },
        { "of another journal", "it belongs to the journal" },
        { "opened twice", "it belongs to the journal" },
        { "claiming another certificate", "it names the certificate" },
    };

    // Entries 0 to 2 are on the ledger when the manipulated rest arrives, 3 to 6 are new.
    [Theory]
    [MemberData(nameof(Manipulations))]
    public void Whatever_is_done_to_a_journal_is_refused_with_the_entry_named(string manipulation, string because)
    {
        TestJournal journal = New().Add("a", "b");
        Append(journal.Batch(0));
        journal.Add("c", "d", "e", "f");
        List<SignedJournalEntry> rest = [.. journal.Entries.Skip(3)];
        Manipulate(manipulation, rest, journal);

        ContractResponse response = _bench.CallBytes("appendjournal", JournalBatch.Encode(rest));

        Assert.Equal(ContractResponse.BadRequest, response.Status);
        Assert.Contains(because, response.Message, StringComparison.Ordinal);
        Assert.Contains(journal.Id.ToString(), response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_is_refused_and_says_what_to_send()
    {
        TestJournal journal = New().Add("a", "b", "c");
        Refuses(409, "is not on this ledger. Send it from entry 0", journal.Batch(1));
        Append(JournalBatch.Encode([.. journal.Entries.Take(2)]));

        Refuses(409, "up to entry 1. Send entry 2 next, not 3", journal.Batch(3));
    }

    [Fact]
    public void A_copy_of_a_journal_that_went_on_alone_is_refused()
    {
        TestJournal journal = New().Add("a");
        SignedJournalEntry other = journal.Sign(
            JournalEntry.Create(journal.Next(), TestJournal.RecordOf("other")));
        journal.Add("b", "c");
        Append(journal.Batch(0));

        Refuses(409, "Entry 2", JournalBatch.Encode([journal.Entries[1], other]));
        Refuses(409, "the ledger has another entry of this number", JournalBatch.Encode([other]));
    }

    [Theory]
    [InlineData("a stranger's", "its certificate is not acceptable")]
    [InlineData("revoked", "it is revoked")]
    [InlineData("expired", "an administrator of Org1MSP has to forward this journal")]
    [InlineData("not yet in force", "its certificate is in force from")]
    public void A_journal_of_a_certificate_that_is_no_good_is_refused(string certificate, string because)
    {
        DateTimeOffset noon = ContractCall.Noon;
        using var stranger = new TestIssuer("Org1", "Org1MSP");
        using SigningIdentity device = certificate switch
        {
            "a stranger's" => stranger.Issue("sensor7", "client"),
            "expired" => _org1.Issue("sensor7", "client", noon.AddDays(-100), noon.AddHours(-1)),
            "not yet in force" => _org1.Issue("sensor7", "client", noon.AddHours(-1), noon.AddDays(100)),
            _ => _org1.Issue("sensor7", "client"),
        };
        if (certificate == "revoked")
            _org1.Revoke(device);
        _bench.Organizations = [MspOf(_org1)];

        Refuses(403, because, new TestJournal(device, s_opened).Add("a").Batch(0));
    }

    [Fact]
    public void An_administrator_of_the_organisation_vouches_for_a_device_whose_certificate_expired()
    {
        using SigningIdentity device = _org1.Issue(
            "sensor7", "client", ContractCall.Noon.AddDays(-100), ContractCall.Noon.AddHours(-1));
        TestJournal journal = new TestJournal(device, s_opened).Add("a");

        _bench.Client = ContractCall.User1 with { Role = ClientRole.Admin, MspId = MspId.Of("Org2MSP") };
        Refuses(403, "expired", journal.Batch(0));
        _bench.Client = ContractCall.User1 with { Role = ClientRole.Admin, EnrollmentId = "boss" };
        Append(journal.Batch(0));

        string stored = Encoding.UTF8.GetString(Convert.FromHexString(_bench.Committed.Hex("a")));
        Assert.Contains("\"vouchedBy\":\"boss\"", stored, StringComparison.Ordinal);
    }

    [Fact]
    public void A_renewed_certificate_takes_over_and_another_devices_does_not()
    {
        TestJournal journal = New().Add("a");
        using SigningIdentity other = _org1.Issue("sensor8", "client");
        SignedJournalEntry theft = journal.Sign(
            JournalEntry.Create(journal.Next(), TestJournal.DeviceOf(other, [])));
        Refuses(403, "its certificate is of 'sensor8' of Org1MSP, the journal is of 'sensor7'",
            JournalBatch.Encode([.. journal.Entries, theft]));

        using SigningIdentity renewed = _org1.Issue("sensor7", "client");
        journal.Entries.Add(journal.Sign(JournalEntry.Create(journal.Next(), TestJournal.DeviceOf(renewed, []))));
        JournalEntry next = JournalEntry.Create(
            journal.Next() with { Signer = TestJournal.FingerprintOf(renewed) }, TestJournal.RecordOf("b"));
        journal.Entries.Add(new SignedJournalEntry(next, renewed.Sign(next.Body.Span)));
        Append(journal.Batch(0));

        Assert.Equal("sensor7", _bench.Json("get", "b").Text("certificate"));
        journal.Add("signed with the old key");
        Refuses(400, "it names the certificate", journal.Batch(4));
    }

    [Fact]
    public void Write_policies_hold_for_the_device_whoever_forwards()
    {
        _bench.Client = ContractCall.User1 with { MspId = MspId.Of("Org2MSP") };
        _bench.Submit("set", "theirs", "h", "l", "p", "", "", """{"writers":["Org2MSP"]}""");

        Refuses(403, "may be written by Org2MSP only", New().Add("mine", "theirs").Batch(0));
    }

    [Theory]
    [InlineData("", "not of format 1")]
    [InlineData("02", "not of format 1")]
    [InlineData("01", "the batch has no entry")]
    [InlineData("0100000001", "entry 0 of the batch: it is cut short")]
    [InlineData("010000000148000000", "not those of a journal entry")]
    public void Bytes_that_are_no_batch_are_refused(string hex, string because) =>
        Refuses(400, because, Convert.FromHexString(hex));

    [Fact]
    public void A_batch_that_would_write_too_much_is_refused_and_its_half_is_not()
    {
        TestJournal journal = New();
        TxId[] parents = [.. Enumerable.Range(0, 1024).Select(ContractBench.Id)];
        for (int i = 0; i < 8; i++)
            journal.Entries.Add(journal.Sign(JournalEntry.Create(
                journal.Next(), TestJournal.RecordOf(new string('k', 1500)) with { Parents = parents })));

        Refuses(413, "send fewer entries", journal.Batch(0));
        Append(JournalBatch.Encode([.. journal.Entries.Take(4)]));
    }

    [Fact]
    public void Two_batches_of_one_journal_in_one_block_conflict()
    {
        TestJournal journal = New().Add("a");
        Append(journal.Batch(0));
        journal.Add("b");
        _bench.CallBytes("appendjournal", journal.Batch(2));
        InMemoryState first = _bench.LastState;
        _bench.CallBytes("appendjournal", journal.Batch(2));
        InMemoryState second = _bench.LastState;

        _bench.Committed.Commit((ContractBench.Id(900), ContractCall.Noon, first));

        Assert.False(_bench.Committed.IsCurrent(second));
    }

    private static void Manipulate(string how, List<SignedJournalEntry> rest, TestJournal journal)
    {
        JournalEntry fifth = rest[2].Entry;   // Entry 5.
        using var otherOrg = new TestIssuer("Org1", "Org1MSP");
        using SigningIdentity other = otherOrg.Issue("sensor7", "client");
        switch (how)
        {
            case "removed": rest.RemoveAt(1); break;
            case "swapped": (rest[1], rest[2]) = (rest[2], rest[1]); break;
            case "doubled": rest.Insert(1, rest[1]); break;
            case "altered": rest[2] = rest[2] with { Entry = Altered(fifth) }; break;
            case "altered and signed by another":
                rest[2] = new SignedJournalEntry(Altered(fifth), other.Sign(Altered(fifth).Body.Span));
                break;
            case "signed again with another content": rest[1] = journal.Sign(Altered(rest[1].Entry)); break;
            case "back-dated":
                Place(rest, fifth.Place with { Time = fifth.Place.Time.AddSeconds(-2) });
                break;
            case "post-dated":
                Place(rest, fifth.Place with { Time = ContractCall.Noon.AddHours(1) });
                break;
            case "of another journal":
                Place(rest, fifth.Place with { Journal = Hash32.Of("x"u8) });
                break;
            case "opened twice": rest[2] = new TestJournal(other, s_opened).Entries[0]; break;
            default:
                Place(rest, fifth.Place with { Signer = TestJournal.FingerprintOf(other) });
                break;
        }

        void Place(List<SignedJournalEntry> entries, JournalPlace place) =>
            entries[2] = journal.Sign(JournalEntry.Create(place, fifth.Record!));   // Entry 5 is a record.
    }

    private static JournalEntry Altered(JournalEntry entry) =>
        JournalEntry.Create(entry.Place, entry.Record! with { Description = "nothing happened" });   // A record.

    private static Msp MspOf(TestIssuer organization) =>
        Msp.TryCreate(organization.ToConfig(), MspRules.Fabric30, out Msp? msp, out string? fault)
            ? msp
            : throw new InvalidOperationException(fault);

    private TestJournal New() => new(_device, s_opened);

    private JsonElement Append(byte[] batch)
    {
        ContractResponse response = _bench.CallBytes("appendjournal", batch);
        Assert.True(response.IsSuccess, response.Message);
        _bench.Commit();
        return JsonSerializer.Deserialize<JsonElement>(response.Payload.Span);
    }

    private void Refuses(int status, string because, byte[] batch)
    {
        ContractResponse response = _bench.CallBytes("appendjournal", batch);

        Assert.Equal((status, true), (response.Status, response.Message.Contains(because, StringComparison.Ordinal)));
    }

    private List<string> History(string key, bool newestFirst)
    {
        List<string> ids = [];
        string bookmark = "";
        do
        {
            JsonElement page = _bench.Json("getkeyhistory", key, "2", bookmark, newestFirst ? "true" : "false");
            ids.AddRange(page.GetProperty("records").EnumerateArray().Select(record => record.Text("TxID")));
            bookmark = page.Text("bookmark");
        }
        while (bookmark.Length > 0);

        return ids;
    }
}

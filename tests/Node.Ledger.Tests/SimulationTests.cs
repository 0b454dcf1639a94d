using System.Text;
using Google.Protobuf;
using Node.Ledger.Building;
using Node.Protocol;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;
using static Node.Protocol.Wire.Peer.TxValidationCode;

namespace Node.Ledger;

public sealed class SimulationTests : IDisposable
{
    private readonly TestLedger _ledger = TestLedger.WithGenesis();

    public SimulationTests() =>
        _ledger.Commit(Tx.Valid().Writing("a", "1").Writing("b", "1"), Tx.Valid().Writing("c", "1"));

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void Reads_see_the_ledger_and_never_what_the_run_itself_wrote()
    {
        using Simulation run = Simulate();
        run.Put("cc", "a", "2"u8.ToArray());
        run.Delete("cc", "b");

        Assert.Equal("1", Read(run, "a"));
        Assert.Equal("1", Read(run, "b"));
        Assert.Equal(["a", "b", "c"], run.Range("cc", "", "").Select(record => record.Key));
        Assert.Null(_ledger.ValueOf("never"));
    }

    [Fact]
    public void Results_are_the_bytes_that_protobuf_itself_writes_and_in_byte_order()
    {
        using Simulation run = Simulate();
        foreach (string key in new[] { "\U0001F600", "\uff5e", "c", "a", "missing" })
        {
            run.TryGet("cc", key, out _);
            run.Put("cc", key, new byte[] { 1 });
            run.PutMetadata("cc", key, "z", new byte[] { 1 });
            run.PutMetadata("cc", key, "y", new byte[] { 2 });
            run.PutPrivate("cc", "secrets", key, new byte[] { 3 });
            run.TryGetPrivateHash("cc", "secrets", key, out _);
        }

        run.Delete("cc", "a");
        run.PutPrivate("cc", "secrets", "a", ReadOnlyMemory<byte>.Empty);
        run.Put("\uff5e", "k", new byte[] { 1 });
        run.Put("\U0001F600", "k", new byte[] { 1 });
        _ = run.Range("cc", "", "").ToList();
        _ = run.Range("cc", "a", "c").First();

        byte[] results = run.BuildResults();

        TxReadWriteSet set = TxReadWriteSet.Parser.ParseFrom(results);
        Assert.Equal(results, set.ToByteArray());
        Assert.Equal(["cc", "\uff5e", "\U0001F600"], set.NsRwset.Select(ns => ns.Namespace));
        KVRWSet inner = KVRWSet.Parser.ParseFrom(set.NsRwset[0].Rwset);
        string[] inByteOrder = ["a", "c", "missing", "\uff5e", "\U0001F600"];
        Assert.Equal(set.NsRwset[0].Rwset, inner.ToByteString());
        Assert.Equal(inByteOrder, inner.Reads.Select(read => read.Key));
        Assert.Equal(inByteOrder, inner.Writes.Select(write => write.Key));
        Assert.Equal(inByteOrder, inner.MetadataWrites.Select(write => write.Key));
        Assert.All(inner.MetadataWrites, write => Assert.Equal(["y", "z"], write.Entries.Select(entry => entry.Name)));
        Assert.Null(inner.Reads[2].Version);
        Assert.Equal((1ul, 1ul), (inner.Reads[1].Version.BlockNum, inner.Reads[1].Version.TxNum));
        Assert.True(inner.Writes[0].IsDelete && inner.Writes[0].Value.IsEmpty);

        CollectionHashedReadWriteSet secrets = Assert.Single(set.NsRwset[0].CollectionHashedRwset);
        HashedRWSet hashed = HashedRWSet.Parser.ParseFrom(secrets.HashedRwset);
        Assert.Equal(secrets.HashedRwset, hashed.ToByteString());
        Assert.Equal(
            hashed.HashedWrites.Select(write => write.KeyHash.ToBase64()),
            Sorted(hashed.HashedWrites.Select(write => write.KeyHash)));
        Assert.Equal(32, secrets.PvtRwsetHash.Length);
        Assert.Single(hashed.HashedWrites, write => write.IsDelete && write.ValueHash.IsEmpty);

        static IEnumerable<string> Sorted(IEnumerable<ByteString> hashes) => hashes
            .Select(hash => Hash32.Read(hash.Span)).Order().Select(hash => Convert.ToBase64String(hash.AsSpan()));
    }

    [Fact]
    public void A_read_of_the_version_zero_has_a_version_and_a_missing_key_has_none()
    {
        using TestLedger ledger = TestLedger.Empty();
        ledger.Commit(Tx.Valid().Writing("first", "v"));
        using var run = new Simulation(ledger.Ledger.Snapshot());
        run.TryGet("cc", "first", out _);
        run.TryGet("cc", "missing", out _);

        KVRWSet set = PublicSet(run);

        Assert.NotNull(set.Reads[0].Version);
        Assert.Null(set.Reads[1].Version);
        Assert.Equal([Valid], ledger.CodesOf(Tx.Valid().WithResults(run.BuildResults())));
    }

    [Fact]
    public void Two_runs_over_one_height_build_the_same_bytes()
    {
        Assert.Equal(Run(), Run());

        byte[] Run()
        {
            using Simulation run = Simulate();
            _ = run.Range("cc", "", "").ToList();
            run.TryGet("cc", "c", out _);
            run.Put("cc", "x", "v"u8.ToArray());
            run.PutPrivate("cc", "secrets", "x", "v"u8.ToArray());
            return run.BuildResults();
        }
    }

    [Theory]
    [InlineData("a", MvccReadConflict)]
    [InlineData("missing", MvccReadConflict)]   // Its appearance is a conflict too.
    [InlineData("c", Valid)]                    // Was not read.
    public void What_a_run_read_conflicts_when_it_changes(string changed, TxValidationCode expected)
    {
        byte[] results;
        using (Simulation run = Simulate())
        {
            run.TryGet("cc", "a", out _);
            run.TryGet("cc", "missing", out _);
            run.Put("cc", "x", "v"u8.ToArray());
            results = run.BuildResults();
        }

        Assert.Equal([Valid], _ledger.CodesOf(Tx.Valid().Writing(changed, "changed")));
        Assert.Equal([expected], _ledger.CodesOf(Tx.Valid().WithResults(results)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50)]      // The last that is recorded read by read.
    [InlineData(51)]
    [InlineData(52)]
    [InlineData(51 * 2)]
    [InlineData(51 * 51)] // The second level.
    [InlineData(51 * 51 + 1)]
    public void A_range_of_any_size_is_valid_unchanged_and_a_phantom_when_one_key_changes(int keys)
    {
        var writes = Tx.Valid();
        for (int key = 0; key < keys; key++)
            writes.Writing($"r{key:D6}", "v");

        _ledger.Commit(writes.Writing("s", "v"));
        byte[] results;
        using (Simulation run = Simulate())
        {
            Assert.Equal(keys, run.Range("cc", "r", "s").Count());
            results = run.BuildResults();
        }

        RangeQueryInfo query = Assert.Single(PublicSet(results).RangeQueriesInfo);
        Assert.Equal(keys > 50, query.ReadsMerkleHashes is not null);
        Assert.Equal(keys is > 0 and <= 50 ? keys : 0, query.RawReads?.KvReads.Count ?? 0);
        Assert.Equal([Valid], _ledger.CodesOf(Tx.Valid().WithResults(results)));
        string one = keys == 0 ? "r" : $"r{keys / 2:D6}";
        Assert.Equal(
            [Valid, PhantomReadConflict],
            _ledger.CodesOf(Tx.Valid().Writing(one, "changed"), Tx.Valid().WithResults(results)));
        Assert.Equal([PhantomReadConflict], _ledger.CodesOf(Tx.Valid().WithResults(results)));
    }

    [Fact]
    public void A_range_that_was_left_early_covers_what_it_returned()
    {
        byte[] results;
        using (Simulation run = Simulate())
        {
            Assert.Equal("a", run.Range("cc", "", "").First().Key);
            _ = run.Range("cc", "b", "");   // Never enumerated: nothing was learned.
            results = run.BuildResults();
        }

        RangeQueryInfo query = Assert.Single(PublicSet(results).RangeQueriesInfo);
        Assert.Equal(("a", false), (query.EndKey, query.ItrExhausted));
        Assert.Equal(
            [Valid, Valid, Valid, PhantomReadConflict],
            _ledger.CodesOf(
                Tx.Valid().Writing("b", "2"), Tx.Valid().WithResults(results),
                Tx.Valid().Writing("A", "before"), Tx.Valid().WithResults(results)));
    }

    [Fact]
    public void The_same_range_is_recorded_once()
    {
        using Simulation run = Simulate();
        _ = run.Range("cc", "a", "c").ToList();
        _ = run.Range("cc", "a", "c").ToList();
        _ = run.Range("cc", "a", "c").First();

        Assert.Equal(
            [("c", true), ("a", false)],
            PublicSet(run).RangeQueriesInfo.Select(query => (query.EndKey, query.ItrExhausted)));
    }

    [Fact]
    public void Private_values_leave_only_hashes()
    {
        using (Simulation run = Simulate())
        {
            run.PutPrivate("cc", "secrets", "key", "hidden value"u8.ToArray());
            byte[] results = run.BuildResults();
            Assert.DoesNotContain("hidden", Encoding.Latin1.GetString(results), StringComparison.Ordinal);
            Assert.DoesNotContain("key", Encoding.Latin1.GetString(results), StringComparison.Ordinal);
            Assert.Equal([Valid], _ledger.CodesOf(Tx.Valid().WithResults(results)));
        }

        using Simulation later = Simulate();
        Assert.True(later.TryGetPrivateHash("cc", "secrets", "key", out Hash32 hash));
        Assert.Equal(Hash32.Of("hidden value"u8), hash);
        Assert.False(later.TryGetPrivateHash("cc", "secrets", "other", out _));
        TxReadWriteSet set = TxReadWriteSet.Parser.ParseFrom(later.BuildResults());
        Assert.True(Assert.Single(set.NsRwset[0].CollectionHashedRwset).PvtRwsetHash.IsEmpty);
        Assert.Equal([Valid], _ledger.CodesOf(Tx.Valid().WithResults(later.BuildResults())));
    }

    [Fact]
    public void Metadata_is_set_and_read_back()
    {
        using (Simulation run = Simulate())
        {
            run.PutMetadata("cc", "a", StateValue.ValidationParameter, "policy"u8.ToArray());
            Assert.False(run.TryGetMetadata("cc", "a", StateValue.ValidationParameter, out _));
            Assert.Equal([Valid], _ledger.CodesOf(Tx.Valid().WithResults(run.BuildResults())));
        }

        using Simulation later = Simulate();
        Assert.True(later.TryGetMetadata("cc", "a", StateValue.ValidationParameter, out ReadOnlyMemory<byte> value));
        Assert.Equal("policy"u8.ToArray(), value.ToArray());
        Assert.False(later.TryGetMetadata("cc", "a", "other", out _));
        Assert.Equal("1", _ledger.ValueOf("a"));
    }

    [Fact]
    public void Keys_that_are_no_text_are_refused()
    {
        // Half a pair alone, in front, at the end. An attribute could not carry them.
        string[] keys = ["", "\ud83d", "\ud83dx", "x\ude00", "\ude00\ud83d"];
        using Simulation run = Simulate();

        Assert.All(keys, key =>
        {
            Assert.Throws<ArgumentException>(() => run.Put("cc", key, new byte[1]));
            Assert.Throws<ArgumentException>(() => run.TryGet("cc", key, out _));
            Assert.Throws<ArgumentException>(() => run.PutPrivate("cc", "secrets", key, new byte[1]));
        });
    }

    [Fact]
    public void Sizes_beyond_the_limits_are_refused()
    {
        using Simulation run = Simulate();

        Assert.Throws<ArgumentException>(() => run.Put("cc", new string('k', Limits.KeyBytesMax + 1), new byte[1]));
        Assert.Throws<ArgumentException>(() => run.Put("cc", "k", new byte[Limits.ValueBytesMax + 1]));
        string longName = new('n', Limits.NamespaceBytesMax + 1);
        Assert.Throws<ArgumentException>(() => run.Put(longName, "k", new byte[1]));
        Assert.Throws<ArgumentException>(() => run.PutPrivate("cc", "", "k", new byte[1]));
        run.Put("cc", new string('k', Limits.KeyBytesMax), new byte[1]);
        Assert.Equal([Valid], _ledger.CodesOf(Tx.Valid().WithResults(run.BuildResults())));
    }

    private static KVRWSet PublicSet(Simulation run) => PublicSet(run.BuildResults());

    private static KVRWSet PublicSet(byte[] results) =>
        KVRWSet.Parser.ParseFrom(TxReadWriteSet.Parser.ParseFrom(results).NsRwset[0].Rwset);

    private static string? Read(Simulation run, string key) =>
        run.TryGet("cc", key, out StateValue value) ? Encoding.UTF8.GetString(value.Value.Span) : null;

    private Simulation Simulate() => new(_ledger.Ledger.Snapshot());
}

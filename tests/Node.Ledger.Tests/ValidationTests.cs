using Node.Ledger.Building;
using Node.Protocol;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Peer;
using static Node.Protocol.Wire.Peer.TxValidationCode;

namespace Node.Ledger;

/// <summary>Stage 2: what depends on the ledger. Block 0 is the genesis, block 1 writes a, b and c.</summary>
public sealed class ValidationTests : IDisposable
{
    private readonly TestLedger _ledger = TestLedger.WithGenesis();

    public ValidationTests()
    {
        _ledger.Commit(
            Tx.Valid().Writing("a", "1").Writing("b", "1"),
            Tx.Valid().Writing("c", "1").Deleting("d"));
    }

    public void Dispose() => _ledger.Dispose();

    [Theory]
    [InlineData("a", 1, 0, Valid)]
    [InlineData("c", 1, 1, Valid)]
    [InlineData("a", 0, 0, MvccReadConflict)]        // An older version.
    [InlineData("a", 1, 1, MvccReadConflict)]        // The same block, another transaction.
    [InlineData("a", 2, 0, MvccReadConflict)]        // Its own version, which cannot have been read.
    [InlineData("a", -1, 0, MvccReadConflict)]       // Read as absent, and there.
    [InlineData("missing", -1, 0, Valid)]
    [InlineData("d", -1, 0, Valid)]                  // Deleted, hence absent.
    [InlineData("missing", 1, 0, MvccReadConflict)]  // Read as there, and absent.
    public void A_read_is_current_or_conflicts(string key, int block, int transaction, TxValidationCode expected)
    {
        (ulong, ulong)? version = block < 0 ? null : ((ulong)block, (ulong)transaction);

        TxValidationCode[] codes = _ledger.CodesOf(Tx.Valid().Reading(key, version).Writing("x", "2"));

        Assert.Equal([expected], codes);
        Assert.Equal(expected == Valid ? "2" : null, _ledger.ValueOf("x"));
    }

    [Fact]
    public void Of_two_that_read_and_write_a_key_in_one_block_the_first_wins()
    {
        Tx first = Tx.Valid().Reading("a", (1, 0)).Writing("a", "first");
        Tx second = Tx.Valid().Reading("a", (1, 0)).Writing("a", "second");

        Assert.Equal([Valid, MvccReadConflict], _ledger.CodesOf(first, second));
        Assert.Equal("first", _ledger.ValueOf("a"));
    }

    [Fact]
    public void An_invalid_transaction_does_not_stand_in_the_way_of_later_ones()
    {
        Tx refused = Tx.Valid().Writing("a", "refused").Judged(EndorsementPolicyFailure);
        Tx stale = Tx.Valid().Reading("a", (0, 0)).Writing("a", "stale");
        Tx good = Tx.Valid().Reading("a", (1, 0)).Writing("a", "good");

        Assert.Equal(
            [EndorsementPolicyFailure, MvccReadConflict, Valid], _ledger.CodesOf(refused, stale, good));
        Assert.Equal("good", _ledger.ValueOf("a"));
    }

    [Fact]
    public void Blind_writes_never_conflict_and_the_last_one_stays()
    {
        Assert.Equal(
            [Valid, Valid, Valid],
            _ledger.CodesOf(
                Tx.Valid().Writing("a", "2"), Tx.Valid().Deleting("a"), Tx.Valid().Writing("a", "3")));
        Assert.Equal("3", _ledger.ValueOf("a"));
    }

    [Fact]
    public void A_key_deleted_in_the_block_cannot_be_read_in_it_present_or_absent()
    {
        Assert.Equal(
            [Valid, MvccReadConflict, MvccReadConflict],
            _ledger.CodesOf(
                Tx.Valid().Deleting("a"),
                Tx.Valid().Reading("a", (1, 0)).Writing("x", "1"),
                Tx.Valid().Reading("a", version: null).Writing("x", "2")));
        Assert.Equal([Valid], _ledger.CodesOf(Tx.Valid().Reading("a", version: null).Writing("x", "3")));
    }

    [Fact]
    public void Namespaces_are_apart()
    {
        _ledger.Commit(Tx.Valid().Writing("a", "theirs", ns: "other"));

        Assert.Equal(
            [Valid, MvccReadConflict],
            _ledger.CodesOf(
                Tx.Valid().Reading("a", (1, 0)).Reading("a", (2, 0), ns: "other"),
                Tx.Valid().Reading("a", (1, 0), ns: "other")));
        Assert.Equal("1", _ledger.ValueOf("a"));
        Assert.Equal("theirs", _ledger.ValueOf("a", ns: "other"));
    }

    [Theory]
    [InlineData("a", "c", true, "a b", Valid)]
    [InlineData("", "", true, "a b c", Valid)]                  // Open ends.
    [InlineData("a", "b", false, "a b", Valid)]                 // Not exhausted: the end was returned.
    [InlineData("a", "b", true, "a", Valid)]
    [InlineData("x", "z", true, "", Valid)]                     // Nothing there, nothing seen.
    [InlineData("a", "c", true, "a", PhantomReadConflict)]      // One more is there.
    [InlineData("a", "c", true, "a b bb", PhantomReadConflict)] // One less.
    [InlineData("a", "d", true, "a b", PhantomReadConflict)]
    [InlineData("a", "b", false, "a", PhantomReadConflict)]
    [InlineData("", "", true, "", PhantomReadConflict)]
    [InlineData("c", "a", true, "", Valid)]                     // Upside down is empty.
    public void A_range_is_the_same_or_a_phantom(
        string start, string end, bool exhausted, string keys, TxValidationCode expected)
    {
        (string, ulong, ulong)[] reads = [.. keys.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(key => (key, 1ul, key == "c" ? 1ul : 0ul))];

        Assert.Equal(
            [expected], _ledger.CodesOf(Tx.Valid().ReadingRange(start, end, exhausted, reads).Writing("x", "1")));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(2u)]            // Would be a summary, but not of these keys.
    [InlineData(uint.MaxValue)]
    public void A_summary_that_nobody_could_have_made_is_a_phantom(uint degree)
    {
        var query = new RangeQueryInfo { StartKey = "a", EndKey = "z", ItrExhausted = true };
        query.ReadsMerkleHashes = new QueryReadsMerkleSummary { MaxDegree = degree, MaxLevel = 1 };
        query.ReadsMerkleHashes.MaxLevelHashes.Add(Google.Protobuf.ByteString.CopyFrom(new byte[32]));

        Assert.Equal([PhantomReadConflict], _ledger.CodesOf(Tx.Valid().ReadingRange(query).Writing("x", "1")));
    }

    [Theory]
    [InlineData("b", "2", PhantomReadConflict)]   // Changed.
    [InlineData("b", null, PhantomReadConflict)]  // Deleted.
    [InlineData("bb", "1", PhantomReadConflict)]  // Added.
    [InlineData("c", "2", Valid)]                 // The end is excluded.
    [InlineData("missing", null, Valid)]          // A delete of nothing.
    public void A_range_sees_earlier_writes_of_its_block(string key, string? value, TxValidationCode expected)
    {
        Tx earlier = value is null ? Tx.Valid().Deleting(key) : Tx.Valid().Writing(key, value);
        Tx later = Tx.Valid().ReadingRange("a", "c", exhausted: true, ("a", 1, 0), ("b", 1, 0)).Writing("x", "1");

        Assert.Equal([Valid, expected], _ledger.CodesOf(earlier, later));
    }

    [Theory]
    [InlineData("v", 1, 0, Valid)]
    [InlineData("v", 0, 0, MvccReadConflict)]
    [InlineData("missing", -1, 0, Valid)]
    [InlineData("missing", 1, 0, MvccReadConflict)]
    public void A_hashed_read_is_checked_like_any_other(string key, int block, int tx, TxValidationCode expected)
    {
        using TestLedger ledger = TestLedger.WithGenesis();
        ledger.Commit(Tx.Valid().WritingHashes("secrets", "v", "1"));
        (ulong, ulong)? version = block < 0 ? null : ((ulong)block, (ulong)tx);

        Assert.Equal([expected], ledger.CodesOf(Tx.Valid().ReadingHash("secrets", key, version).Writing("x", "1")));
    }

    [Fact]
    public void A_collection_is_apart_from_other_collections_and_from_public_keys()
    {
        _ledger.Commit(Tx.Valid().WritingHashes("secrets", "a", "hidden"));

        Assert.Equal(
            [Valid, MvccReadConflict],
            _ledger.CodesOf(
                Tx.Valid().Reading("a", (1, 0)).ReadingHash("others", "a", version: null),
                Tx.Valid().ReadingHash("secrets", "a", version: null)));
        using StateSnapshot state = _ledger.Ledger.Snapshot();
        Assert.True(state.TryGetHash("cc", "secrets", Hash32.Of("a"u8), out StateValue value));
        Assert.Equal(Hash32.Of("hidden"u8).ToArray(), value.Value.ToArray());
        Assert.DoesNotContain(state.Range("cc", "", ""), record => record.Value.Version.Block == 2);
    }

    [Fact]
    public void Metadata_stays_with_a_new_value_and_takes_a_new_version_alone()
    {
        _ledger.Commit(Tx.Valid().WritingMetadata("a", StateValue.ValidationParameter, "policy"));
        _ledger.Commit(Tx.Valid().Writing("a", "2"));

        Assert.Equal(
            [MvccReadConflict, Valid],
            _ledger.CodesOf(Tx.Valid().Reading("a", (1, 0)), Tx.Valid().Reading("a", (3, 0))));
        Assert.Equal(("2", "policy"), MetadataOf("a"));

        _ledger.Commit(Tx.Valid().WritingMetadata("a", StateValue.ValidationParameter, "new policy"));
        Assert.Equal(("2", "new policy"), MetadataOf("a"));
        _ledger.Commit(Tx.Valid().WritingMetadata("a", name: null));
        Assert.Equal(("2", null), MetadataOf("a"));
    }

    [Fact]
    public void Metadata_of_a_key_that_is_not_there_is_nothing()
    {
        CommitResult result = _ledger.Commit(Tx.Valid().WritingMetadata("missing", "name", "value"));

        Assert.Equal([Valid], result.Codes);
        Assert.Null(_ledger.ValueOf("missing"));
        _ledger.Commit(Tx.Valid().Writing("missing", "now there"));
        Assert.Equal(("now there", null), MetadataOf("missing"));
    }

    [Fact]
    public void A_delete_takes_metadata_along_even_in_its_own_transaction()
    {
        _ledger.Commit(Tx.Valid().WritingMetadata("a", StateValue.ValidationParameter, "policy"));
        _ledger.Commit(Tx.Valid().Deleting("a").WritingMetadata("a", StateValue.ValidationParameter, "other"));

        Assert.Null(_ledger.ValueOf("a"));
        _ledger.Commit(Tx.Valid().Writing("a", "again"));
        Assert.Equal(("again", null), MetadataOf("a"));
    }

    [Fact]
    public void Value_and_metadata_of_one_block_come_together()
    {
        _ledger.Commit(
            Tx.Valid().Writing("new", "1"),
            Tx.Valid().WritingMetadata("new", StateValue.ValidationParameter, "policy"),
            Tx.Valid().Writing("new", "2"));

        Assert.Equal(("2", "policy"), MetadataOf("new"));
    }

    [Fact]
    public void The_ledger_knows_where_keys_may_have_policies()
    {
        Assert.False(_ledger.Ledger.HasKeyPolicies("cc"));

        CommitResult result = _ledger.Commit(Tx.Valid().WritingMetadata("a", StateValue.ValidationParameter, "policy"));

        Assert.True(result.WroteKeyPolicies);
        Assert.True(_ledger.Ledger.HasKeyPolicies("cc"));
        Assert.False(_ledger.Ledger.HasKeyPolicies("other"));
        _ledger.Reopen();
        Assert.True(_ledger.Ledger.HasKeyPolicies("cc"));
        Assert.False(_ledger.Commit(Tx.Valid().Writing("a", "1")).WroteKeyPolicies);
    }

    [Fact]
    public void What_the_state_cannot_hold_is_an_invalid_write_set()
    {
        string longName = new('n', Limits.NamespaceBytesMax + 1);

        Assert.Equal(
            [InvalidWriteset, InvalidWriteset, InvalidWriteset, Valid, MvccReadConflict],
            _ledger.CodesOf(
                Tx.Valid().Writing("k", "v", ns: longName),
                Tx.Valid().Writing(new string('k', Limits.KeyBytesMax + 1), "v"),
                Tx.Valid().WritingHashes(longName, "k", "v"),
                Tx.Valid().Reading("k", version: null, ns: longName).Writing("x", "1"),
                Tx.Valid().Reading("k", (1, 0), ns: longName).Writing("x", "2")));
    }

    [Fact]
    public void A_namespace_or_key_with_a_zero_in_it_is_not_another()
    {
        _ledger.Commit(Tx.Valid().Writing("b\0c", "1", ns: "a").Writing("c", "2", ns: "a\0b"));

        Assert.Equal("1", _ledger.ValueOf("b\0c", ns: "a"));
        Assert.Equal("2", _ledger.ValueOf("c", ns: "a\0b"));
        Assert.Null(_ledger.ValueOf("c", ns: "a"));
    }

    private (string? Value, string? Metadata) MetadataOf(string key)
    {
        using StateSnapshot state = _ledger.Ledger.Snapshot();
        if (!state.TryGet(Tx.Contract, key, out StateValue value))
            return (null, null);

        bool found = value.TryGetMetadata(StateValue.ValidationParameter, out ReadOnlyMemory<byte> metadata);
        return (Text(value.Value), found ? Text(metadata) : null);

        static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);
    }
}

using System.Text;
using Node.Ledger.Building;
using Node.Protocol;

namespace Node.Ledger;

public sealed class SnapshotTests : IDisposable
{
    private readonly TestLedger _ledger = TestLedger.WithGenesis();

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void A_snapshot_stays_at_its_height_while_blocks_are_committed()
    {
        _ledger.Commit(Tx.Valid().Writing("kept", "1").Writing("gone", "1"));
        using StateSnapshot before = _ledger.Ledger.Snapshot();

        _ledger.Commit(Tx.Valid().Writing("kept", "2").Deleting("gone").Writing("new", "1"));

        Assert.Equal(2ul, before.Height);
        Assert.Equal(["gone=1", "kept=1"], before.Range("cc", "", "").Select(Text));
        Assert.Single(before.History("cc", "kept", newestFirst: false, after: null));
        using StateSnapshot after = _ledger.Ledger.Snapshot();
        Assert.Equal(3ul, after.Height);
        Assert.Equal(["kept=2", "new=1"], after.Range("cc", "", "").Select(Text));
        Assert.Equal(2, after.History("cc", "kept", newestFirst: false, after: null).Count());
    }

    [Fact]
    public void Keys_are_ordered_by_their_bytes_of_UTF8()
    {
        // U+FF5E sorts behind a surrogate pair by UTF-16 units, and before it by bytes of UTF-8.
        string[] inByteOrder = ["\0composite\0x\0", "A", "a", "a\0b", "ab", "\u00e9", "\uff5e", "\U0001F600"];
        var tx = Tx.Valid();
        foreach (string key in inByteOrder.Reverse())
            tx.Writing(key, "v");

        _ledger.Commit(tx);

        using StateSnapshot state = _ledger.Ledger.Snapshot();
        Assert.Equal(inByteOrder, state.Range("cc", "", "").Select(record => record.Key));
        Assert.Equal(["a", "a\0b", "ab"], state.Range("cc", "a", "b").Select(record => record.Key));
        Assert.Equal(
            ["\0composite\0x\0"],
            state.Range("cc", "\0composite\0", "\0composite\0\U0010FFFF").Select(record => record.Key));
        Assert.Empty(state.Range("cc", "b", "a"));
        Assert.Empty(state.Range("cd", "", ""));
        Assert.Empty(state.Range(new string('n', 200), "", ""));
    }

    [Fact]
    public void History_goes_both_ways_and_starts_behind_any_version()
    {
        Tx[] writers = [.. Enumerable.Range(0, 4).Select(number => Tx.Valid()
            .Writing("k", number == 2 ? "" : $"{number}").At(DateTimeOffset.UnixEpoch.AddSeconds(1000 + number)))];
        _ledger.Commit(writers[0], writers[1]);
        _ledger.Commit(writers[2]);
        _ledger.Commit(Tx.Valid().Writing("k", "never").Reading("k", (9, 9)), writers[3]);

        using StateSnapshot state = _ledger.Ledger.Snapshot();
        Assert.Equal(["1:0", "1:1", "2:0", "3:1"], Versions(newestFirst: false, after: null));
        Assert.Equal(["3:1", "2:0", "1:1", "1:0"], Versions(newestFirst: true, after: null));
        Assert.Equal(["2:0", "3:1"], Versions(newestFirst: false, after: new StateVersion(1, 1)));
        Assert.Equal(["1:0"], Versions(newestFirst: true, after: new StateVersion(1, 1)));
        Assert.Empty(Versions(newestFirst: true, after: new StateVersion(1, 0)));
        Assert.Empty(Versions(newestFirst: false, after: new StateVersion(3, 1)));

        List<HistoryRecord> all = [.. state.History("cc", "k", newestFirst: false, after: null)];
        Assert.Equal(writers.Select(writer => writer.Id), all.Select(entry => entry.TxId));
        Assert.Equal(["0", "1", "", "3"], all.Select(entry => Encoding.UTF8.GetString(entry.Value.Span)));
        Assert.Equal([false, false, true, false], all.Select(entry => entry.IsDelete));
        Assert.Equal([1000L, 1001L, 1002L, 1003L], all.Select(entry => entry.Timestamp.Seconds));
        Assert.True(state.TryGetHistoryAt("cc", "k", new StateVersion(1, 1), out HistoryRecord second));
        Assert.Equal(all[1].TxId, second.TxId);
        Assert.False(state.TryGetHistoryAt("cc", "k", new StateVersion(1, 2), out _));

        IEnumerable<string> Versions(bool newestFirst, StateVersion? after) =>
            state.History("cc", "k", newestFirst, after).Select(entry => entry.Version.ToString());
    }

    [Fact]
    public void History_of_one_key_holds_nothing_of_its_neighbours()
    {
        string[] keys = ["k", "k\0", "k1", "", "kk", "k\0\0\0\0\0\0\0\u0001\0\0\0\0"];
        var tx = Tx.Valid();
        foreach (string key in keys)
            tx.Writing(key, "of " + key);

        _ledger.Commit(tx.Writing("k", "theirs", ns: "cck"));

        using StateSnapshot state = _ledger.Ledger.Snapshot();
        Assert.All(keys, key => Assert.Equal(
            ["of " + key],
            state.History("cc", key, newestFirst: true, after: null).Select(entry => Text(entry.Value))));
    }

    [Fact]
    public void A_disposed_snapshot_refuses_and_others_of_its_height_go_on()
    {
        _ledger.Commit(Tx.Valid().Writing("k", "1"));
        StateSnapshot one = _ledger.Ledger.Snapshot();
        using StateSnapshot other = _ledger.Ledger.Snapshot();
        IEnumerable<StateRecord> range = one.Range("cc", "", "");

        one.Dispose();
        one.Dispose();
        _ledger.Commit(Tx.Valid().Writing("k", "2"));

        Assert.Throws<ObjectDisposedException>(() => one.TryGet("cc", "k", out _));
        Assert.Throws<ObjectDisposedException>(() => range.ToList());
        Assert.True(other.TryGet("cc", "k", out StateValue value));
        Assert.Equal("1", Encoding.UTF8.GetString(value.Value.Span));
    }

    [Fact]
    public void A_closed_ledger_gives_no_snapshots_and_those_given_out_can_be_disposed()
    {
        TestLedger closed = TestLedger.WithGenesis();
        StateSnapshot state = closed.Ledger.Snapshot();
        closed.Dispose();

        Assert.Throws<StorageFailedException>(() => closed.Ledger.Snapshot());
        Assert.Throws<StorageFailedException>(() => state.TryGet("cc", "k", out _));
        state.Dispose();
    }

    [Fact]
    public void Readers_on_other_threads_see_whole_blocks()
    {
        const int Blocks = 60;
        using var stop = new CancellationTokenSource();
        var reader = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                using StateSnapshot state = _ledger.Ledger.Snapshot();
                string[] values = [.. state.Range("cc", "", "").Select(record => Text(record.Value.Value)).Distinct()];
                Assert.True(values.Length <= 1, string.Join(' ', values));
                Assert.True(values.Length == 0 || values[0] == $"{state.Height - 1}");
            }
        });
        reader.Start();

        for (int block = 1; block <= Blocks; block++)
        {
            _ledger.Commit(
                Tx.Valid().Writing("a", $"{block}"), Tx.Valid().Writing("b", $"{block}").Writing("c", $"{block}"));
        }

        stop.Cancel();
        reader.Join();
    }

    private static string Text(StateRecord record) => $"{record.Key}={Text(record.Value.Value)}";

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}

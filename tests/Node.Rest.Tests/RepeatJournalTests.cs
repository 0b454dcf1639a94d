using Node.Protocol;
using Node.Rest.Records;
using Node.Rest.Repeating;
using Node.Testing.Time;

namespace Node.Rest.Tests;

public sealed class RepeatJournalTests : IDisposable
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hyperprov-test-");
    private readonly ManualClock _clock = new(s_start);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_written_is_known_after_a_restart()
    {
        using (RepeatJournal journal = Open())
        {
            journal.Write(Entry("one", status: 0), isDurable: true);
            journal.Write(Entry("two", status: 0), isDurable: true);
            journal.Write(Entry("two", status: 201), isDurable: false);
        }

        using RepeatJournal again = Open();
        Assert.True(again.TryEnter("one", out RepeatEntry? one));
        Assert.True(again.TryEnter("two", out RepeatEntry? two));
        Assert.Equal((false, true), (one?.IsAnswered, two?.IsAnswered));
        Assert.Equal([1, 2, 3], one?.Transaction);
        Assert.Equal("key", two?.Receipt.Key);
    }

    [Fact]
    public void Half_a_line_at_the_end_is_a_request_that_was_never_sent()
    {
        using (RepeatJournal journal = Open())
        {
            journal.Write(Entry("one", status: 201), isDurable: true);
            journal.Write(Entry("two", status: 0), isDurable: true);
        }

        string path = Path.Combine(_folder.FullName, "rest", "idempotency.journal");
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^20]);

        using RepeatJournal again = Open();
        again.TryEnter("one", out RepeatEntry? one);
        again.TryEnter("two", out RepeatEntry? two);
        Assert.True(one?.IsAnswered);
        Assert.Null(two);
    }

    [Fact]
    public void One_request_at_a_time_holds_a_scope()
    {
        using RepeatJournal journal = Open();

        Assert.True(journal.TryEnter("one", out _));
        Assert.False(journal.TryEnter("one", out _));
        journal.Leave("one");
        Assert.True(journal.TryEnter("one", out _));
    }

    [Fact]
    public void Answers_are_kept_for_a_day()
    {
        using RepeatJournal journal = Open();
        journal.Write(Entry("old", status: 201), isDurable: false);
        _clock.Advance(RestLimits.IdempotencyPeriod + TimeSpan.FromSeconds(1));
        journal.Write(Entry("new", status: 201), isDurable: false);

        journal.TryEnter("old", out RepeatEntry? old);
        journal.TryEnter("new", out RepeatEntry? young);

        Assert.Null(old);
        Assert.NotNull(young);
    }

    [Fact]
    public void Two_servers_do_not_share_a_journal()
    {
        using RepeatJournal journal = Open();

        Assert.Throws<StorageFailedException>(Open);
    }

    private RepeatJournal Open() => RepeatJournal.Open(_folder.FullName, _clock);

    private RepeatEntry Entry(string scope, int status) => new(
        scope, "print", _clock.GetUtcNow(),
        new RecordReceipt("key", "id", "transaction", Committed: false, Block: null, "/status", [], Content: null),
        [1, 2, 3], status, Problem: null);
}

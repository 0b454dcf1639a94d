using System.Text.Json;
using Node.Cli.Benching.Measuring;
using Node.Cli.Running;
using Node.Testing.Time;

namespace Node.Cli.Tests.Benching;

public class MeasuringTests
{
    [Fact]
    public void The_file_of_2019_has_nine_arrays_of_its_form()
    {
        var file = new MeasurementFile();
        file.Add([Run(1000, 10, 30), Run(3000, 20, 40)], count: 2, bytes: 1100);
        file.Add([Run(500, 7, null)], count: 2, bytes: 1210);

        const string Golden = """
            {"tavg":["2000.00","500.00"],"tsd":["1000.00","0.00"],"tmin":["60.00","240.00"],
            "respavg":["25.00","7.00"],"respsd":["11.18","0.00"],"fails":[0,1],"tnum":[2,2],
            "tsize":[1100,1210],"samples":[2,1]}
            """;
        Assert.Equal(Compact(Golden), Compact(file.ToJson()));
    }

    [Fact]
    public void Stages_add_up_to_the_response_and_failures_are_counted_by_reason()
    {
        TransactionTimes good = new(0, Start: 5, Wait: 1, Store: 2, Endorse: 3, Order: 4, Commit: 5, Failure: null);
        TransactionTimes bad = good with { Number = 1, Commit = 1000, Failure = "no endorsement" };
        var run = new RunTimes([good, bad], Milliseconds: 30_000, Shed: 0);

        Assert.Equal((15, 20), (good.Response, good.End));
        Assert.Equal((1, 1, 2), (run.Committed, run.Failures, run.PerMinute));
        Assert.Equal(15, run.Response.Max);
        Assert.Equal("1 x no endorsement", run.FailureText());
    }

    [Fact]
    public async Task A_closed_loop_makes_each_transaction_once_and_keeps_to_its_width()
    {
        int running = 0;
        int most = 0;
        var run = new LoadRun(
            async (number, _, _, _) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
                return Times(number);
            },
            TimeProvider.System);

        RunTimes times = await run.ClosedAsync(count: 100, inFlight: 3, CancellationToken.None);

        Assert.Equal(Enumerable.Range(0, 100), times.Transactions.Select(one => one.Number));
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task An_open_loop_begins_on_time_and_sheds_what_finds_no_place()
    {
        var clock = new ManualClock(DateTimeOffset.UnixEpoch);
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var due = new List<double?>();
        var run = new LoadRun(
            async (number, _, start, _) =>
            {
                due.Add(start);
                await answers.Task;
                return Times(number);
            },
            clock);

        Task<RunTimes> load = run.OpenAsync(count: 4, perSecond: 10, inFlight: 2, CancellationToken.None);
        for (int tenth = 1; tenth < 4; tenth++)
        {
            await clock.WaitForTimerAsync(TimeSpan.FromMilliseconds(100));
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        await WaitUntilAsync(() => due.Count == 2);
        answers.SetResult();
        RunTimes times = await load;
        Assert.Equal([0.0, 100.0], due);
        Assert.Equal((2, 2), (times.Transactions.Count, times.Shed));
    }

    [Fact]
    public async Task A_run_in_which_nothing_succeeds_any_more_is_broken_off_with_the_reason()
    {
        int begun = 0;
        var run = new LoadRun(
            (number, _, _, _) => Task.FromResult(
                Times(number) with { Failure = Interlocked.Increment(ref begun) < 50 ? null : "nobody answers" }),
            TimeProvider.System);

        CommandFault fault = await Assert.ThrowsAsync<CommandFault>(
            () => run.ClosedForAsync(TimeSpan.FromHours(1), inFlight: 4, CancellationToken.None));

        Assert.Contains("nobody answers", fault.Message, StringComparison.Ordinal);
        Assert.InRange(begun, LoadRun.FailuresMax, LoadRun.FailuresMax + 60);
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(1000, 7)]
    [InlineData(1000, 1000)]
    [InlineData(1000, 4096)]
    public void Contents_differ_in_their_number_alone(int length, int bufferBytes)
    {
        byte[] shared = NumberedContent.MakeShared(length);

        byte[] one = ReadAll(new NumberedContent(shared, number: 1), bufferBytes);
        byte[] other = ReadAll(new NumberedContent(shared, number: 258), bufferBytes);

        Assert.Equal(length, one.Length);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1], one[..8]);
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 2], other[..8]);
        Assert.Equal(shared[8..], one[8..]);
        Assert.Equal(shared[8..], other[8..]);
    }

    private static byte[] ReadAll(Stream content, int bufferBytes)
    {
        using var all = new MemoryStream();
        content.CopyTo(all, bufferBytes);
        return all.ToArray();
    }

    // Each response is the commit stage of one transaction; null failed.
    private static RunTimes Run(double milliseconds, params double?[] responses) => new(
        [.. responses.Select((response, number) => new TransactionTimes(
            number, 0, 0, 0, 0, 0, response ?? 9999, response is null ? "MvccReadConflict" : null))],
        milliseconds,
        Shed: 0);

    private static TransactionTimes Times(int number) => new(number, number, 0, 0, 0, 0, 1, null);

    private static string Compact(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);

    private static async Task WaitUntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Yield();
    }
}

using System.Collections.Concurrent;
using Node.Cli.Running;

namespace Node.Cli.Benching.Measuring;

/// <summary>Begins transactions and gathers their times.</summary>
/// <remarks>
/// In a closed loop each worker waits for its last transaction, so a slow system slows its own load down. In an open
/// loop starts are due at fixed times whatever the answers do, and a response counts from when its start was due. A
/// run in which nothing succeeds any more ends with a <see cref="CommandFault"/>.
/// </remarks>
/// <param name="write">Writes the transaction of a number that was due (null: at once) in the run begun then.</param>
internal sealed class LoadRun(
    Func<int, long, double?, CancellationToken, Task<TransactionTimes>> write, TimeProvider clock)
{
    /// <summary>So many failures without a success between them end the run: the network is not there any
    /// more.</summary>
    public const int FailuresMax = 1_000;

    private readonly ConcurrentBag<TransactionTimes> _times = [];
    private int _failures;   // Since the last success.

    /// <summary>So many transactions, so many of them at once.</summary>
    public async Task<RunTimes> ClosedAsync(int count, int inFlight, CancellationToken cancellation)
    {
        long begun = clock.GetTimestamp();
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(inFlight, count)).Select(_ => WorkAsync()));
        return Result(begun, shed: 0);

        async Task WorkAsync()
        {
            for (int number = Interlocked.Increment(ref next); number < count; number = Interlocked.Increment(ref next))
                Add(await write(number, begun, null, cancellation));
        }
    }

    /// <summary>For some time, so many at once.</summary>
    public async Task<RunTimes> ClosedForAsync(TimeSpan duration, int inFlight, CancellationToken cancellation)
    {
        long begun = clock.GetTimestamp();
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => WorkAsync()));
        return Result(begun, shed: 0);

        async Task WorkAsync()
        {
            while (clock.GetElapsedTime(begun) < duration)
                Add(await write(Interlocked.Increment(ref next), begun, null, cancellation));
        }
    }

    /// <summary>So many transactions at a fixed rate.</summary>
    /// <param name="perSecond">Above 0.</param>
    /// <param name="inFlight">At most so many at once; a start that is due beyond that is shed.</param>
    public async Task<RunTimes> OpenAsync(int count, double perSecond, int inFlight, CancellationToken cancellation)
    {
        long begun = clock.GetTimestamp();
        int shed = 0;
        using var places = new SemaphoreSlim(inFlight);
        var running = new List<Task>();
        for (int number = 0; number < count;)
        {
            double due = number / perSecond * 1000;
            double early = due - clock.GetElapsedTime(begun).TotalMilliseconds;
            if (early > 0)
            {
                if (running.Exists(task => task.IsFaulted))
                    break;

                running.RemoveAll(task => task.IsCompletedSuccessfully);
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(1, early)), clock, cancellation);
                continue;
            }

            if (places.Wait(0, cancellation))
                running.Add(OneAsync(number, due));
            else
                shed++;

            number++;
        }

        await Task.WhenAll(running);
        return Result(begun, shed);

        async Task OneAsync(int number, double due)
        {
            try
            {
                Add(await write(number, begun, due, cancellation));
            }
            finally
            {
                places.Release();
            }
        }
    }

    private void Add(TransactionTimes times)
    {
        _times.Add(times);
        if (times.Failure is null)
            Volatile.Write(ref _failures, 0);
        else if (Interlocked.Increment(ref _failures) >= FailuresMax)
            throw new CommandFault(
                ExitCode.Refused,
                $"{FailuresMax} transactions in a row have failed, the last one with: {times.Failure}. Look at the " +
                "nodes with: ./hyperprov network status");
    }

    private RunTimes Result(long begun, int shed)
    {
        TransactionTimes[] times = [.. _times.OrderBy(transaction => transaction.Number)];
        double lasted = times.Length == 0 ? clock.GetElapsedTime(begun).TotalMilliseconds
            : times.Max(transaction => transaction.End) - times.Min(transaction => transaction.Start);
        return new RunTimes(times, lasted, shed);
    }
}

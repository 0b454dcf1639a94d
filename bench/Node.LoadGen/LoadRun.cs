using System.Diagnostics;

namespace Node.LoadGen;

/// <summary>Drives callers for warm-up and measurement, and gathers what happened.</summary>
/// <remarks>A transaction counts when it ended inside the measured window, which starts after warm-up.</remarks>
internal sealed class LoadRun(GatewayCaller caller, LoadOptions options, TimeProvider clock)
{
    private static readonly TimeSpan s_memoryReading = TimeSpan.FromMilliseconds(250);

    private readonly List<Sample>[] _samples =
        [.. Enumerable.Range(0, options.Clients).Select(_ => new List<Sample>())];

    private long _number;
    private long _shed;

    public async Task<LoadResult> RunAsync(CryptoLimit limit, CancellationToken cancellationToken)
    {
        var meter = new ProcessMeter(options.Processes);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long start = Stopwatch.GetTimestamp();
        Task measuring = MeasureAsync(meter, start, ending.Token);
        await (options.Mode == LoadMode.Closed ? ClosedLoopAsync(start, cancellationToken)
            : OpenLoopAsync(start, cancellationToken));
        TimeSpan lasted = Stopwatch.GetElapsedTime(start);
        IReadOnlyList<ProcessUse> use = meter.Stop();
        await ending.CancelAsync();
        await measuring;

        long from = (long)options.WarmUp.TotalMicroseconds;
        long until = (long)Math.Min(lasted.TotalMicroseconds, (options.WarmUp + options.Duration).TotalMicroseconds);
        Sample[] window = [.. _samples.SelectMany(own => own)
            .Where(sample => sample.EndMicroseconds >= from && sample.EndMicroseconds <= until)];
        return new LoadResult(options, window, TimeSpan.FromMicroseconds(Math.Max(1, until - from)), use, limit, _shed);
    }

    private Task ClosedLoopAsync(long start, CancellationToken cancellationToken) =>
        Task.WhenAll(_samples.Select(own => WorkerAsync(own, start, cancellationToken)));

    private async Task WorkerAsync(List<Sample> own, long start, CancellationToken cancellationToken)
    {
        while (!Over(start) && !cancellationToken.IsCancellationRequested)
        {
            long number = Interlocked.Increment(ref _number);
            if (options.Count > 0 && number > options.Count)
                return;

            own.Add(await caller.RunAsync(number, LastOf(own), start, cancellationToken));
        }
    }

    // Starts stand at fixed times whatever the answers do, so that a slow system cannot slow its own load down.
    private async Task OpenLoopAsync(long start, CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(options.Clients);
        var inFlight = new List<Task>();
        var idle = new Stack<List<Sample>>(_samples);
        var gate = new Lock();   // Protects idle.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1), clock);
        while (!Over(start) && await timer.WaitForNextTickAsync(cancellationToken))
        {
            long due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * options.Rate);
            if (options.Count > 0)
                due = Math.Min(due, options.Count);

            for (; _number < due; _number++)
            {
                if (!await places.WaitAsync(TimeSpan.Zero, cancellationToken))
                    _shed++;
                else
                    inFlight.Add(OneAsync(_number));
            }

            inFlight.RemoveAll(task => task.IsCompleted);
            if (options.Count > 0 && due == options.Count)
                break;
        }

        await Task.WhenAll(inFlight);

        async Task OneAsync(long number)
        {
            List<Sample> own;
            lock (gate)
                own = idle.Pop();

            own.Add(await caller.RunAsync(number, LastOf(own), start, cancellationToken));
            lock (gate)
                idle.Push(own);

            places.Release();
        }
    }

    private static string LastOf(List<Sample> own) => own.Count > 0 && own[^1].Failure is null ? own[^1].TxId : "";

    private bool Over(long start) => Stopwatch.GetElapsedTime(start) >= options.WarmUp + options.Duration;

    private async Task MeasureAsync(ProcessMeter meter, long start, CancellationToken cancellationToken)
    {
        meter.Start();
        bool warm = false;
        try
        {
            using var timer = new PeriodicTimer(s_memoryReading, clock);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (!warm && Stopwatch.GetElapsedTime(start) >= options.WarmUp)
                {
                    meter.Start();
                    warm = true;
                }

                meter.Sample();
            }
        }
        catch (OperationCanceledException)
        {
            // The run ended; the last reading stands.
        }
    }
}

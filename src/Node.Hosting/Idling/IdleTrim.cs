using System.Runtime.InteropServices;

namespace Node.Hosting.Idling;

/// <summary>
/// Gives memory back when the process has nothing to do: collects garbage, returns freed native memory to the system,
/// and lets go of pages of program files that are mapped in but not used.
/// </summary>
/// <remarks>
/// One per process, owned by whoever runs the node. Nothing to do means less than <see cref="IdleShare"/> of one core
/// over <see cref="IdleFor"/>. What is let go comes back when it is touched: anonymous memory as it is needed, file
/// pages from the page cache, without a read from disk as long as the system keeps them.
/// </remarks>
public sealed class IdleTrim : IAsyncDisposable
{
    /// <summary>How often the CPU time is looked at.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    /// <summary>Idleness after which memory is given back.</summary>
    public static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Idleness up to which it is given back again every <see cref="IdleFor"/>: what timers run is compiled meanwhile,
    /// and its program files are needed less and less.
    /// </summary>
    public static readonly TimeSpan OftenUntil = TimeSpan.FromSeconds(90);

    /// <summary>Further idleness after which it is given back from then on: timers touch pages too.</summary>
    public static readonly TimeSpan AgainAfter = TimeSpan.FromMinutes(1);

    /// <summary>Of one core.</summary>
    public const double IdleShare = 0.05;

    /// <summary>
    /// Raised before memory is given back, for rooms that keep some for speed. Handlers throw nothing.
    /// </summary>
    public static event Action? Resting;

    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _clock;
    private readonly Func<TimeSpan> _readCpuTime;
    private readonly Action _prepare;
    private readonly Action _giveBack;
    private readonly Task _loop;

    private IdleTrim(TimeProvider clock, Func<TimeSpan> readCpuTime, Action prepare, Action giveBack)
    {
        _clock = clock;
        _readCpuTime = readCpuTime;
        _prepare = prepare;
        _giveBack = giveBack;
        _loop = RunAsync(_stop.Token);
    }

    public static IdleTrim Start(TimeProvider clock)
    {
        var pages = new MappedPages();
        return Start(clock, () => Environment.CpuUsage.TotalTime, pages.Look, () => GiveBack(pages));
    }

    /// <param name="prepare">Called when idleness begins.</param>
    internal static IdleTrim Start(
        TimeProvider clock, Func<TimeSpan> readCpuTime, Action prepare, Action giveBack) =>
        new(clock, readCpuTime, prepare, giveBack);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan used = _readCpuTime();
        long looked = _clock.GetTimestamp();
        TimeSpan idle = TimeSpan.Zero;
        TimeSpan due = IdleFor;
        while (true)
        {
            await Task.Delay(LookEvery, _clock, cancellationToken).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                return;

            TimeSpan now = _readCpuTime();
            TimeSpan passed = _clock.GetElapsedTime(looked);
            bool isIdle = now - used < passed * IdleShare;
            if (isIdle && idle == TimeSpan.Zero)
                _prepare();

            idle = isIdle ? idle + passed : TimeSpan.Zero;
            due = isIdle ? due : IdleFor;
            if (idle >= due)
            {
                _giveBack();
                due = idle + (idle < OftenUntil ? IdleFor : AgainAfter);
            }

            // Taken anew: giving back is work too.
            used = _readCpuTime();
            looked = _clock.GetTimestamp();
        }
    }

    private static void GiveBack(MappedPages pages)
    {
        Resting?.Invoke();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (!OperatingSystem.IsLinux())
            return;

        try
        {
            _ = NativeMethods.malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than GNU's, which has no such call.
        }

        pages.Release();
    }

    private static class NativeMethods
    {
        [DllImport("libc")]
        public static extern int malloc_trim(nuint keep);
    }
}

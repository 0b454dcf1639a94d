using System.Globalization;

namespace Node.EndToEnd.Hosts;

/// <summary>Waits for what is to happen, and says what was awaited when it does not.</summary>
internal static class Wait
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(20);

    public static async Task UntilAsync(Func<Task<bool>> done, TimeSpan limit, Func<string> awaited)
    {
        TimeProvider clock = TimeProvider.System;
        long began = clock.GetTimestamp();
        using var timer = new PeriodicTimer(s_lookEvery, clock);
        while (!await done())
        {
            if (clock.GetElapsedTime(began) > limit)
                Assert.Fail($"waited {limit.TotalSeconds:0} s for {awaited()}");

            await timer.WaitForNextTickAsync();
        }
    }

    public static Task UntilAsync(Func<bool> done, TimeSpan limit, Func<string> awaited) =>
        UntilAsync(() => Task.FromResult(done()), limit, awaited);

    /// <summary>
    /// How much slower than promised this machine may be now: 1, unless other programs want several times its
    /// processors.
    /// </summary>
    /// <remarks>The network of the bad days alone has up to three processes waiting for each processor.</remarks>
    public static double Crowding()
    {
        string average = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        double waiting = double.Parse(average, CultureInfo.InvariantCulture) / Environment.ProcessorCount;
        return Math.Max(1, waiting / 4);
    }

    public static Task ForAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);
}

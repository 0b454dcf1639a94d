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

    public static Task ForAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);
}

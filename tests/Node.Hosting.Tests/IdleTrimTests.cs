using Node.Hosting.Idling;
using Node.Testing.Time;

namespace Node.Hosting.Tests;

public sealed class IdleTrimTests
{
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));
    private TimeSpan _cpu;
    private int _prepared;
    private int _given;

    [Fact]
    public async Task Memory_is_given_back_once_a_process_has_been_idle_and_again_later_and_later()
    {
        await using IdleTrim trim = Start();

        await PassAsync(IdleTrim.IdleFor - IdleTrim.LookEvery);
        Assert.Equal((1, 0), (_prepared, _given));

        await PassAsync(IdleTrim.LookEvery);
        Assert.Equal((1, 1), (_prepared, _given));

        foreach ((TimeSpan wait, int times) in new[]
        {
            (IdleTrim.IdleFor, 2), (IdleTrim.IdleFor, 3), (IdleTrim.AgainAfter, 4), (IdleTrim.AgainAfter, 5),
        })
        {
            await PassAsync(wait - IdleTrim.LookEvery);
            Assert.Equal(times - 1, _given);

            await PassAsync(IdleTrim.LookEvery);
            Assert.Equal((1, times), (_prepared, _given));
        }
    }

    [Fact]
    public async Task Work_begins_the_count_anew()
    {
        await using IdleTrim trim = Start();
        await PassAsync(IdleTrim.IdleFor - IdleTrim.LookEvery);
        _cpu += TimeSpan.FromSeconds(1);

        await PassAsync(IdleTrim.IdleFor);
        Assert.Equal(0, _given);

        await PassAsync(IdleTrim.LookEvery);
        Assert.Equal((2, 1), (_prepared, _given));
    }

    [Fact]
    public void Pages_of_program_files_are_let_go_and_come_back()
    {
        var pages = new MappedPages();
        Assert.Equal(0, pages.Release());   // Nothing has been looked at yet.
        pages.Look();

        long released = pages.Release();

        Assert.True(released > 1 << 20, $"{released} bytes");
        Assert.Equal("6", string.Create(null, $"{Enumerable.Range(1, 3).Sum()}"));   // The code is still there.
    }

    private IdleTrim Start() => IdleTrim.Start(_clock, () => _cpu, () => _prepared++, () => _given++);

    private async Task PassAsync(TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += IdleTrim.LookEvery)
        {
            await _clock.WaitForTimerAsync(IdleTrim.LookEvery);
            _clock.Advance(IdleTrim.LookEvery);
        }

        await _clock.WaitForTimerAsync(IdleTrim.LookEvery);
    }
}

using System.Globalization;
using Node.Orderer.Cutting;

namespace Node.Orderer.Tests.Cutting;

public class BlockCutterTests
{
    private static readonly BatchLimits s_limits = new(EnvelopeCountMax: 4, BatchBytesPreferred: 1000);
    private static readonly CutPace s_pace = new(TicksPerEnvelope: 2, TicksMax: 5);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    // A script is what happens, left to right: a number is an envelope of that many bytes, "c" a config envelope of 1
    // byte, "t" one tick, "a" the append of the batch in flight landing, "," several envelopes arriving at once.
    [Theory]
    [InlineData("100",                          "[100]")]                // Alone: nothing waits for anything.
    [InlineData("100 100",                      "[100]")]                // One is in flight, so the next one waits...
    [InlineData("100 100 a",                    "[100]")]                // ...and then for the pace: it is busy here.
    [InlineData("100 100 a t",                "[100]")]
    [InlineData("100 100 a t t",                "[100] [100]")]          // After 1 envelope the pace is 2 ticks.
    [InlineData("100 100 t t",                  "[100]")]                // Time alone never passes the one in flight.
    [InlineData("100 100 t t a",              "[100] [100]")]
    [InlineData("100 a t t 100",                "[100] [100]")]          // A lone writer comes later than its pace.
    [InlineData("100,100,100 100 a t t t t",    "[100 100 100]")]        // Three earn the maximum of 5, not 6...
    [InlineData("100,100,100 100 a t t t t t",  "[100 100 100] [100]")]  // ...and no more than that.
    [InlineData("9 1,2,3,4 a",                  "[9] [1 2 3 4]")]        // The count limit beats the pace.
    [InlineData("9 600,400 a",                  "[9] [600 400]")]        // So does the preferred size exactly...
    [InlineData("9 600,401 a",                  "[9] [600]")]            // ...but beyond it the newcomer waits,
    [InlineData("9 600,401 a t a t t",          "[9] [600] [401]")]      // from then on with a pace of its own.
    [InlineData("9 100,4000 a a",               "[9] [100] [4000]")]     // A giant travels alone, in its turn.
    [InlineData("9 5 c a a",                    "[9] [5] [c]")]          // Config closes what is before it, goes alone,
    [InlineData("c 5 a t t",                    "[c] [5]")]              // and paces like one envelope.
    [InlineData("c c a c a",                  "[c] [c] [c]")]
    public void Cuts(string script, string expectedBatches) => Assert.Equal(expectedBatches, Run(script));

    [Theory]
    [InlineData("",            null)]   // Nothing to cut.
    [InlineData("5",           null)]   // It has left.
    [InlineData("5 6",         null)]   // Waits for the one in flight, not for time.
    [InlineData("5 6 a",       2L)]
    [InlineData("5 6 t a",     1L)]
    public void Says_how_long_until_time_alone_cuts(string script, long? expectedTicks)
    {
        var cutter = new BlockCutter(s_limits, s_pace);

        Play(script, cutter, []);

        Assert.Equal(expectedTicks, cutter.TicksUntilCut);
    }

    [Fact]
    public void Gives_back_everything_that_waits_when_the_channel_stops()
    {
        var cutter = new BlockCutter(s_limits, s_pace);
        Play("9 600,401", cutter, []);

        IEnumerable<int> waiting = cutter.Abandon().Select(envelope => envelope.SizeBytes);

        Assert.Equal([600, 401], waiting);
        Assert.True(cutter.TryCut(out _) is false && cutter.HasRoom);
    }

    // Whatever arrives, in whatever rhythm: nothing is lost, repeated or reordered, and no batch breaks a limit.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Keeps_every_envelope_in_arrival_order(int seed)
    {
        var dice = new Random(seed);
        var cutter = new BlockCutter(s_limits, s_pace);
        var sent = new List<WaitingEnvelope>();
        var cut = new List<CutBatch>();
        bool inFlight = false;
        for (int step = 0; step < 2000 || cut.Sum(batch => batch.Envelopes.Length) < sent.Count; step++)
        {
            if (step < 2000 && cutter.HasRoom && dice.Next(3) > 0)
            {
                sent.Add(NewEnvelope(dice.Next(1, 1500), isConfig: dice.Next(20) == 0));
                cutter.Add(sent[^1]);
            }

            if (inFlight && dice.Next(4) == 0)
            {
                cutter.Landed();
                inFlight = false;
            }

            if (dice.Next(2) == 0)
                cutter.Tick(1);
            if (cutter.TryCut(out CutBatch? batch))
            {
                Assert.False(inFlight);
                inFlight = true;
                cut.Add(batch);
            }
        }

        Assert.Equal(sent, cut.SelectMany(batch => batch.Envelopes));
        Assert.All(cut, RespectsTheLimits);
    }

    private static void RespectsTheLimits(CutBatch batch)
    {
        Assert.InRange(batch.Envelopes.Length, 1, s_limits.EnvelopeCountMax);
        Assert.True(batch.Envelopes.Length == 1
            || batch.Envelopes.Sum(envelope => envelope.SizeBytes) <= s_limits.BatchBytesPreferred);
        Assert.Equal(batch.IsConfig, batch.Envelopes.Any(envelope => envelope.IsConfig));
        Assert.True(!batch.IsConfig || batch.Envelopes.Length == 1);
    }

    private static string Run(string script)
    {
        var cut = new List<CutBatch>();
        Play(script, new BlockCutter(s_limits, s_pace), cut);
        return string.Join(' ', cut.Select(batch => $"[{string.Join(' ', batch.Envelopes.Select(Name))}]"));
    }

    private static void Play(string script, BlockCutter cutter, List<CutBatch> cut)
    {
        foreach (string step in script.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (step == "t")
                cutter.Tick(1);
            else if (step == "a")
                cutter.Landed();
            else
                AddAll(step, cutter);

            if (cutter.TryCut(out CutBatch? batch))
                cut.Add(batch);
        }
    }

    private static void AddAll(string step, BlockCutter cutter)
    {
        foreach (string size in step.Split(','))
        {
            bool isConfig = size == "c";
            cutter.Add(NewEnvelope(isConfig ? 1 : int.Parse(size, CultureInfo.InvariantCulture), isConfig));
        }
    }

    private static string Name(WaitingEnvelope envelope) =>
        envelope.IsConfig ? "c" : envelope.SizeBytes.ToString(CultureInfo.InvariantCulture);

    private static WaitingEnvelope NewEnvelope(int sizeBytes, bool isConfig) =>
        new(ReadOnlyMemory<byte>.Empty, sizeBytes, configSequence: 0, isConfig);
}

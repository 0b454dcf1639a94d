using System.Text;
using Node.Ledger.Building;
using Node.Protocol.Wire.Peer;
using static Node.Protocol.Wire.Peer.TxValidationCode;

namespace Node.Ledger;

/// <summary>Random transactions against a ledger, and against a dictionary that says what must come of them.</summary>
public sealed class ModelTests
{
    private const string Keys = "abcdefgh";
    private const int BlocksPerRun = 25;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Codes_state_and_history_are_those_of_the_model(int seed)
    {
        var random = new Random(seed);
        var model = new Model();
        using TestLedger ledger = TestLedger.WithGenesis();
        for (ulong block = 1; block <= BlocksPerRun; block++)
        {
            List<Planned> plans = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Plan(random, model))];
            CommitResult result = ledger.Commit([.. plans.Select(plan => plan.Transaction)]);

            TxValidationCode[] expected = [.. plans.Select((plan, index) => model.Judge(plan, block, (ulong)index))];
            Assert.Equal(expected, result.Codes);
            AssertSame(model, ledger);
            if (random.Next(10) == 0)
                ledger.Reopen();
        }

        Assert.Contains(model.Codes, code => code == MvccReadConflict);
        Assert.Contains(model.Codes, code => code == PhantomReadConflict);
        Assert.Null(LedgerAudit.Verify(ledger.Folder, AnyAuthority.Instance, NoProgress.Instance).Fault);
    }

    private static void AssertSame(Model model, TestLedger ledger)
    {
        using StateSnapshot state = ledger.Ledger.Snapshot();
        Assert.Equal(
            model.State.Select(pair => $"{pair.Key}={pair.Value.Value} at {pair.Value.Version}"),
            state.Range(Tx.Contract, "", "").Select(Describe));
        foreach (char key in Keys)
        {
            Assert.Equal(
                model.History.GetValueOrDefault($"{key}") ?? [],
                state.History(Tx.Contract, $"{key}", newestFirst: false, after: null).Select(one => Text(one.Value)));
        }
    }

    private static string Describe(StateRecord record)
    {
        (ulong, ulong) version = (record.Value.Version.Block, record.Value.Version.Transaction);
        return $"{record.Key}={Text(record.Value.Value)} at {version}";
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    // As an endorser would have simulated it on the state before the block, or, rarely, on an older one.
    private static Planned Plan(Random random, Model model)
    {
        var plan = new Planned(Tx.Valid(), [], [], []);
        SortedDictionary<string, Stored> seen =
            random.Next(8) == 0 ? model.Before : model.State;
        foreach (string key in Pick(random, 2))
        {
            (ulong, ulong)? version = seen.GetValueOrDefault(key)?.Version;
            plan.Transaction.Reading(key, version);
            plan.Reads.Add((key, version));
        }

        if (random.Next(3) == 0)
            PlanRange(random, seen, plan);

        foreach (string key in Pick(random, 3))
        {
            string? value = random.Next(4) == 0 ? null : $"{random.Next(1000)}";
            _ = value is null ? plan.Transaction.Deleting(key) : plan.Transaction.Writing(key, value);
            plan.Writes.Add((key, value));
        }

        return plan;
    }

    private static void PlanRange(
        Random random, SortedDictionary<string, Stored> seen, Planned plan)
    {
        string start = $"{Keys[random.Next(Keys.Length)]}";
        string end = $"{Keys[random.Next(Keys.Length)]}z";
        (string, ulong, ulong)[] reads = [.. seen
            .Where(pair => string.CompareOrdinal(pair.Key, start) >= 0 && string.CompareOrdinal(pair.Key, end) < 0)
            .Select(pair => (pair.Key, pair.Value.Version.Item1, pair.Value.Version.Item2))];
        plan.Transaction.ReadingRange(start, end, exhausted: true, reads);
        plan.Ranges.Add((start, end, [.. reads.Select(read => (read.Item1, (read.Item2, read.Item3)))]));
    }

    private static string[] Pick(Random random, int most)
    {
        char[] keys = Keys.ToCharArray();
        random.Shuffle(keys);
        return [.. keys.Take(random.Next(most + 1)).Select(key => $"{key}")];
    }

    private sealed record Stored(string Value, (ulong, ulong) Version);

    private sealed record Planned(
        Tx Transaction,
        List<(string Key, (ulong, ulong)? Version)> Reads,
        List<(string Start, string End, List<(string, (ulong, ulong))> Found)> Ranges,
        List<(string Key, string? Value)> Writes);

    /// <summary>Ten lines of rules, applied at once: a transaction sees all valid ones before it.</summary>
    private sealed class Model
    {
        public SortedDictionary<string, Stored> State { get; private set; } =
            new(StringComparer.Ordinal);

        public SortedDictionary<string, Stored> Before { get; private set; } =
            new(StringComparer.Ordinal);

        public Dictionary<string, List<string>> History { get; } = [];

        public List<TxValidationCode> Codes { get; } = [];

        public TxValidationCode Judge(Planned plan, ulong block, ulong index)
        {
            if (index == 0)
                _touched.Clear();

            TxValidationCode code = !plan.Reads.All(IsCurrent) ? MvccReadConflict
                : !plan.Ranges.All(IsSame) ? PhantomReadConflict
                : Valid;
            Codes.Add(code);
            if (code == Valid)
                Apply(plan, (block, index));

            return code;
        }

        private readonly HashSet<string> _touched = [];   // Keys written by this block so far, deletes included.

        private bool IsCurrent((string Key, (ulong, ulong)? Version) read) =>
            !_touched.Contains(read.Key)
            && State.GetValueOrDefault(read.Key)?.Version == read.Version;

        private bool IsSame((string Start, string End, List<(string, (ulong, ulong))> Found) range) =>
            State.Where(pair => string.CompareOrdinal(pair.Key, range.Start) >= 0
                    && string.CompareOrdinal(pair.Key, range.End) < 0)
                .Select(pair => (pair.Key, pair.Value.Version))
                .SequenceEqual(range.Found);

        private void Apply(Planned plan, (ulong, ulong) version)
        {
            Before = new(State, StringComparer.Ordinal);
            foreach ((string key, string? value) in plan.Writes)
            {
                _touched.Add(key);
                if (value is null)
                    State.Remove(key);
                else
                    State[key] = new Stored(value, version);

                if (!History.TryGetValue(key, out List<string>? history))
                    History.Add(key, history = []);

                history.Add(value ?? "");
            }
        }
    }
}

namespace Node.Ca.Admitting;

/// <summary>How many wrong secrets are borne before waiting begins, and how the waits grow.</summary>
/// <param name="Free">Failures without a wait.</param>
/// <param name="WaitFirst">After the first failure beyond; each further one doubles it.</param>
/// <param name="ForgottenAfter">Without a failure for so long, all is forgotten.</param>
internal sealed record AttemptRules(int Free, TimeSpan WaitFirst, TimeSpan WaitMax, TimeSpan ForgottenAfter)
{
    /// <summary>
    /// Of one identity. The longest wait is short: whoever knows an id must not be able to lock its owner out.
    /// </summary>
    public static AttemptRules OfIdentity { get; } =
        new(Free: 5, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15));

    /// <summary>Of one address, behind which there may be many.</summary>
    public static AttemptRules OfAddress { get; } =
        new(Free: 50, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15));
}

/// <summary>Remembers failed attempts by name, and says how long the next one must wait.</summary>
/// <remarks>
/// Any thread. At most <see cref="CaLimits.AttemptsRememberedMax"/> names; the one that failed longest ago goes first.
/// </remarks>
internal sealed class AttemptLimiter(AttemptRules rules, TimeProvider clock)
{
    // Protects both collections, which hold the same entries; the list has the oldest failure first.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byAge = new();

    /// <summary>Null when an attempt may be made now.</summary>
    public TimeSpan? WaitFor(string name)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(name, out LinkedListNode<Entry>? node))
                return null;

            DateTimeOffset now = clock.GetUtcNow();
            if (now - node.Value.Last > rules.ForgottenAfter)
            {
                Remove(node);
                return null;
            }

            return node.Value.BlockedUntil > now ? node.Value.BlockedUntil - now : null;
        }
    }

    /// <returns>How many failures in a row this is.</returns>
    public int Fail(string name)
    {
        lock (_gate)
        {
            DateTimeOffset now = clock.GetUtcNow();
            int failures = 1;
            if (_entries.TryGetValue(name, out LinkedListNode<Entry>? node))
            {
                if (now - node.Value.Last <= rules.ForgottenAfter)
                    failures = node.Value.Failures + 1;

                Remove(node);
            }

            if (_entries.Count == CaLimits.AttemptsRememberedMax && _byAge.First is { } oldest)
                Remove(oldest);

            _entries[name] = _byAge.AddLast(new Entry(name, failures, now, now + WaitAfter(failures)));
            return failures;
        }
    }

    public void Succeed(string name)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(name, out LinkedListNode<Entry>? node))
                Remove(node);
        }
    }

    private TimeSpan WaitAfter(int failures)
    {
        int beyond = failures - rules.Free;
        if (beyond < 0)
            return TimeSpan.Zero;

        double factor = Math.Pow(2, Math.Min(beyond, 30));
        TimeSpan wait = rules.WaitFirst * factor;
        return wait < rules.WaitMax ? wait : rules.WaitMax;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Name);
        _byAge.Remove(node);
    }

    private sealed record Entry(string Name, int Failures, DateTimeOffset Last, DateTimeOffset BlockedUntil);
}

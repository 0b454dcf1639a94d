namespace Node.Orderer.Ordering;

/// <summary>How long to wait before the next attempt: twice as long as before the last one, up to a limit.</summary>
internal sealed class Backoff(TimeSpan shortest, TimeSpan longest)
{
    private int _failures;

    public TimeSpan Next()
    {
        TimeSpan delay = shortest * Math.Pow(2, _failures);
        if (delay >= longest)
            return longest;

        _failures++;
        return delay;
    }

    /// <summary>Something worked, so the next failure is a first one again.</summary>
    public void Reset() => _failures = 0;
}

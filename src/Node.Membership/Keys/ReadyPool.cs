namespace Node.Membership.Keys;

/// <summary>Ready objects of one kind, at most one per processor; each is used by one thread at a time.</summary>
/// <remarks>
/// For what nobody promises to bear two threads, as a framework's key object, and is dearer to make than to use. Any
/// thread rents; whoever rented gives back, or loses the object to the collector.
/// </remarks>
internal sealed class ReadyPool<T>(Func<T> make)
    where T : class, IDisposable
{
    private readonly T?[] _idle = new T?[Environment.ProcessorCount];

    public T Rent()
    {
        int first = Thread.GetCurrentProcessorId();
        for (int i = 0; i < _idle.Length; i++)
        {
            if (Interlocked.Exchange(ref _idle[(first + i) % _idle.Length], null) is { } ready)
                return ready;
        }

        return make();
    }

    public void Return(T ready)
    {
        int first = Thread.GetCurrentProcessorId();
        for (int i = 0; i < _idle.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _idle[(first + i) % _idle.Length], ready, null) is null)
                return;
        }

        ready.Dispose();
    }

    /// <summary>Frees what lies idle. What is rented then is freed when it comes back to the collector.</summary>
    public void Clear()
    {
        for (int i = 0; i < _idle.Length; i++)
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
    }
}

using System.Security.Cryptography;

namespace Node.Membership.Keys;

/// <summary>Ready key objects of one key, at most one per processor; each is used by one thread at a time.</summary>
/// <remarks>
/// The framework promises nothing about two threads in one ECDsa object, and importing a key anew costs more than the
/// check it is for. Any thread rents; whoever rented gives back, or loses the object to the collector.
/// </remarks>
internal sealed class KeyPool(Func<ECDsa> import)
{
    private readonly ECDsa?[] _idle = new ECDsa?[Environment.ProcessorCount];

    public ECDsa Rent()
    {
        int first = Thread.GetCurrentProcessorId();
        for (int i = 0; i < _idle.Length; i++)
        {
            if (Interlocked.Exchange(ref _idle[(first + i) % _idle.Length], null) is { } key)
                return key;
        }

        return import();
    }

    public void Return(ECDsa key)
    {
        int first = Thread.GetCurrentProcessorId();
        for (int i = 0; i < _idle.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _idle[(first + i) % _idle.Length], key, null) is null)
                return;
        }

        key.Dispose();
    }

    /// <summary>Frees what lies idle. What is rented then is freed when it comes back to the collector.</summary>
    public void Clear()
    {
        for (int i = 0; i < _idle.Length; i++)
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
    }
}

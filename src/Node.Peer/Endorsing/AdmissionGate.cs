using Node.Protocol;

namespace Node.Peer.Endorsing;

/// <summary>
/// Counted places for work that costs. A full house is said at once, so that the client can go elsewhere.
/// </summary>
/// <remarks>Any thread. Whoever entered leaves by disposing its place, once.</remarks>
/// <param name="what">What happens in these places, in the plural: "simulations".</param>
/// <param name="placesMax">How many at once; a named limit.</param>
internal sealed class AdmissionGate(string what, int placesMax)
{
    private int _taken;   // Invariant: between 0 and placesMax.

    /// <summary>Places taken right now.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <exception cref="OverloadedException">All places are taken.</exception>
    public Place EnterOrThrow()
    {
        if (Interlocked.Increment(ref _taken) <= placesMax)
            return new Place(this);

        Interlocked.Decrement(ref _taken);
        throw new OverloadedException(what, placesMax, Limits.OverloadRetryAfter);
    }

    /// <summary>One place, held until disposed.</summary>
    public readonly struct Place(AdmissionGate gate) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref gate._taken);
    }
}

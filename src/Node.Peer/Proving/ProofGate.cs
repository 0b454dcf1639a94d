using Node.Protocol;

namespace Node.Peer.Proving;

/// <summary>Counted places for proofs that wait for other peers. A full house is said at once.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class ProofGate(int placesMax)
{
    private int _taken;   // Invariant: between 0 and placesMax, but for a moment on refusal.

    /// <exception cref="OverloadedException">All places are taken.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        try
        {
            if (Interlocked.Increment(ref _taken) > placesMax)
                throw new OverloadedException("proofs", placesMax, Limits.OverloadRetryAfter);

            return await work();
        }
        finally
        {
            Interlocked.Decrement(ref _taken);
        }
    }
}

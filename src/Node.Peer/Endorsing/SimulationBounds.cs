using Node.Protocol;

namespace Node.Peer.Endorsing;

/// <summary>
/// Ends a simulation that takes too long or that nobody waits for. Asked at every step into the state.
/// </summary>
internal sealed class SimulationBounds(TimeProvider clock, CancellationToken cancellationToken)
{
    private readonly long _started = clock.GetTimestamp();

    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <exception cref="InvalidOperationException">The time is over. The contract's fence turns it into a
    /// failure.</exception>
    public void Check()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (clock.GetElapsedTime(_started) > Limits.SimulationTimeout)
            throw new InvalidOperationException("timeout expired while executing transaction");
    }
}

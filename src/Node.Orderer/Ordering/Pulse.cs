namespace Node.Orderer.Ordering;

/// <summary>Wakes everybody who waits for something to change. Any thread.</summary>
/// <remarks>Take <see cref="Next"/> first, look at what may have changed second, await third: then no beat is
/// missed.</remarks>
internal sealed class Pulse
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next beat.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Beat() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .TrySetResult();
}

namespace Node.Client.Storing.Remote;

/// <summary>One step's share of time: ended by the caller's token or when it is used up.</summary>
internal sealed class StepLimit : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _both;
    private readonly CancellationToken _caller;

    public StepLimit(TimeSpan limit, TimeProvider clock, CancellationToken caller)
    {
        _timer = new CancellationTokenSource(limit, clock);
        _both = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
        _caller = caller;
    }

    public CancellationToken Token => _both.Token;

    /// <summary>Whether an exception says that the time was used up, rather than that the caller went away.</summary>
    public bool IsReached(Exception e) =>
        e is OperationCanceledException && _timer.IsCancellationRequested && !_caller.IsCancellationRequested;

    public void Dispose()
    {
        _both.Dispose();
        _timer.Dispose();
    }
}

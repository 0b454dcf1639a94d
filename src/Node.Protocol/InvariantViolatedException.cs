namespace Node.Protocol;

/// <summary>
/// This program is wrong. Whoever catches it ends the process: what it holds in memory is not to be trusted.
/// </summary>
public sealed class InvariantViolatedException : NodeException
{
    public InvariantViolatedException(string message)
        : base(message, inner: null)
    {
    }
}

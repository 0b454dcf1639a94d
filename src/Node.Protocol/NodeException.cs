namespace Node.Protocol;

/// <summary>
/// Base of what this program throws. Verdicts and malformed input are values and never come this way.
/// </summary>
/// <remarks>A message names the thing, the value, the limit where there is one, and the next step.</remarks>
public abstract class NodeException : Exception
{
    private protected NodeException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

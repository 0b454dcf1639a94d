namespace Node.Protocol;

/// <summary>Another node did not answer. Nothing is known about what it did with the request.</summary>
public sealed class PeerUnreachableException : NodeException
{
    /// <param name="endpoint">host:port.</param>
    /// <param name="reason">What the transport said.</param>
    public PeerUnreachableException(string endpoint, string reason, Exception? inner)
        : base($"The node at {endpoint} cannot be reached: {reason}. Check that it runs there.", inner)
    {
        Endpoint = endpoint;
        Reason = reason;
    }

    public string Endpoint { get; }

    public string Reason { get; }
}

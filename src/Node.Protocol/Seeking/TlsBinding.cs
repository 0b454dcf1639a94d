namespace Node.Protocol.Seeking;

/// <summary>How a connection's TLS binds the requests that come over it.</summary>
/// <param name="Required">
/// Mutual TLS is on: a request must name the certificate of its connection, so that nobody replays it from elsewhere.
/// </param>
/// <param name="Presented">SHA-256 of the client's certificate; null when it showed none.</param>
public readonly record struct TlsBinding(bool Required, Hash32? Presented);

using Node.Membership.Material;

namespace Node.Testing;

/// <summary>Speaks to operations ports over TLS.</summary>
public static class OperationsCaller
{
    /// <inheritdoc cref="TlsTransport.To"/>
    public static HttpClient Create(string rootFile, MemberLayout? member) => new(TlsTransport.To(rootFile, member));
}

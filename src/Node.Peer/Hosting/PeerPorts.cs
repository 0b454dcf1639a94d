namespace Node.Peer.Hosting;

/// <summary>Where a running peer listens; what the options left to the system is known only then.</summary>
/// <param name="Operations">Null when there is no operations endpoint.</param>
internal readonly record struct PeerPorts(int Rpc, int? Operations)
{
    /// <param name="urls">In the order in which the listeners were configured: gRPC, then operations.</param>
    public static PeerPorts Of(IEnumerable<string> urls, PeerOptions options)
    {
        int[] ports = [.. urls.Select(url => new Uri(url).Port)];
        return new PeerPorts(
            ports.Length > 0 ? ports[0] : options.ListenPort,
            ports.Length > 1 ? ports[1] : options.OperationsPort);
    }
}

using System.Net;

namespace Node.Membership.Topology;

/// <summary>Where network.yaml places one server; null: as the whole network.</summary>
/// <param name="Host">Name or address that others dial.</param>
/// <param name="Listen">IP address that it listens on.</param>
internal readonly record struct HostPlace(string? Host, string? Listen)
{
    public string MachineOr(HostPlace everywhere) => Host ?? everywhere.Host ?? "localhost";

    /// <summary>Every machine takes this name or address for itself.</summary>
    public static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}

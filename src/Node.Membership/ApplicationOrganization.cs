using Node.Protocol;

namespace Node.Membership;

/// <summary>A network address as a configuration carries it.</summary>
public readonly record struct Endpoint(string Host, int Port)
{
    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Splits "host:port" and "[IPv6]:port".</summary>
    public static bool TryParse(string text, out Endpoint endpoint)
    {
        int colon = text.LastIndexOf(':');
        string host = colon > 0 ? text[..colon].Trim('[', ']') : "";
        bool parsed = int.TryParse(
            text.AsSpan(colon + 1),
            System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture,
            out int port);
        bool valid = parsed && host.Length > 0 && port is > 0 and <= ushort.MaxValue;
        endpoint = valid ? new Endpoint(host, port) : default;
        return valid;
    }
}

/// <summary>An organisation that endorses in a channel.</summary>
/// <param name="Name">The key of its configuration group; policies and paths use it. Need not be the MSP id.</param>
/// <param name="AnchorPeers">Peers that others may ask, in the order of the configuration.</param>
/// <param name="TlsRootPems">PEM of the certificates that vouch for its nodes' TLS certificates.</param>
public sealed record ApplicationOrganization(
    string Name, MspId MspId, IReadOnlyList<Endpoint> AnchorPeers, IReadOnlyList<ReadOnlyMemory<byte>> TlsRootPems);

using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Node.Cli.Networks;

/// <summary>How a node says it is.</summary>
/// <param name="Reason">What is wrong, by component; null when all is well, and when nobody answers.</param>
internal sealed record NodeHealth(bool IsHealthy, string? Reason);

/// <summary>Asks nodes on this machine how they are.</summary>
internal sealed class HealthProbe : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);

    private static readonly NodeHealth s_silent = new(IsHealthy: false, Reason: null);

    private readonly string _scheme;
    private readonly HttpClient _http;

    /// <param name="layout">Whose nodes are asked: they must present certificates of this network.</param>
    public HealthProbe(NetworkLayout layout)
        : this(layout.Scheme, layout.TlsRootFiles)
    {
    }

    /// <param name="scheme">http or https.</param>
    /// <param name="rootFiles">PEM of those who vouch for the nodes' certificates; those that exist count.</param>
    public HealthProbe(string scheme, IReadOnlyList<string> rootFiles)
    {
        _scheme = scheme;
        var transport = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = s_timeout };
        if (scheme == Uri.UriSchemeHttps)
            transport.SslOptions = TlsOf(rootFiles);

        _http = new HttpClient(transport) { Timeout = s_timeout };
    }

    /// <summary>What a node of this machine says of itself; one without an operations endpoint, by listening.</summary>
    public async Task<NodeHealth> AskAsync(NetworkLayout layout, NodePlace place, CancellationToken cancellation) =>
        place.Node.OperationsPort != 0
            ? await AskAsync(place.Node.OperationsPort, cancellation)
            : new NodeHealth(
                await ListensAsync(layout.ListenAddressOf(place), place.Node.Port, cancellation), Reason: null);

    /// <summary>What the node's operations endpoint answers.</summary>
    public async Task<NodeHealth> AskAsync(int operationsPort, CancellationToken cancellation)
    {
        string port = operationsPort.ToString(CultureInfo.InvariantCulture);
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(
                new Uri($"{_scheme}://127.0.0.1:{port}/healthz"), cancellation);
            return response.IsSuccessStatusCode
                ? new NodeHealth(IsHealthy: true, Reason: null)
                : new NodeHealth(IsHealthy: false, ReasonIn(await response.Content.ReadAsStringAsync(cancellation)));
        }
        catch (HttpRequestException)
        {
            return s_silent;   // Nobody there yet.
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return s_silent;   // Somebody is there and does not answer in time.
        }
    }

    /// <summary>Whether a server listens there now.</summary>
    /// <param name="address">The server's; any address stands for loopback.</param>
    public static async Task<bool> ListensAsync(IPAddress address, int port, CancellationToken cancellation)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(Dialled(address), port), cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Whether a server could listen there now.</summary>
    public static bool IsFree(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As Kestrel does: connections of a former server that are still dying out do not count.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private static IPAddress Dialled(IPAddress listening) =>
        listening.Equals(IPAddress.Any) ? IPAddress.Loopback
        : listening.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
        : listening;

    // Loopback is no name that certificates carry: whoever presents one of this network is meant.
    private static SslClientAuthenticationOptions TlsOf(IReadOnlyList<string> rootFiles)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        foreach (string file in rootFiles.Where(File.Exists))
            policy.CustomTrustStore.ImportFromPemFile(file);

        return new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = static (_, _, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
        };
    }

    private static string? ReasonIn(string answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return string.Join("; ", document.RootElement.GetProperty("failed_checks").EnumerateArray().Select(
                check => $"{check.GetProperty("component").GetString()}: {check.GetProperty("reason").GetString()}"));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;   // No node of ours.
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Node.Cli.Networks;

/// <summary>Asks nodes on this machine how they are.</summary>
internal sealed class HealthProbe : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = s_timeout })
    {
        Timeout = s_timeout,
    };

    /// <summary>The node's operations endpoint answers that all is well.</summary>
    public async Task<bool> IsHealthyAsync(int operationsPort, CancellationToken cancellation)
    {
        string port = operationsPort.ToString(CultureInfo.InvariantCulture);
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(
                new Uri($"http://127.0.0.1:{port}/healthz"), HttpCompletionOption.ResponseHeadersRead, cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;   // Nobody there yet.
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;   // Somebody is there and does not answer in time.
        }
    }

    /// <summary>The node's operations endpoint answers, well or not.</summary>
    public async Task<bool> AnswersAsync(int operationsPort, CancellationToken cancellation) =>
        await IsHealthyAsync(operationsPort, cancellation)
        || await ListensAsync(IPAddress.Loopback, operationsPort, cancellation);

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
}

using System.Net;
using System.Net.Sockets;

namespace Node.Client.Tests.Storing;

public enum Misbehaviour
{
    None,

    /// <summary>Takes the connection and never answers.</summary>
    Silent,

    /// <summary>Breaks the connection off after some bytes of the request.</summary>
    CutUpload,

    /// <summary>Breaks the connection off after some bytes of the answer.</summary>
    CutDownload,

    /// <summary>Changes one byte far into what the client sends.</summary>
    CorruptUpload,

    /// <summary>Changes one byte far into what the server answers.</summary>
    CorruptDownload,

    /// <summary>Begins the answer and then sends nothing more.</summary>
    StallDownload,
}

/// <summary>
/// Stands between a client and a real server, and has bad days. TCP only: it knows nothing of what passes.
/// </summary>
internal sealed class MisbehavingProxy : IAsyncDisposable
{
    private const int PieceBytes = 1 << 14;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _server;
    private readonly long _after;
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;
    private volatile Misbehaviour _mode;

    /// <param name="after">Bytes that pass well in every connection.</param>
    public MisbehavingProxy(int server, Misbehaviour mode, long after)
    {
        _server = server;
        _mode = mode;
        _after = after;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Misbehaviour Mode
    {
        set => _mode = value;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                if (_mode == Misbehaviour.Silent)
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);

                await server.ConnectAsync(IPAddress.Loopback, _server, _stop.Token);
                Task up = PassAsync(
                    client, server, Misbehaviour.CutUpload, Misbehaviour.CorruptUpload, stall: Misbehaviour.None);
                Task down = PassAsync(
                    server, client, Misbehaviour.CutDownload, Misbehaviour.CorruptDownload, Misbehaviour.StallDownload);
                await Task.WhenAny(up, down);
                client.Close();
                server.Close();
                await Task.WhenAll(up, down);
            }
            catch (Exception e) when (
                e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // Either side went away, which is what this is about.
            }
        }
    }

    private async Task PassAsync(
        TcpClient from, TcpClient to, Misbehaviour cut, Misbehaviour corrupt, Misbehaviour stall)
    {
        NetworkStream source = from.GetStream();
        NetworkStream target = to.GetStream();
        byte[] piece = new byte[PieceBytes];
        long passed = 0;
        for (int read; (read = await source.ReadAsync(piece, _stop.Token)) > 0; passed += read)
        {
            bool isDue = passed <= _after && passed + read > _after;
            if (passed + read > _after && _mode == cut)
                return;
            if (isDue && _mode == corrupt)
                piece[(int)(_after - passed)] ^= 1;
            if (isDue && _mode == stall && stall != Misbehaviour.None)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);

            await target.WriteAsync(piece.AsMemory(0, read), _stop.Token);
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Node.Testing.Proxies;

/// <summary>One way through which one host reaches another: TCP ports whose bytes pass through this process.</summary>
/// <remarks>
/// <see cref="Faults"/> take effect at once, on connections that are open too. Any thread. Connections beyond
/// <see cref="ConnectionsMax"/> are reset.
/// </remarks>
public sealed class ProxiedLink : IAsyncDisposable
{
    private const int ConnectionsMax = 256;
    private const int Backlog = 64;

    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ProxiedConnection, Task> _connections = new();
    private readonly List<Socket> _doors = [];
    private readonly List<Task> _accepting = [];
    private readonly Lock _lock = new();   // Protects _faults with _changed.
    private LinkFaults _faults = LinkFaults.None;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytesTowardsServer;
    private long _bytesTowardsClient;

    public ProxiedLink(TimeProvider clock) => _clock = clock;

    public LinkFaults Faults
    {
        get
        {
            lock (_lock)
                return _faults;
        }

        set
        {
            TaskCompletionSource changed;
            lock (_lock)
            {
                _faults = value;
                changed = _changed;
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            changed.SetResult();
        }
    }

    public long BytesTowardsServer => Volatile.Read(ref _bytesTowardsServer);

    public long BytesTowardsClient => Volatile.Read(ref _bytesTowardsClient);

    public int ConnectionCount => _connections.Count;

    internal TimeProvider Clock => _clock;

    /// <summary>Opens one port. What connects there is joined to the server.</summary>
    /// <param name="source">The address that the server is to see; null leaves it to the machine.</param>
    /// <exception cref="SocketException">The address is not this machine's, or in use.</exception>
    /// <returns>Where it listens: the port that was found where 0 was asked for.</returns>
    public IPEndPoint Open(IPEndPoint listen, IPEndPoint server, IPAddress? source)
    {
        var door = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        door.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        door.Bind(listen);
        door.Listen(Backlog);
        _doors.Add(door);
        _accepting.Add(AcceptAsync(door, server, source));
        return (IPEndPoint)door.LocalEndPoint!;   // Bound above.
    }

    /// <summary>Resets every connection that is open, as a router does that forgot them.</summary>
    public void Reset()
    {
        foreach (ProxiedConnection connection in _connections.Keys)
            connection.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (Socket door in _doors)
            door.Dispose();

        await Task.WhenAll(_accepting);
        Reset();
        await Task.WhenAll(_connections.Values);
        _stop.Dispose();
    }

    internal (LinkFaults Faults, Task Changed) Now()
    {
        lock (_lock)
            return (_faults, _changed.Task);
    }

    internal void Count(int bytes, bool towardsServer)
    {
        if (towardsServer)
            Interlocked.Add(ref _bytesTowardsServer, bytes);
        else
            Interlocked.Add(ref _bytesTowardsClient, bytes);
    }

    private async Task AcceptAsync(Socket door, IPEndPoint server, IPAddress? source)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await door.AcceptAsync(_stop.Token);
            }
            catch (SocketException) when (!_stop.IsCancellationRequested)
            {
                continue;   // Whoever knocked is gone again.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }

            var connection = new ProxiedConnection(this, client);
            if (_connections.Count >= ConnectionsMax)
                connection.Abort();
            else
                _connections[connection] = KeepAsync(connection, server, source);
        }
    }

    private async Task KeepAsync(ProxiedConnection connection, IPEndPoint server, IPAddress? source)
    {
        await Task.Yield();   // It is in the list before it can leave it.
        await connection.RunAsync(server, source, _stop.Token);
        _connections.TryRemove(connection, out _);
    }
}

using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Node.Testing.Proxies;

/// <summary>One connection through a link, with the link's faults of the moment.</summary>
/// <remarks>Ends when either side does, and hands on how: an orderly end as one, anything else as a reset.</remarks>
internal sealed class ProxiedConnection(ProxiedLink link, Socket client)
{
    private const int ReadBytes = 1 << 16;
    private const int PiecesInFlightMax = 256;   // 16 MiB under way each way: more than any window.

    // A host that was cut off is found again when its cable is in, not when the kernel next repeats its knock.
    private static readonly TimeSpan s_connectAgainAfter = TimeSpan.FromMilliseconds(300);

    private volatile Socket _server = NewSocket();
    private readonly CancellationTokenSource _ended = new();
    private uint _dice = 20190527;

    /// <summary>Both sides get a reset. Any thread, any number of times.</summary>
    public void Abort()
    {
        _ended.Cancel();
        foreach (Socket socket in (Socket[])[client, _server])
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It is closed, or was never open.
            }

            socket.Dispose();
        }
    }

    public async Task RunAsync(IPEndPoint server, IPAddress? source, CancellationToken stop)
    {
        using CancellationTokenRegistration stopping = stop.Register(Abort);
        try
        {
            client.NoDelay = true;
            await WhileAsync(faults => faults.CutTowardsServer);
            await ConnectAsync(server, source);
            await Task.WhenAll(PumpAsync(client, _server, towardsServer: true), PumpAsync(_server, client, false));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone; the other is told below.
        }
        finally
        {
            Abort();
        }
    }

    private async Task ConnectAsync(IPEndPoint server, IPAddress? source)
    {
        while (true)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
            attempt.CancelAfter(s_connectAgainAfter);
            try
            {
                if (source is not null)
                    _server.Bind(new IPEndPoint(source, 0));
                await _server.ConnectAsync(server, attempt.Token);
                return;
            }
            catch (Exception e) when (!_ended.IsCancellationRequested
                && e is OperationCanceledException or SocketException { SocketErrorCode: SocketError.HostUnreachable })
            {
                _server.Dispose();
                _server = NewSocket();
            }
        }
    }

    private static Socket NewSocket() =>
        new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private async Task PumpAsync(Socket from, Socket to, bool towardsServer)
    {
        var underWay = Channel.CreateBounded<Piece>(PiecesInFlightMax);
        Task writing = WriteAsync(underWay.Reader, to, towardsServer);
        try
        {
            long lastDue = 0;
            while (true)
            {
                byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
                int count = await from.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, _ended.Token);
                lastDue = Math.Max(lastDue, DueOf(link.Faults));
                await underWay.Writer.WriteAsync(new Piece(buffer, count, lastDue), _ended.Token);
                if (count == 0)
                    break;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Abort();   // A reset on one side is one on the other.
        }

        await writing;
    }

    private async Task WriteAsync(ChannelReader<Piece> underWay, Socket to, bool towardsServer)
    {
        try
        {
            await foreach (Piece piece in underWay.ReadAllAsync(_ended.Token))
            {
                await UntilAsync(piece.DueAt);
                await WhileAsync(faults => towardsServer ? faults.CutTowardsServer : faults.CutTowardsClient);
                if (piece.Count == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                await SendAsync(piece, to, towardsServer);
                ArrayPool<byte>.Shared.Return(piece.Bytes);   // One that is lost in a fault is the collector's.
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Abort();
        }
    }

    private async Task SendAsync(Piece piece, Socket to, bool towardsServer)
    {
        for (int sent = 0; sent < piece.Count;)
        {
            LinkFaults faults = link.Faults;
            int count = piece.Count - sent;
            if (faults.PieceBytes > 0)
                count = Math.Min(count, faults.PieceBytes);

            int part = await to.SendAsync(piece.Bytes.AsMemory(sent, count), SocketFlags.None, _ended.Token);
            sent += part;
            link.Count(part, towardsServer);
            if (faults.BytesPerSecond > 0)
                await Task.Delay(TimeSpan.FromSeconds((double)part / faults.BytesPerSecond), link.Clock, _ended.Token);
        }
    }

    private long DueOf(LinkFaults faults)
    {
        if (faults.Delay == TimeSpan.Zero && faults.Jitter == TimeSpan.Zero)
            return 0;

        _dice = unchecked(_dice * 1664525 + 1013904223);
        TimeSpan late = faults.Delay + faults.Jitter * ((_dice >> 8) / (double)(1 << 24));
        return link.Clock.GetTimestamp() + (long)(late.TotalSeconds * link.Clock.TimestampFrequency);
    }

    private async Task UntilAsync(long due)
    {
        TimeSpan left = due == 0
            ? TimeSpan.Zero
            : link.Clock.GetElapsedTime(link.Clock.GetTimestamp(), due);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, link.Clock, _ended.Token);
    }

    private async Task WhileAsync(Func<LinkFaults, bool> isCut)
    {
        while (true)
        {
            (LinkFaults faults, Task changed) = link.Now();
            if (!isCut(faults))
                return;

            await changed.WaitAsync(_ended.Token);
        }
    }

    /// <param name="Count">0 is the end of the stream.</param>
    private readonly record struct Piece(byte[] Bytes, int Count, long DueAt);
}

using System.Diagnostics.CodeAnalysis;
using Grpc.Core;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Protocol.Decoding;
using Node.Protocol.Seeking;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Peer.Pulling;

/// <summary>
/// Listens to every orderer of a channel, to know early what each signed: headers and signatures of all blocks, about
/// a kilobyte each. Where nothing is ordered nothing is sent.
/// </summary>
/// <remarks>
/// Owned by the block source, which says who is listened to. With one orderer nobody is: there is nothing to compare.
/// </remarks>
internal sealed class Witnesses(
    DeliverCalls calls, WitnessBoard board, OrdererBook book, ForkReports reports, TimeProvider clock)
    : IAsyncDisposable
{
    /// <summary>Most orderers that are listened to.</summary>
    public const int WitnessesMax = 16;

    /// <summary>Largest header with its signatures, in bytes: none of ours has more than some kilobytes.</summary>
    public const int HeaderBytesMax = 256 << 10;

    /// <summary>Time to be reached in, after which an orderer is not waited for until it is.</summary>
    public static readonly TimeSpan ReachTimeout = TimeSpan.FromMilliseconds(300);

    private readonly Dictionary<string, Listener> _listeners = new(StringComparer.Ordinal);

    /// <summary>Listens to these and nobody else.</summary>
    public async ValueTask ListenToAsync(IReadOnlyList<OrdererEndpoint> known)
    {
        Dictionary<string, OrdererEndpoint> wanted = known.Count < 2
            ? []
            : known.Take(WitnessesMax).DistinctBy(endpoint => endpoint.ToString())
                .ToDictionary(endpoint => endpoint.ToString());
        board.Name(wanted.Keys);
        foreach (string gone in (string[])[.. _listeners.Keys.Where(name => !wanted.ContainsKey(name))])
        {
            await _listeners[gone].DisposeAsync();
            _listeners.Remove(gone);
        }

        foreach ((string name, OrdererEndpoint endpoint) in wanted)
        {
            if (!_listeners.ContainsKey(name))
                _listeners.Add(name, new Listener(stop => ListenAsync(name, endpoint, stop)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Listener listener in _listeners.Values)
            await listener.DisposeAsync();
    }

    private async Task ListenAsync(string name, OrdererEndpoint endpoint, CancellationToken stop)
    {
        // Before anything is known about it, it is waited for; later on, when it was reached.
        var backoff = new Backoff();
        board.SetReachable(name, isReachable: true);
        while (!stop.IsCancellationRequested)
        {
            if (!book.IsShunned(name))
                await HearAsync(name, endpoint, backoff, stop);

            board.SetReachable(name, isReachable: false);
            await Task.Delay(backoff.Next(), clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // One stream. Why it ended does not matter: whoever pulls blocks from this orderer will say.
    private async Task HearAsync(string name, OrdererEndpoint endpoint, Backoff backoff, CancellationToken stop)
    {
        try
        {
            Task<AsyncDuplexStreamingCall<byte[], byte[]>> opening = calls.HeadersAsync(endpoint, board.Height, stop);
            if (await Task.WhenAny(opening, Task.Delay(ReachTimeout, clock, stop)) != opening)
                board.SetReachable(name, isReachable: false);

            using AsyncDuplexStreamingCall<byte[], byte[]> call = await opening;
            board.SetReachable(name, isReachable: true);
            while (await call.ResponseStream.MoveNext(stop))
            {
                if (!TryRead(call.ResponseStream.Current, out SignedBlock? header, out string? fault))
                {
                    if (fault is not null)
                        reports.Lied(name, board.Height, fault);

                    return;
                }

                await board.HearAsync(name, header, stop);
                backoff.Reset();
                if (book.IsShunned(name))
                    return;
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            // The loop tries again.
        }
    }

    // False without a fault: it gave a status instead.
    private static bool TryRead(
        byte[] message, [NotNullWhen(true)] out SignedBlock? header, out string? fault)
    {
        header = null;
        fault = "it sent something that is neither a header nor a status";
        if (!DeliverAnswer.TryDecode(message, out DeliverAnswer answer))
            return false;

        if (answer.IsBlock)
        {
            if (!BlockBytes.TryDecode(answer.Block, out BlockBytes? block, out fault)
                || !SignedBlockReader.TryRead(block, out header, out fault))
                return false;

            int bytes = header.CalculateSize();
            fault = bytes > HeaderBytesMax ? $"its header has {bytes} bytes, at most {HeaderBytesMax} are read" : null;
            return fault is null;
        }

        fault = null;
        return false;
    }

    private sealed class Listener : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _loop;

        public Listener(Func<CancellationToken, Task> listen) => _loop = listen(_stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _loop;
            _stop.Dispose();
        }
    }
}

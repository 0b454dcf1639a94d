using Grpc.Core;
using Node.Peer.Hosting;

namespace Node.Peer.Delivering;

/// <summary>Serves the streams that have no end of their own: blocks and contract events.</summary>
/// <remarks>Any thread. All of them together take at most so many places, and all end when the peer stops.</remarks>
internal sealed class OpenStreams(PeerNode node, int streamsMax)
{
    private int _open;   // Invariant: between 0 and streamsMax, but for a moment on refusal.

    /// <summary>Streams served right now.</summary>
    public int Count => Volatile.Read(ref _open);

    /// <param name="whenStopping">What a client is told when the peer stops under it.</param>
    /// <param name="serve">Its token ends with the call, and with the peer.</param>
    /// <exception cref="RpcException">
    /// <c>RESOURCE_EXHAUSTED</c>: no place is free, ask another peer. <paramref name="whenStopping"/>: the peer stops.
    /// </exception>
    public async Task ServeAsync(
        StatusCode whenStopping, Func<CancellationToken, Task> serve, CancellationToken callToken)
    {
        if (Interlocked.Increment(ref _open) > streamsMax)
        {
            Interlocked.Decrement(ref _open);
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                $"this peer serves {streamsMax} block and event streams already; ask another peer or later"));
        }

        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(callToken, node.Stopping);
            await serve(either.Token);
        }
        catch (OperationCanceledException) when (!callToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(whenStopping, $"peer {node.Address} is stopping; ask another peer"));
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}

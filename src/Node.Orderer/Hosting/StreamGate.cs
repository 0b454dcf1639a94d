using Grpc.Core;

namespace Node.Orderer.Hosting;

/// <summary>So many streams of one kind at once, and no more.</summary>
internal sealed class StreamGate(string what, int max)
{
    private int _open;

    /// <exception cref="RpcException"><c>RESOURCE_EXHAUSTED</c>: all places are taken.</exception>
    public Place EnterOrThrow()
    {
        if (Interlocked.Increment(ref _open) <= max)
            return new Place(this);

        Interlocked.Decrement(ref _open);
        throw new RpcException(new Status(
            StatusCode.ResourceExhausted, $"all {max} places for {what} are taken: use another orderer"));
    }

    public readonly struct Place(StreamGate gate) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref gate._open);
    }
}

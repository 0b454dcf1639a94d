using Microsoft.Extensions.ObjectPool;

namespace Grpc.Net.Client.Calls;

/// <summary>
/// Lends token sources to unary calls: most end without being stopped, and the source is as good as new.
/// </summary>
internal static class StopSources
{
    private const int SourcesKept = 256;

    private static readonly DefaultObjectPool<CancellationTokenSource> s_sources = new(new Policy(), SourcesKept);

    public static CancellationTokenSource Rent() => s_sources.Get();

    /// <summary>Takes back a source that nobody will cancel any more.</summary>
    public static void Return(CancellationTokenSource source) => s_sources.Return(source);

    private sealed class Policy : PooledObjectPolicy<CancellationTokenSource>
    {
        public override CancellationTokenSource Create() => new();

        public override bool Return(CancellationTokenSource obj)
        {
            if (obj.TryReset())
                return true;

            obj.Dispose();
            return false;
        }
    }
}

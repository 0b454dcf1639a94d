using Node.Orderer.Log;
using Node.Simulation.Logs;

namespace Node.Orderer.Tests.Log;

/// <summary>The log that simulated networks order with keeps the promises of the real ones.</summary>
public sealed class SimulatedLogTests : OrderedLogContract
{
    private readonly DirectLink _link = new(new LogCluster(entriesKept: 1000));

    private protected override Task<IOrderedLog> OpenAsync() =>
        Task.FromResult<IOrderedLog>(new SimulatedLog(_link, made: static _ => { }));

    private protected override async Task CloseAsync(IOrderedLog log) => await log.DisposeAsync();

    /// <summary>A link without a network: the cluster is asked at once, by one caller at a time.</summary>
    private sealed class DirectLink(LogCluster cluster) : ILogLink
    {
        private readonly Lock _lock = new();   // Protects the cluster.

        public Task<T> AskAsync<T>(
            Func<LogCluster, T> happen, string operation, CancellationToken cancellationToken)
        {
            lock (_lock)
                return Task.FromResult(happen(cluster));
        }

        public IDisposable OnGrown(Action grown)
        {
            lock (_lock)
                cluster.Grown += grown;

            return new Subscription(() =>
            {
                lock (_lock)
                    cluster.Grown -= grown;
            });
        }

        private sealed class Subscription(Action end) : IDisposable
        {
            public void Dispose() => end();
        }
    }
}

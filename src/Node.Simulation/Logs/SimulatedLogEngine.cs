using Node.Ledger.Ordering;
using Node.Orderer.Log;
using Node.Orderer.Ordering;

namespace Node.Simulation.Logs;

/// <summary>Opens the simulated log for one orderer, and tells the cluster how far its blocks are durable.</summary>
internal sealed class SimulatedLogEngine(ILogLink link, string orderer, TimeProvider clock) : ILogEngine
{
    public static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="SimulatedLog.RepeatsEntries"/>
    public bool RepeatsEntries { get; init; }

    public TimeSpan ReopenDelayMax => TimeSpan.FromMilliseconds(500);

    public async Task<OpenedLog> OpenAsync(
        OrdererStore store, ChainTip tip, ChannelSigns signs, CancellationToken cancellationToken)
    {
        ulong incarnation = await link.AskAsync(
            cluster => cluster.BeginRun(orderer, tip.Position), "open", cancellationToken);
        var upkeep = new Upkeep(link, orderer, store, clock);
        var log = new SimulatedLog(link, upkeep.Made) { RepeatsEntries = RepeatsEntries };
        return new OpenedLog(log, incarnation, EntriesWaiting: 0);
    }

    private sealed class Upkeep
    {
        private readonly ILogLink _link;
        private readonly string _orderer;
        private readonly OrdererStore _store;
        private readonly ITimer _timer;
        private LogPosition _made;
        private LogPosition _told;

        public Upkeep(ILogLink link, string orderer, OrdererStore store, TimeProvider clock)
        {
            _link = link;
            _orderer = orderer;
            _store = store;
            _timer = clock.CreateTimer(_ => Turn(), state: null, TellEvery, TellEvery);
        }

        public void Made(LogPosition position) => _made = position;

        private void Turn()
        {
            if (_made == _told)
                return;

            try
            {
                _store.Sync();
            }
            catch (Node.Protocol.StorageFailedException)
            {
                // The store is finished; the loops meet the same failure and say so.
                _timer.Dispose();
                return;
            }

            LogPosition made = _made;
            _told = made;
            _ = _link.AskAsync(
                cluster =>
                {
                    cluster.Tell(_orderer, made);
                    return true;
                },
                "tell",
                CancellationToken.None);
        }
    }
}

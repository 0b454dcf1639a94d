using Node.Ledger;
using Node.Ledger.Pruning;
using Node.Protocol;

namespace Node.Peer.Hosting;

/// <summary>How the last prune of a channel's ledger went, or goes.</summary>
/// <param name="IsRunning">While it is, <paramref name="Report"/> and <paramref name="Fault"/> are null.</param>
/// <param name="Blocks">Bodies removed so far.</param>
/// <param name="Fault">Why it ended early.</param>
internal sealed record PruneState(bool IsRunning, ulong Blocks, PruneReport? Report, string? Fault);

/// <summary>Prunes a channel's ledger beside its commits, one prune at a time.</summary>
/// <remarks>Any thread. Owned by its channel; ends when the peer stops, and goes on with the next prune.</remarks>
internal sealed class LedgerPruning(Func<ChannelLedger> ledger) : IProgress<PruneProgress>
{
    private readonly Lock _lock = new();   // Protects _running.
    private Task _running = Task.CompletedTask;
    private volatile PruneState? _state;

    /// <summary>Null when there was none since the peer started.</summary>
    public PruneState? State => _state;

    /// <returns>False while another one runs.</returns>
    public bool TryStart(PruneRule rule, CancellationToken stopping)
    {
        lock (_lock)
        {
            if (!_running.IsCompleted)
                return false;

            _state = new PruneState(IsRunning: true, Blocks: 0, Report: null, Fault: null);
            _running = Task.Run(() => Prune(rule, stopping), CancellationToken.None);
            return true;
        }
    }

    /// <summary>Completes when none runs. Whoever waits has seen to it that they stop.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
            return _running;
    }

    void IProgress<PruneProgress>.Report(PruneProgress value) =>
        _state = new PruneState(IsRunning: true, value.Blocks, Report: null, Fault: null);

    private void Prune(PruneRule rule, CancellationToken stopping)
    {
        try
        {
            PruneReport report = ledger().Prune(rule, this, stopping);
            _state = new PruneState(IsRunning: false, report.BlocksPruned, report, Fault: null);
        }
        catch (Exception error) when (error is StorageFailedException or LedgerCorruptException)
        {
            _state = new PruneState(IsRunning: false, Blocks: 0, Report: null, error.Message);
        }
    }
}

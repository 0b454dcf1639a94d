using Node.Hosting.Renewing;
using Node.Membership;
using Node.Orderer.Broadcasting;
using Node.Orderer.CatchingUp;
using Node.Orderer.Cutting;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>One channel of this orderer: opens its store, runs it, and opens it again after its storage
/// failed.</summary>
/// <remarks>Any thread asks; <see cref="RunAsync"/> is called once, by the host.</remarks>
internal sealed class OrderingChannel(JoinBlock join, RunParts parts)
{
    private static readonly BroadcastAnswer s_noConsenter = BroadcastAnswer.Unavailable(
        "the channel's configuration does not name this orderer as a consenter: use one that it names");

    private volatile ChannelState _state =
        new(Run: null, "the channel is being opened: retry", ChannelPhase.Inactive);

    private volatile Onboarding? _onboarding;
    private volatile string? _lastFailure;   // Of disk or log, for those who operate it; null while the channel works.

    public ChannelId Id => join.Channel;

    /// <summary>Blocks that are here; 0 while the channel is not open.</summary>
    public ulong Height => _state.Run?.Feed.Height ?? _onboarding?.Height ?? 0;

    public ChannelState State => _state;

    /// <summary>Beats whenever <see cref="State"/> has changed.</summary>
    public Pulse Changed { get; } = new();

    public int QueueLength => parts.Queue.Count;

    /// <summary>Why the channel does not take envelopes right now; null when it does.</summary>
    public string? Fault =>
        _state.Run is not null ? parts.Disk.FindFault(batchBytes: 0)
        : _lastFailure is { } failure ? $"{_state.Reason} ({failure})"
        : _state.Reason;

    public EnvelopeChecks Checks => parts.Checks;

    /// <summary>Queues a checked envelope. The answer comes when it is durable in the ordered log.</summary>
    public Task<BroadcastAnswer> OrderAsync(WaitingEnvelope envelope) =>
        _state.Run is { Context.Orders: false } ? Task.FromResult(s_noConsenter) : parts.Queue.Add(envelope);

    /// <summary>Runs the channel until cancelled. A corrupt store stops it for good; the process goes on.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(OrdererLimits.ReopenDelayMin, parts.Engine.ReopenDelayMax);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await OpenAndRunAsync(backoff, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (LedgerCorruptException corrupt)
            {
                OrdererLog.ChannelCorrupt(parts.Signs.Logger, Id, corrupt.Message);
                Stop(
                    $"the channel is stopped on this orderer, use another one: {corrupt.Message}",
                    ChannelPhase.Failed);
                return;
            }
            catch (StorageFailedException failure)
            {
                TimeSpan delay = backoff.Next();
                _lastFailure = failure.Message;
                OrdererLog.ChannelStopped(parts.Signs.Logger, Id, failure.Message, delay.TotalSeconds);
                Stop(
                    "the disk or the ordered log of this orderer failed: retry later, or use another orderer",
                    _onboarding is null ? ChannelPhase.Inactive : ChannelPhase.Onboarding);
                await WaitAsync(delay, cancellationToken);
            }
        }

        Stop("this orderer is shutting down: use another one", ChannelPhase.Inactive);
    }

    private async Task OpenAndRunAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        GenesisBlock genesis = join.Genesis ?? await OnboardAsync(cancellationToken);
        await using ChannelRun run = await ChannelRun.OpenAsync(genesis, parts, cancellationToken);
        while (run.FindSignerFault(parts.Identity.Current) is { } fault)
        {
            // No block is better than one that every peer refuses. A renewed certificate ends the wait.
            OrdererLog.SignerUnfit(parts.Signs.Logger, Id, fault);
            Stop(fault, ChannelPhase.Inactive);
            SigningIdentity unfit = parts.Identity.Current;
            while (parts.Identity.Current == unfit)
                await Task.Delay(CertificateWatch.LookEvery, parts.Clock, cancellationToken);
        }

        OrdererLog.ChannelOpen(parts.Signs.Logger, Id, run.Feed.Height, run.EntriesWaiting);
        try
        {
            parts.Queue.Open();
            Become(new ChannelState(run, Reason: "", ChannelPhase.Active));
            await run.RunAsync(backoff.Reset, cancellationToken);
        }
        finally
        {
            // Before the store is closed, so that nobody is sent there any more.
            Stop("the channel stopped: retry", ChannelPhase.Inactive);
        }
    }

    // Joined with a later block than the first one: the store is opened once it holds the blocks up to that.
    private async Task<GenesisBlock> OnboardAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(parts.Folder))
        {
            OrdererLog.Onboarding(parts.Signs.Logger, Id, join.Number);
            _onboarding = new Onboarding(join, parts);
            Stop($"fetching the blocks up to {join.Number}: use another orderer", ChannelPhase.Onboarding);
            await _onboarding.RunAsync(cancellationToken);
        }

        GenesisBlock genesis = Onboarding.ReadGenesis(join, parts.Folder);
        _onboarding = null;
        return genesis;
    }

    private void Stop(string reason, ChannelPhase phase)
    {
        parts.Queue.Close(BroadcastAnswer.Unavailable(reason));
        Become(new ChannelState(Run: null, reason, phase));
    }

    private void Become(ChannelState state)
    {
        if (state.Run is not null)
            _lastFailure = null;

        _state = state;
        Changed.Beat();
    }

    private async Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        await Task.Delay(delay, parts.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

using Node.Hosting.Renewing;
using Node.Membership;
using Node.Orderer.Broadcasting;
using Node.Orderer.Cutting;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>One channel of this orderer: opens its store, runs it, and opens it again after its storage
/// failed.</summary>
/// <remarks>Any thread asks; <see cref="RunAsync"/> is called once, by the host.</remarks>
internal sealed class OrderingChannel(GenesisBlock genesis, RunParts parts)
{
    private volatile ChannelState _state = new(Run: null, "the channel is being opened: retry");

    public ChannelId Id => genesis.Channel;

    public ChannelState State => _state;

    /// <summary>Beats whenever <see cref="State"/> has changed.</summary>
    public Pulse Changed { get; } = new();

    public int QueueLength => parts.Queue.Count;

    /// <summary>Why the channel does not take envelopes right now; null when it does.</summary>
    public string? Fault => _state.Run is null ? _state.Reason : parts.Disk.FindFault(batchBytes: 0);

    public EnvelopeChecks Checks => parts.Checks;

    /// <summary>Queues a checked envelope. The answer comes when it is durable in the ordered log.</summary>
    public Task<BroadcastAnswer> OrderAsync(WaitingEnvelope envelope) => parts.Queue.Add(envelope);

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
                Stop("the channel's store is corrupt, so the channel is stopped on this orderer: use another one");
                return;
            }
            catch (StorageFailedException failure)
            {
                TimeSpan delay = backoff.Next();
                OrdererLog.ChannelStopped(parts.Signs.Logger, Id, failure.Message, delay.TotalSeconds);
                Stop("the disk of this orderer failed or is full: retry later, or use another orderer");
                await WaitAsync(delay, cancellationToken);
            }
        }

        Stop("this orderer is shutting down: use another one");
    }

    private async Task OpenAndRunAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        await using ChannelRun run = await ChannelRun.OpenAsync(genesis, parts, cancellationToken);
        while (run.FindSignerFault(parts.Identity.Current) is { } fault)
        {
            // No block is better than one that every peer refuses. A renewed certificate ends the wait.
            OrdererLog.SignerUnfit(parts.Signs.Logger, Id, fault);
            Stop(fault);
            SigningIdentity unfit = parts.Identity.Current;
            while (parts.Identity.Current == unfit)
                await Task.Delay(CertificateWatch.LookEvery, parts.Clock, cancellationToken);
        }

        OrdererLog.ChannelOpen(parts.Signs.Logger, Id, run.Feed.Height, run.EntriesWaiting);
        try
        {
            parts.Queue.Open();
            Become(new ChannelState(run, Reason: ""));
            await run.RunAsync(backoff.Reset, cancellationToken);
        }
        finally
        {
            // Before the store is closed, so that nobody is sent there any more.
            Stop("the channel stopped: retry");
        }
    }

    private void Stop(string reason)
    {
        parts.Queue.Close(BroadcastAnswer.Unavailable(reason));
        Become(new ChannelState(Run: null, reason));
    }

    private void Become(ChannelState state)
    {
        _state = state;
        Changed.Beat();
    }

    private async Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        await Task.Delay(delay, parts.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

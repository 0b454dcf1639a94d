using System.Diagnostics.CodeAnalysis;
using Grpc.Core;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Peer.Committing;
using Node.Peer.Hosting;
using Node.Protocol.Decoding;
using Node.Protocol.Seeking;
using Node.Protocol.Wire.Hyperprov;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Peer.Pulling;

/// <summary>
/// Keeps one channel fed: pulls blocks from one orderer, from the ledger's height on, offers each to the pipeline, and
/// goes to another orderer when that one fails, stalls, lags or lies.
/// </summary>
/// <remarks>
/// One loop per channel. <see cref="OrdererBook"/> says who is next, <see cref="StallWatch"/> when an orderer makes us
/// wait for too long, <see cref="WitnessBoard"/> what the others signed. It never gives up.
/// </remarks>
internal sealed class BlockSource : IAsyncDisposable
{
    private readonly PeerChannel _channel;
    private readonly CommitPipeline _pipeline;
    private readonly Func<IReadOnlyList<OrdererEndpoint>> _endpoints;
    private readonly PullParts _parts;
    private readonly DeliverCalls _calls;
    private readonly Witnesses _witnesses;
    private readonly TimeProvider _clock;
    private ChannelConfig? _listenedUnder;
    private TimeSpan _patience = StallWatch.PatienceFirst;

    public BlockSource(
        PeerNode node,
        PeerChannel channel,
        CommitPipeline pipeline,
        Func<IReadOnlyList<OrdererEndpoint>> endpoints,
        PullParts parts)
    {
        _channel = channel;
        _pipeline = pipeline;
        _endpoints = endpoints;
        _parts = parts;
        _calls = new DeliverCalls(node, channel);
        _witnesses = new Witnesses(_calls, parts.Board, parts.Book, parts.Reports, node.Clock);
        _clock = node.Clock;
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff();
        while (!cancellationToken.IsCancellationRequested)
        {
            IReadOnlyList<OrdererEndpoint> known = await ListenAsync();
            if (known.Count == 0)
            {
                TimeSpan pause = backoff.Next();
                PeerLog.NoOrderer(_parts.Log, _channel.Id, (long)pause.TotalMilliseconds);
                await PauseAsync(pause, cancellationToken);
                continue;
            }

            (OrdererEndpoint endpoint, TimeSpan wait) = _parts.Book.Choose(known);
            if (wait > TimeSpan.Zero)
                await PauseAsync(wait, cancellationToken);

            ulong before = _channel.Commits.Height;
            Departure? departure = await PullAsync(endpoint, cancellationToken);
            if (_channel.Commits.Height > before)
                _parts.Book.Worked(endpoint.ToString());

            if (departure is not null && !cancellationToken.IsCancellationRequested)
                Leave(endpoint.ToString(), departure);
        }
    }

    public ValueTask DisposeAsync() => _witnesses.DisposeAsync();

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) => await Task
        .Delay(pause, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async ValueTask<IReadOnlyList<OrdererEndpoint>> ListenAsync()
    {
        IReadOnlyList<OrdererEndpoint> known = _endpoints();
        if (!ReferenceEquals(_listenedUnder, _channel.Config))
        {
            _listenedUnder = _channel.Config;
            await _witnesses.ListenToAsync(known);
        }

        return known;
    }

    private void Leave(string orderer, Departure departure)
    {
        _channel.SourceFault = $"no block from {orderer}: {departure.Reason}";
        // A lie is told and remembered where it is found.
        if (departure.Fault == OrdererFault.Lying)
        {
            _parts.Reports.Lied(orderer, departure.Number, departure.Reason);
            return;
        }

        TimeSpan span = _parts.Book.Failed(orderer, departure.Fault);
        _parts.Metrics.CountOrdererFault(_channel.Id, orderer, departure.Fault.ToString());
        PeerLog.OrdererLeft(
            _parts.Log, _channel.Id, orderer, departure.Fault.ToString(), departure.Reason,
            (long)span.TotalMilliseconds);
    }

    /// <summary>One session with one orderer.</summary>
    /// <returns>Why it is left; null when it is not its fault.</returns>
    private async Task<Departure?> PullAsync(OrdererEndpoint endpoint, CancellationToken cancellationToken)
    {
        string name = endpoint.ToString();
        ulong start = await _pipeline.NextNumberAsync(cancellationToken);
        _pipeline.Sender = name;
        CancellationToken restarting = _pipeline.Restarting;
        using var watch = new StallWatch(_clock, _patience, number => _parts.Board.OthersHave(number, name));
        using var session = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, restarting, watch.Stalled);
        _parts.Board.Told += watch.Heard;
        try
        {
            watch.Waiting(start);
            using AsyncDuplexStreamingCall<byte[], RentedMessage> call =
                await _calls.BlocksAsync(endpoint, start, session.Token);
            PeerLog.Pulling(_parts.Log, _channel.Id, name, start);
            _channel.SourceFault = null;
            return await ReadAsync(endpoint, start, call.ResponseStream, watch, session.Token);
        }
        catch (RpcException e) when (!session.IsCancellationRequested)
        {
            return new Departure(OrdererFault.Unreachable, $"{e.StatusCode}: {e.Status.Detail}", start);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            return await InterruptedAsync(name, watch, cancellationToken);
        }
        finally
        {
            _parts.Board.Told -= watch.Heard;
        }
    }

    // The session was ended from here: by us stopping, by the commit loop, or by the watch.
    private async Task<Departure?> InterruptedAsync(
        string name, StallWatch watch, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return null;

        if (_pipeline.RestartCause is { } cause)
            return await DepartureOfAsync(cause, block: default, name, cancellationToken);

        // When every orderer is too slow, it is the link: patience grows until a block comes in time.
        TimeSpan waited = watch.Patience;
        _patience = waited + waited < StallWatch.PatienceMax ? waited + waited : StallWatch.PatienceMax;
        return new Departure(
            OrdererFault.Stalling,
            $"others have block {watch.Number}, it did not give it within {waited.TotalSeconds} s",
            watch.Number);
    }

    private async Task<Departure?> ReadAsync(
        OrdererEndpoint endpoint,
        ulong start,
        IAsyncStreamReader<RentedMessage> answers,
        StallWatch watch,
        CancellationToken session)
    {
        ulong next = start;
        while (await answers.MoveNext(session))
        {
            RentedMessage message = answers.Current;
            watch.Arrived(message.Bytes.Length);
            if (!DeliverAnswer.TryDecode(message.Bytes, out DeliverAnswer answer))
                return new Departure(OrdererFault.Lying, "it sent what is neither a block nor a status", next);

            if (!answer.IsBlock)
                return new Departure(FaultOf(answer.Status), $"it answered {answer.Status} to block {next}", next);

            // The message is the pipeline's from here on, unless it is rejected.
            BlockRejection? rejection = await _pipeline.AcceptAsync(answer.Block, message, session);
            if (rejection is not null)
                return await DepartureOfAsync(rejection, answer.Block, endpoint.ToString(), session);
            if (watch.IsLagging)
            {
                return new Departure(
                    OrdererFault.Lagging, $"its last {StallWatch.LateBlocksMax} blocks came late", next);
            }

            if (!ReferenceEquals(_listenedUnder, _channel.Config)
                && !(await ListenAsync()).Any(known => known.ToString() == endpoint.ToString()))
                return null;   // The channel no longer names it.

            _patience = watch.Patience = StallWatch.PatienceFirst;
            watch.Waiting(++next);
        }

        return new Departure(OrdererFault.Unreachable, "it ended the stream", next);
    }

    // Not found: it is behind us, after a restore maybe; or what we have from another one does not exist.
    private OrdererFault FaultOf(Status status) => status == Status.NotFound && _pipeline.BlocksInFlight == 0
        ? OrdererFault.Lagging
        : OrdererFault.Unreachable;

    private async Task<Departure?> DepartureOfAsync(
        BlockRejection rejection, ReadOnlyMemory<byte> block, string name, CancellationToken cancellationToken)
    {
        if (!rejection.SenderAtFault)
            return null;

        // It may have been sent by an orderer that was left since.
        if (rejection.Sender != name)
        {
            _parts.Reports.Lied(rejection.Sender, rejection.Number, rejection.Reason);
            return null;
        }

        _parts.Metrics.CountRefusal(_channel.Id);
        if (rejection.IsFork && TryReadSigned(block, out SignedBlock? signed))
        {
            await _pipeline.DrainAsync(cancellationToken);
            _parts.Reports.FoundUnfit(new Testimony(name, signed));
            _parts.Board.LeadsElsewhere(name);
        }

        return new Departure(OrdererFault.Lying, rejection.Reason, rejection.Number);
    }

    private bool TryReadSigned(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SignedBlock? signed)
    {
        signed = null;
        return BlockBytes.TryDecode(bytes, out BlockBytes? block, out _)
            && SignedBlockReader.TryRead(block, out signed, out _)
            && SignedBlockCheck.TryVerify(
                SignedBlockCheck.WithGoodSignatures(signed, _channel.Config), _channel.Config, out _, out _);
    }

    /// <summary>Why an orderer is left.</summary>
    private sealed record Departure(OrdererFault Fault, string Reason, ulong Number);
}

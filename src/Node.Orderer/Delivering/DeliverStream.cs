using Grpc.Core;
using Node.Membership;
using Node.Orderer.Broadcasting;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Seeking;
using Node.Protocol.Wire.Ordering;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Orderer.Delivering;

/// <summary>Serves one Deliver call: a signed seek at a time, its blocks and a status each.</summary>
/// <remarks>
/// After SUCCESS the next request is awaited; after anything else the stream ends. A half-close ends the reading only.
/// Expiry is checked before every block, the policy whenever the channel's configuration has changed.
/// </remarks>
/// <param name="presented">SHA-256 of the client's TLS certificate; null when there is none.</param>
internal sealed class DeliverStream(DeliverSetting setting, Hash32? presented, Action<Status, string> ended)
{
    /// <summary>Returns when the client has asked for all it wanted, or was told no.</summary>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public async Task RunAsync(
        IAsyncStreamReader<EnvelopeBytes> requests,
        IServerStreamWriter<DeliverFrame> responses,
        CancellationToken cancellationToken)
    {
        while (await requests.MoveNext(cancellationToken))
        {
            (Status status, string why) = await ServeAsync(requests.Current.Bytes, responses, cancellationToken);
            await responses.WriteAsync(DeliverFrame.Of(status), cancellationToken);
            if (status == Status.Success)
                continue;

            ended(status, why);
            return;
        }
    }

    private async Task<(Status Status, string Why)> ServeAsync(
        ReadOnlyMemory<byte> received, IServerStreamWriter<DeliverFrame> responses, CancellationToken cancellationToken)
    {
        var tls = new TlsBinding(setting.BindsTls, presented);
        if (!SeekEnvelopes.TryDecode(
            received, setting.Clock.GetUtcNow(), tls, out DecodedEnvelope? request, out string? fault))
            return (Status.BadRequest, fault);
        if (!request.TryGetChannelId(out ChannelId id, out _)
            || !setting.Channels.TryFind(id, out OrderingChannel? channel))
            return (Status.NotFound, "the channel does not exist on this orderer");
        if (!SeekEnvelopes.TryParseSeek(request, out SeekInfo? seek))
            return (Status.BadRequest, "the payload carries no seek");

        // Best effort would rather have old blocks than an error; without a run there are none to be had.
        ChannelState state = channel.State;
        if (state.Run is not { } run)
            return (Status.ServiceUnavailable, state.Reason);

        var access = new ReaderAccess(request, () => RulesOf(run), setting.Clock);
        if (!access.IsAllowed(out string why))
            return (Status.Forbidden, why);
        if (SeekRange.Resolve(seek, run.Feed.Height, out SeekRange range, out why) is { } refusal)
            return (refusal, why);

        return await SendAsync(seek, range, run, access, responses, cancellationToken);
    }

    private static async Task<(Status Status, string Why)> SendAsync(
        SeekInfo seek,
        SeekRange range,
        ChannelRun run,
        ReaderAccess access,
        IServerStreamWriter<DeliverFrame> responses,
        CancellationToken cancellationToken)
    {
        bool headersOnly = seek.ContentType == SeekInfo.Types.SeekContentType.HeaderWithSig;
        bool failIfNotReady = seek.Behavior == SeekInfo.Types.SeekBehavior.FailIfNotReady;
        for (ulong number = range.Start; ; number++)
        {
            if (failIfNotReady && number >= run.Feed.Height)
                return (Status.NotFound, $"block {number} is not there yet");
            if (!await TryWaitAsync(run, number, cancellationToken))
                return (Status.ServiceUnavailable, "the channel stopped");
            if (!access.IsStillAllowed(out string why))
                return (Status.Forbidden, why);
            if (!TryRead(run, number, out BlockImage block))
                return (Status.ServiceUnavailable, $"block {number} cannot be read");

            BlockImage image = headersOnly ? BlockParts.HeaderWithSignatures(block) : block;
            await responses.WriteAsync(DeliverFrame.Of(image), cancellationToken);
            if (number == range.Stop)
                return (Status.Success, "");
        }
    }

    private static ReaderRules RulesOf(ChannelRun run)
    {
        ChannelRules rules = run.Context.Rules;
        return new ReaderRules(rules.Config, rules.ReadersPath, rules.Readers);
    }

    private static async ValueTask<bool> TryWaitAsync(
        ChannelRun run, ulong number, CancellationToken cancellationToken)
    {
        if (number < run.Feed.Height)
            return true;

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.Ended);
        try
        {
            await run.Feed.WaitForAsync(number, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (run.Ended.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private static bool TryRead(ChannelRun run, ulong number, out BlockImage block)
    {
        try
        {
            return run.Feed.TryRead(number, out block);
        }
        catch (StorageFailedException)
        {
            // The loops meet the same failure and say so; here it is one follower's answer.
            block = default;
            return false;
        }
    }
}

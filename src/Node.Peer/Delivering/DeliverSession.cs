using Google.Protobuf;
using Grpc.Core;
using Node.Membership;
using Node.Peer.Committing;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Seeking;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Peer.Delivering;

/// <summary>One Deliver stream: requests in, blocks out, until the client leaves (fabric-wire B13).</summary>
/// <remarks>
/// A half-closed request stream only means that no further request comes: blocks of the last one go on. Owned by the
/// call that runs it.
/// </remarks>
internal sealed class DeliverSession<TResponse>(PeerNode node, IDeliverForm<TResponse> form, TlsBinding tls)
{
    public async Task RunAsync(
        IAsyncStreamReader<Envelope> requests, IServerStreamWriter<TResponse> responses,
        CancellationToken cancellationToken)
    {
        while (await requests.MoveNext(cancellationToken))
        {
            Status status = await ServeAsync(requests.Current.ToByteArray(), responses, cancellationToken);
            await responses.WriteAsync(form.Of(status), cancellationToken);
            if (status != Status.Success)
                return;
        }
    }

    private async Task<Status> ServeAsync(
        byte[] envelope, IServerStreamWriter<TResponse> responses, CancellationToken cancellationToken)
    {
        if (!SeekEnvelopes.TryDecode(envelope, node.Clock.GetUtcNow(), tls, out DecodedEnvelope? request, out _))
            return Status.BadRequest;
        if (!request.TryGetChannelId(out ChannelId id, out _) || !node.TryFindChannel(id, out PeerChannel? channel))
            return Status.NotFound;
        if (!SeekEnvelopes.TryParseSeek(request, out SeekInfo? seek))
            return Status.BadRequest;

        var access = new ReaderAccess(request, () => RulesOf(channel), node.Clock);
        if (!access.IsAllowed(out _))
            return Status.Forbidden;
        if (SeekRange.Resolve(seek, channel.Commits.Height, out SeekRange range, out _) is { } refusal)
            return refusal;

        bool failIfNotReady = seek.Behavior == SeekInfo.Types.SeekBehavior.FailIfNotReady;
        return await SendAsync(channel, range, failIfNotReady, access, responses, cancellationToken);
    }

    private async Task<Status> SendAsync(
        PeerChannel channel, SeekRange range, bool failIfNotReady, ReaderAccess access,
        IServerStreamWriter<TResponse> responses, CancellationToken cancellationToken)
    {
        for (ulong number = range.Start; ; number++)
        {
            if (failIfNotReady && number >= channel.Commits.Height)
                return Status.NotFound;

            await channel.Commits.WaitForHeightAsync(number + 1, cancellationToken);
            if (!access.IsStillAllowed(out _))
                return Status.Forbidden;

            if (!CommittedBlocks.TryRead(channel, number, out CommittedBlock? block))
                return Status.NotFound;

            await responses.WriteAsync(form.Of(channel, block), cancellationToken);
            if (number == range.Stop)
                return Status.Success;
        }
    }

    private ReaderRules RulesOf(PeerChannel channel)
    {
        ChannelConfig config = channel.Config;
        string path = config.AclPolicyPath(form.AclResource);
        return new ReaderRules(config, path, config.FindPolicy(path));
    }
}

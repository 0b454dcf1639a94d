using Grpc.Core;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Policy = Node.Membership.Policy;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Peer.Delivering;

/// <summary>One Deliver stream: requests in, blocks out, until the client leaves (fabric-wire B13).</summary>
/// <remarks>
/// A half-closed request stream only means that no further request comes: blocks of the last one go on. Owned by the
/// call that runs it.
/// </remarks>
internal sealed class DeliverSession<TResponse>(
    PeerNode node, IDeliverForm<TResponse> form, ReadOnlyMemory<byte> presentedTlsHash, bool tlsHashRequired)
{
    private ulong _judgedSequence;
    private bool _judged;

    public async Task RunAsync(
        IAsyncStreamReader<Envelope> requests, IServerStreamWriter<TResponse> responses,
        CancellationToken cancellationToken)
    {
        while (await requests.MoveNext(cancellationToken))
        {
            _judged = false;
            Status status = await ServeAsync(requests.Current, responses, cancellationToken);
            await responses.WriteAsync(form.Of(status), cancellationToken);
            if (status != Status.Success)
                return;
        }
    }

    private async Task<Status> ServeAsync(
        Envelope envelope, IServerStreamWriter<TResponse> responses, CancellationToken cancellationToken)
    {
        if (!SeekRequest.TryRead(envelope, node.Clock.GetUtcNow(), out SeekRequest? request, out _)
            || (tlsHashRequired && !request.TlsCertificateHash.Span.SequenceEqual(presentedTlsHash.Span)))
            return Status.BadRequest;

        if (!node.TryFindChannel(request.Channel, out PeerChannel? channel))
            return Status.NotFound;

        if (!MayRead(channel, request))
            return Status.Forbidden;

        ulong height = channel.Commits.Height;
        if (!BlockRange.TryFrom(request.Seek, height, out BlockRange range, out bool beyond, out _))
            return Status.BadRequest;

        return beyond
            ? Status.NotFound
            : await SendAsync(channel, request, range, responses, cancellationToken);
    }

    private async Task<Status> SendAsync(
        PeerChannel channel, SeekRequest request, BlockRange range, IServerStreamWriter<TResponse> responses,
        CancellationToken cancellationToken)
    {
        for (ulong number = range.First; ; number++)
        {
            if (number >= channel.Commits.Height)
            {
                if (request.Seek.Behavior == SeekInfo.Types.SeekBehavior.FailIfNotReady)
                    return Status.NotFound;

                await channel.Commits.WaitForHeightAsync(number + 1, cancellationToken);
            }

            if (!MayRead(channel, request))
                return Status.Forbidden;

            await responses.WriteAsync(form.Of(channel, CommittedBlocks.Read(channel, number)), cancellationToken);
            if (number == range.Last)
                return Status.Success;
        }
    }

    // The signature and policy are judged once and again when the configuration has moved; expiry before every block.
    private bool MayRead(PeerChannel channel, SeekRequest request)
    {
        ChannelConfig config = channel.Config;
        if (!config.TryResolve(request.Creator.Span, out Identity? reader, out _)
            || reader.IsExpiredAt(node.Clock.GetUtcNow()))
            return false;

        if (_judged && _judgedSequence == config.Sequence)
            return true;

        Policy? policy = config.FindPolicy(config.AclPolicyPath(form.AclResource));
        _judged = policy is not null
            && reader.Verify(request.Payload.Span, request.Signature.Span)
            && policy.IsSatisfiedBy([reader]);
        _judgedSequence = config.Sequence;
        return _judged;
    }
}

using Google.Protobuf;
using Grpc.Core;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Hyperprov;
using Policy = Node.Membership.Policy;

namespace Node.Peer.Proving;

/// <summary>A request for a proof whose signature is right and whose signer may read the channel.</summary>
internal readonly record struct AdmittedQuestion(PeerChannel Channel, ProvingRequest Request, Identity Reader);

/// <summary>
/// Decides who is answered: members that the channel lets read its blocks, with a request of these minutes.
/// </summary>
/// <remarks>Any thread. Cheap checks come first: garbage must cost less than sending it.</remarks>
internal sealed class ProvingAdmission(PeerNode node)
{
    // What proves a block shows as much as the block does, so the same policy guards both.
    private const string Resource = "event/Block";

    /// <exception cref="RpcException">
    /// <c>INVALID_ARGUMENT</c>: no such request. <c>PERMISSION_DENIED</c>: not for this reader, or the channel is not
    /// here.
    /// </exception>
    public AdmittedQuestion Admit(SignedProvingRequest signed, ProvingRequest.AboutOneofCase about)
    {
        ProvingRequest request = Decode(signed, about);
        if (!ChannelId.TryParse(request.ChannelId, out ChannelId id, out string? fault))
            throw RpcFaults.InvalidArgument(fault);

        DateTimeOffset now = node.Clock.GetUtcNow();
        long earliest = (now - Limits.ProposalSkewMax).ToUnixTimeSeconds();
        long latest = (now + Limits.ProposalSkewMax).ToUnixTimeSeconds();
        if (request.MadeAt < earliest || request.MadeAt > latest)
            throw RpcFaults.InvalidArgument(
                $"the request was made at {request.MadeAt} (seconds since 1970), this peer answers those from " +
                $"{earliest} to {latest}: set the clock, or sign a new request");

        // An unknown channel has the code of a refused reader, so that nobody learns which channels there are.
        if (!node.TryFindChannel(id, out PeerChannel? channel))
            throw Denied(id, "no such channel here");

        return new AdmittedQuestion(channel, request, RequireReader(channel.Config, signed, request, now));
    }

    /// <summary>Time and configuration move while a stream is open; whoever may not read any more is cut off.</summary>
    /// <exception cref="RpcException"><c>PERMISSION_DENIED</c>.</exception>
    public void RequireStill(in AdmittedQuestion question)
    {
        ChannelConfig config = question.Channel.Config;
        if (!config.TryResolve(question.Request.Identity.Span, out Identity? reader, out string? fault))
            throw Denied(config.Id, fault);

        Require(config, reader, node.Clock.GetUtcNow());
    }

    private static ProvingRequest Decode(SignedProvingRequest signed, ProvingRequest.AboutOneofCase about)
    {
        try
        {
            ProvingRequest request = ProvingRequest.Parser.ParseFrom(signed.Request);
            return request.AboutCase == about
                ? request
                : throw RpcFaults.InvalidArgument($"the request asks for {request.AboutCase}, this call is for " +
                    $"{about}");
        }
        catch (InvalidProtocolBufferException)
        {
            throw RpcFaults.InvalidArgument("the request cannot be decoded");
        }
    }

    private static Identity RequireReader(
        ChannelConfig config, SignedProvingRequest signed, ProvingRequest request, DateTimeOffset now)
    {
        if (!config.TryResolve(request.Identity.Span, out Identity? reader, out string? fault))
            throw Denied(config.Id, fault);
        if (!reader.Verify(ProvingRequestBytes.ToSign(signed.Request.Span), signed.Signature.Span))
            throw Denied(config.Id, $"the signature is not that of {reader}");

        Require(config, reader, now);
        return reader;
    }

    private static void Require(ChannelConfig config, Identity reader, DateTimeOffset now)
    {
        if (reader.IsExpiredAt(now))
            throw Denied(config.Id, Signers.ExpiryText(reader));

        string path = config.AclPolicyPath(Resource);
        Policy? policy = config.FindPolicy(path);
        if (policy is null || !policy.IsSatisfiedBy([reader]))
            throw Denied(
                config.Id, $"{path}: {policy?.Explain([reader]) ?? "there is no such policy, so nobody is allowed"}");
    }

    private static RpcException Denied(ChannelId channel, string why) =>
        new(new Status(StatusCode.PermissionDenied, $"access denied on channel {channel}: {why}"));
}

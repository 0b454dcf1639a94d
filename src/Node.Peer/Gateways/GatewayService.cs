using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using Node.Membership;
using Node.Peer.Delivering;
using Node.Peer.Endorsing;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Tracing;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Peer;
using Policy = Node.Membership.Policy;
using GatewayBase = Node.Protocol.Wire.Gateway.Gateway.GatewayBase;

namespace Node.Peer.Gateways;

/// <summary>
/// The wire face of the gateway (fabric-wire B21). Decodes, admits, translates; nothing is signed here.
/// </summary>
internal sealed class GatewayService(
    PeerNode node, EndorsementCollector collector, EndorserDirectory directory, OrdererPool orderers,
    OpenStreams streams) : GatewayBase
{
    private const string EvaluateFailed = "evaluate call to endorser returned error: ";

    /// <summary>Gathers endorsements and returns the envelope for the client to sign.</summary>
    public override async Task<EndorseResponse> Endorse(EndorseRequest request, ServerCallContext context)
    {
        (PeerChannel channel, ProposalParts proposal) = Admit(request.ProposedTransaction);
        using Activity? span = Trace("gateway.endorse", request.TransactionId, context);
        Envelope envelope = await collector.CollectAsync(
            channel, proposal, request.EndorsingOrganizations, context.CancellationToken);
        return new EndorseResponse { PreparedTransaction = envelope };
    }

    /// <summary>
    /// Returns once the envelope has its durable place in the order; that says nothing about its validity.
    /// </summary>
    public override async Task<SubmitResponse> Submit(SubmitRequest request, ServerCallContext context)
    {
        if (request.PreparedTransaction is not { } envelope || envelope.Payload.IsEmpty)
            throw GatewayFaults.Invalid("the request carries no prepared transaction");

        if (envelope.Signature.IsEmpty)
            throw GatewayFaults.Invalid("the prepared transaction is not signed; sign the envelope's payload first");

        if (!ChannelId.TryParse(request.ChannelId, out ChannelId id, out string? fault))
            throw GatewayFaults.Invalid(fault);

        using Activity? span = Trace("gateway.submit", request.TransactionId, context);
        await orderers.SubmitAsync(Find(id), request.TransactionId, envelope, context.CancellationToken);
        return new SubmitResponse();
    }

    /// <summary>Runs a contract on one peer and returns what it answered; nothing is ordered or kept.</summary>
    public override async Task<EvaluateResponse> Evaluate(EvaluateRequest request, ServerCallContext context)
    {
        (PeerChannel channel, ProposalParts proposal) = Admit(request.ProposedTransaction);
        using Activity? span = Trace("gateway.evaluate", request.TransactionId, context);
        IReadOnlyList<IEndorsingPeer> candidates = Candidates(channel, proposal, request.TargetOrganizations);
        List<EndorserAnswer>? failures = null;
        foreach (IEndorsingPeer peer in candidates)
        {
            EndorserAnswer answer = await peer.EvaluateAsync(proposal, context.CancellationToken);
            if (answer.Fault is null)
                return new EvaluateResponse { Result = ResultOf(answer) };

            if (!answer.Retriable)
                throw EvaluateFault(answer);

            (failures ??= []).Add(answer);
        }

        throw EvaluateFault(failures ?? []);
    }

    /// <summary>
    /// Waits until the transaction is in a durable block here, and tells its block and validation code.
    /// </summary>
    public override async Task<CommitStatusResponse> CommitStatus(
        SignedCommitStatusRequest request, ServerCallContext context)
    {
        CommitStatusRequest wanted = Decode(CommitStatusRequest.Parser, request.Request);
        PeerChannel channel = RequireReader(
            wanted.ChannelId, AclResources.CommitStatus, new(request.Request.Memory, wanted.Identity.Memory,
                request.Signature.Memory));
        if (!TxId.TryParse(wanted.TransactionId, out TxId txId, out string? fault))
            throw GatewayFaults.Invalid(fault);

        using Activity? span = Trace("gateway.commit_status", wanted.TransactionId, context);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, node.Stopping);
        try
        {
            Node.Ledger.TransactionPosition position =
                await channel.Commits.WaitForTransactionAsync(txId, either.Token);
            return new CommitStatusResponse { Result = position.Code, BlockNumber = position.Block };
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw GatewayFaults.Of(
                StatusCode.Aborted, $"peer {node.Address} is stopping; ask another peer for transaction {txId}", []);
        }
    }

    /// <summary>
    /// Sends the events of one contract's valid transactions, one response per block, until the client leaves.
    /// </summary>
    public override Task ChaincodeEvents(
        SignedChaincodeEventsRequest request, IServerStreamWriter<ChaincodeEventsResponse> responseStream,
        ServerCallContext context)
    {
        ChaincodeEventsRequest wanted = Decode(ChaincodeEventsRequest.Parser, request.Request);
        PeerChannel channel = RequireReader(
            wanted.ChannelId, AclResources.ChaincodeEvents, new(request.Request.Memory, wanted.Identity.Memory,
                request.Signature.Memory));
        if (wanted.ChaincodeId.Length == 0)
            throw GatewayFaults.Invalid("the request names no contract (chaincode_id)");

        // Who was admitted once may have been revoked since: asked again whenever the configuration has changed.
        ulong? judged = null;
        var events = ContractEventStream.Create(channel, wanted, () =>
        {
            ChannelConfig config = channel.Config;
            if (config.Sequence != judged)
                RequireReader(config, AclResources.ChaincodeEvents, wanted.Identity.Memory);

            judged = config.Sequence;
        });
        return streams.ServeAsync(
            whenStopping: StatusCode.Aborted,
            token => events.RunAsync(responseStream, token),
            context.CancellationToken);
    }

    private static Activity? Trace(string name, string txId, ServerCallContext context) =>
        TransactionTrace.IsOn && TxId.TryParse(txId, out TxId id, out _)
            ? TransactionTrace.StartServed(name, id, context.RequestHeaders.GetValue(TransactionTrace.Header))
            : null;

    private (PeerChannel Channel, ProposalParts Proposal) Admit(SignedProposal? signed) =>
        ProposalParts.TryRead(signed, out ProposalParts? proposal, out string? fault)
            ? (Find(proposal.Channel), proposal)
            : throw GatewayFaults.Invalid(fault);

    private PeerChannel Find(ChannelId id) => node.TryFindChannel(id, out PeerChannel? channel)
        ? channel
        : throw GatewayFaults.Of(
            StatusCode.FailedPrecondition, $"channel {id} is not joined by peer {node.Address}", []);

    private IReadOnlyList<IEndorsingPeer> Candidates(
        PeerChannel channel, ProposalParts proposal, RepeatedField<string> organizations)
    {
        if (!ProposalAdmission.IsSystemContract(proposal.Contract))
            CallRequirements.DefinitionOf(channel, proposal.Contract);

        // Transient inputs are for our own organisation, unless the client names who else may see them.
        IReadOnlyList<string> wanted = organizations.Count > 0 ? organizations
            : proposal.HasTransient ? [node.MspId.Value]
            : directory.Organizations(channel);
        if (wanted.Count == 1)
            return RequireAny(channel, directory.EndorsersOf(channel, wanted[0]), wanted);

        return RequireAny(
            channel, [.. wanted.SelectMany(mspId => directory.EndorsersOf(channel, mspId))], wanted);
    }

    private static IReadOnlyList<IEndorsingPeer> RequireAny(
        PeerChannel channel, IReadOnlyList<IEndorsingPeer> found, IEnumerable<string> wanted) => found.Count > 0
            ? found
            : throw GatewayFaults.Of(
                StatusCode.FailedPrecondition,
                $"no peers of {string.Join(", ", wanted)} are known on channel {channel.Id}; retry specifying target "
                + "organization(s) whose peers the channel configuration names", []);

    private static Response ResultOf(EndorserAnswer answer)
    {
        ProposalResponse response = answer.Response ?? new ProposalResponse();
        if (response.Payload.IsEmpty)
            return response.Response;

        // What was signed counts, not the copy beside it.
        var payload = ProposalResponsePayload.Parser.ParseFrom(response.Payload);
        return ChaincodeAction.Parser.ParseFrom(payload.Extension).Response;
    }

    private static RpcException EvaluateFault(EndorserAnswer answer) => GatewayFaults.Of(
        answer.Response is null ? StatusCode.FailedPrecondition : StatusCode.Unknown,
        EvaluateFailed + answer.Fault,
        [answer.ToNodeFault()]);

    private static RpcException EvaluateFault(List<EndorserAnswer> failures) => GatewayFaults.Of(
        failures.TrueForAll(answer => answer.IsUnreachable) ? StatusCode.Unavailable : StatusCode.Aborted,
        "failed to evaluate transaction, see attached details for more info",
        [.. failures.Select(answer => answer.ToNodeFault())]);

    private PeerChannel RequireReader(string channelName, string resource, SignedBytes signed)
    {
        if (!ChannelId.TryParse(channelName, out ChannelId id, out string? fault))
            throw GatewayFaults.Invalid(fault);

        // An unknown channel has the code of a refused reader, as in Fabric.
        if (!node.TryFindChannel(id, out PeerChannel? channel))
            throw Denied(id, "no such channel here");

        Identity reader = RequireReader(channel.Config, resource, signed.Creator);
        return reader.Verify(signed.Message.Span, signed.Signature.Span)
            ? channel
            : throw Denied(id, $"the signature is not that of {reader.CommonName} of {reader.MspId}");
    }

    private static Identity RequireReader(ChannelConfig config, string resource, ReadOnlyMemory<byte> creator)
    {
        if (!config.TryResolve(creator.Span, out Identity? reader, out string? fault))
            throw Denied(config.Id, fault);

        string path = config.AclPolicyPath(resource);
        Policy? policy = config.FindPolicy(path);
        return policy is not null && policy.IsSatisfiedBy([reader])
            ? reader
            : throw Denied(
                config.Id,
                $"{path}: {policy?.Explain([reader]) ?? "there is no such policy, so nobody is allowed"}");
    }

    private static RpcException Denied(ChannelId channel, string why) =>
        GatewayFaults.Of(StatusCode.PermissionDenied, $"access denied on channel {channel}: {why}", []);

    private static T Decode<T>(MessageParser<T> parser, ByteString bytes)
        where T : class, IMessage<T>
    {
        try
        {
            return bytes.IsEmpty
                ? throw GatewayFaults.Invalid("the request is empty")
                : parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw GatewayFaults.Invalid("the request cannot be decoded: " + e.Message);
        }
    }
}

using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
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
    PeerNode node, EndorsementCollector collector, EndorserDirectory directory, OrdererPool orderers) : GatewayBase
{
    private const string EvaluateFailed = "evaluate call to endorser returned error: ";

    /// <summary>Gathers endorsements and returns the envelope for the client to sign.</summary>
    public override async Task<EndorseResponse> Endorse(EndorseRequest request, ServerCallContext context)
    {
        (PeerChannel channel, ProposalParts proposal) = Admit(request.ProposedTransaction);
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

        await orderers.SubmitAsync(Find(id), request.TransactionId, envelope, context.CancellationToken);
        return new SubmitResponse();
    }

    /// <summary>Runs a contract on one peer and returns what it answered; nothing is ordered or kept.</summary>
    public override async Task<EvaluateResponse> Evaluate(EvaluateRequest request, ServerCallContext context)
    {
        (PeerChannel channel, ProposalParts proposal) = Admit(request.ProposedTransaction);
        IEndorsingPeer[] candidates = Candidates(channel, request.TargetOrganizations);
        var faults = new List<NodeFault>();
        foreach (IEndorsingPeer peer in candidates)
        {
            EndorserAnswer answer = await peer.EvaluateAsync(proposal.Signed, context.CancellationToken);
            if (answer.Fault is null)
                return new EvaluateResponse { Result = ResultOf(answer) };

            if (!answer.Retriable)
                throw EvaluateFault(answer);

            faults.Add(answer.ToNodeFault());
        }

        throw GatewayFaults.Of(
            StatusCode.Unavailable, "failed to evaluate transaction, see attached details for more info", faults);
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

        Node.Ledger.TransactionPosition position =
            await channel.Commits.WaitForTransactionAsync(txId, context.CancellationToken);
        return new CommitStatusResponse { Result = position.Code, BlockNumber = position.Block };
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

        return ContractEventStream.Create(channel, wanted).RunAsync(responseStream, context.CancellationToken);
    }

    private (PeerChannel Channel, ProposalParts Proposal) Admit(SignedProposal? signed) =>
        ProposalParts.TryRead(signed, out ProposalParts? proposal, out string? fault)
            ? (Find(proposal.Channel), proposal)
            : throw GatewayFaults.Invalid(fault);

    private PeerChannel Find(ChannelId id) => node.TryFindChannel(id, out PeerChannel? channel)
        ? channel
        : throw GatewayFaults.Of(
            StatusCode.FailedPrecondition, $"channel {id} is not joined by peer {node.Address}", []);

    private IEndorsingPeer[] Candidates(PeerChannel channel, RepeatedField<string> organizations)
    {
        IEnumerable<string> wanted = organizations.Count > 0
            ? organizations
            : [.. directory.Organizations(channel).DefaultIfEmpty(node.MspId.Value)];
        IEndorsingPeer[] found = [.. wanted.SelectMany(mspId => directory.EndorsersOf(channel, mspId))];
        return found.Length > 0
            ? found
            : throw GatewayFaults.Of(
                StatusCode.FailedPrecondition,
                $"no peers of {string.Join(", ", wanted)} are known on channel {channel.Id}", []);
    }

    private static Response ResultOf(EndorserAnswer answer)
    {
        ProposalResponse response = answer.Response ?? new ProposalResponse();
        if (response.Payload.IsEmpty)
            return response.Response;

        // What was signed counts, not the copy beside it.
        var payload = ProposalResponsePayload.Parser.ParseFrom(response.Payload);
        return ChaincodeAction.Parser.ParseFrom(payload.Extension).Response;
    }

    private static RpcException EvaluateFault(EndorserAnswer answer) => answer.Response is null
        ? GatewayFaults.Of(StatusCode.FailedPrecondition, EvaluateFailed + answer.Fault, [answer.ToNodeFault()])
        : GatewayFaults.Of(StatusCode.Unknown, EvaluateFailed + answer.Fault, [answer.ToNodeFault()]);

    private PeerChannel RequireReader(string channelName, string resource, SignedBytes signed)
    {
        if (!ChannelId.TryParse(channelName, out ChannelId id, out string? fault))
            throw GatewayFaults.Invalid(fault);

        // An unknown channel and a refused reader look the same from outside.
        if (!node.TryFindChannel(id, out PeerChannel? channel)
            || !channel.Config.TryResolve(signed.Creator.Span, out Identity? reader, out fault))
            throw Denied(id, fault ?? "no such channel here");

        if (!reader.Verify(signed.Message.Span, signed.Signature.Span))
            throw Denied(id, $"the signature is not that of {reader.CommonName} of {reader.MspId}");

        Policy? policy = channel.Config.FindPolicy(channel.Config.AclPolicyPath(resource));
        if (policy is null || !policy.IsSatisfiedBy([reader]))
            throw Denied(id, $"{reader.CommonName} of {reader.MspId} does not satisfy the policy of {resource}");

        return channel;
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

using Google.Protobuf;
using Grpc.Core;
using Node.Peer.Committing;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Gateways;

/// <summary>
/// Gathers the endorsements that a contract's policy asks for, and assembles the transaction (fabric-wire B21).
/// </summary>
/// <remarks>Any thread.</remarks>
internal sealed class EndorsementCollector(
    PeerNode node, EndorserDirectory directory, EndorsementLayouts layouts)
{
    private const string Failed = "failed to endorse transaction, see attached details for more info";

    // Peers commit a block at slightly different times, and until both have, one of them reads older versions than the
    // other. A moment later they agree; a contract that is not deterministic never does.
    private static readonly TimeSpan[] s_secondLooks =
        [TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400)];

    /// <summary>
    /// An envelope without signature, endorsed as the policy or the caller's list of organisations asks.
    /// </summary>
    /// <exception cref="RpcException">No combination of peers endorsed; details name each that refused.</exception>
    public async Task<Envelope> CollectAsync(
        PeerChannel channel, ProposalParts proposal, IReadOnlyList<string> organizations,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<EndorserAnswer> chosen = await AskAllAsync(channel, proposal, organizations, cancellationToken);
        for (int look = 0; look < s_secondLooks.Length && !AreAlike(chosen); look++)
        {
            await Task.Delay(s_secondLooks[look], node.Clock, cancellationToken);
            chosen = await AskAllAsync(channel, proposal, organizations, cancellationToken);
        }

        if (!AreAlike(chosen))
            throw Mismatch(chosen);

        var endorsements = new Endorsement[chosen.Count];
        for (int i = 0; i < endorsements.Length; i++)
        {
            Endorsement? endorsement = chosen[i].Response?.Endorsement;
            Invariant.Require(endorsement is not null, "an answer without endorsement has a fault");
            endorsements[i] = endorsement;
        }

        return TransactionAssembly.Assemble(proposal, PayloadOf(chosen[0]), endorsements);
    }

    // Enough endorsements, though their results may differ.
    private Task<IReadOnlyList<EndorserAnswer>> AskAllAsync(
        PeerChannel channel, ProposalParts proposal, IReadOnlyList<string> organizations,
        CancellationToken cancellationToken) => organizations.Count > 0
        ? AskListedAsync(channel, proposal, organizations, cancellationToken)
        : AskByPolicyAsync(channel, proposal, cancellationToken);

    private async Task<IReadOnlyList<EndorserAnswer>> AskListedAsync(
        PeerChannel channel, ProposalParts proposal, IReadOnlyList<string> organizations,
        CancellationToken cancellationToken)
    {
        string[] distinct = [.. organizations.Distinct(StringComparer.Ordinal)];
        string[] unknown = [.. distinct.Where(mspId => directory.EndorsersOf(channel, mspId).Count == 0)];
        if (unknown.Length > 0)
            throw GatewayFaults.Of(
                StatusCode.Unavailable,
                $"no endorsing peers of {string.Join(", ", unknown)} are known on channel {channel.Id}; the channel "
                + "configuration names each organisation's peers as its anchor peers", []);

        EndorserAnswer[] answers = await AskAsync(channel, proposal, distinct, cancellationToken);
        return answers.Any(answer => answer.Fault is not null) ? throw Refused(answers) : answers;
    }

    private async Task<IReadOnlyList<EndorserAnswer>> AskByPolicyAsync(
        PeerChannel channel, ProposalParts proposal, CancellationToken cancellationToken)
    {
        ContractDefinition definition = CallRequirements.DefinitionOf(channel, proposal.Contract);
        IReadOnlyList<string> all = directory.Organizations(channel);
        if (all.Count == 0)
            throw GatewayFaults.Of(
                StatusCode.FailedPrecondition,
                $"the configuration of channel {channel.Id} names no endorsing peer", []);

        IReadOnlyList<string> first = proposal.HasTransient
            ? Own(channel, all)
            : layouts.Find(channel.Id, proposal.Contract, definition.EndorsementPolicy) ?? all;

        EndorserAnswer[] answers = await AskAsync(channel, proposal, first, cancellationToken);
        if (Choose(channel, proposal.Contract, definition, answers) is { } enough)
            return enough;

        // What a contract refuses for one organisation it will refuse for the next: only a peer's own failure is
        // retried, and with transient inputs not even that.
        if (answers.Any(answer => answer.Fault is not null && (!answer.Retriable || proposal.HasTransient)))
            throw Refused(answers);

        layouts.Forget(channel.Id, proposal.Contract);
        IReadOnlyList<string>? trusted =
            proposal.HasTransient ? CallRequirements.CollectionMembers(channel, answers[0]) : null;
        string[] rest = [.. all.Except(first).Where(mspId => trusted is null || trusted.Contains(mspId))];
        answers = [.. answers, .. await AskAsync(channel, proposal, rest, cancellationToken)];
        if (Choose(channel, proposal.Contract, definition, answers) is { } atLast)
            return atLast;
        if (answers.Any(answer => answer.Fault is not null))
            throw Refused(answers);

        EndorsementRequirement requirement = CallRequirements.Of(channel, definition, answers[0]);
        return EndorsementLayouts.Satisfies(channel, requirement, answers)
            ? answers
            : throw NotEnough(channel, proposal, requirement, answers, isRestricted: trusted is not null);
    }

    // Transient inputs go to our own organisation first: only its answer tells who else may see them.
    private IReadOnlyList<string> Own(PeerChannel channel, IReadOnlyList<string> all) =>
        directory.IsOwn(all[0])
            ? [all[0]]
            : throw GatewayFaults.Of(
                StatusCode.FailedPrecondition,
                $"no endorsers of the gateway's own organisation are on channel {channel.Id}; retry specifying "
                + "endorsing organization(s) to protect transient data", []);

    private IReadOnlyList<EndorserAnswer>? Choose(
        PeerChannel channel, string contract, ContractDefinition definition, EndorserAnswer[] answers)
    {
        if (AreAlike(answers))
            return layouts.Choose(channel, contract, CallRequirements.Of(channel, definition, answers[0]), answers);

        List<EndorserAnswer> left = [.. answers.Where(answer => answer.Fault is null)];
        while (left.Count > 0)
        {
            // The first peer's result, which is our own peer's if it answered, counts before the others'.
            ByteString payload = PayloadOf(left[0]);
            List<EndorserAnswer> alike = left.FindAll(answer => PayloadOf(answer).Equals(payload));
            EndorsementRequirement requirement = CallRequirements.Of(channel, definition, left[0]);
            if (layouts.Choose(channel, contract, requirement, alike) is { } enough)
                return enough;

            left.RemoveAll(alike.Contains);
        }

        return null;
    }

    // Others are asked first and our own peer meanwhile: its simulation fills the time of the round trip.
    private async Task<EndorserAnswer[]> AskAsync(
        PeerChannel channel, ProposalParts proposal, IReadOnlyList<string> organizations,
        CancellationToken cancellationToken)
    {
        var asked = new Task<EndorserAnswer>[organizations.Count];
        for (int i = organizations.Count - 1; i >= 0; i--)
            asked[i] = AskOneOfAsync(directory.EndorsersOf(channel, organizations[i]), proposal, cancellationToken);

        return await Task.WhenAll(asked);
    }

    private static async Task<EndorserAnswer> AskOneOfAsync(
        IReadOnlyList<IEndorsingPeer> peers, ProposalParts proposal, CancellationToken cancellationToken)
    {
        // The channel's configuration changed since its organisations were listed.
        if (peers.Count == 0)
            throw GatewayFaults.Of(
                StatusCode.Unavailable, "an organisation has no endorsing peers any more; try again", []);

        EndorserAnswer answer = await peers[0].EndorseAsync(proposal, cancellationToken);
        for (int next = 1; next < peers.Count && answer.Retriable; next++)
            answer = await peers[next].EndorseAsync(proposal, cancellationToken);

        return answer.RequireEndorsement();
    }

    private static bool AreAlike(IReadOnlyList<EndorserAnswer> answers)
    {
        for (int i = 0; i < answers.Count; i++)
        {
            if (answers[i].Fault is not null || !PayloadOf(answers[i]).Equals(PayloadOf(answers[0])))
                return false;
        }

        return true;
    }

    private static ByteString PayloadOf(EndorserAnswer answer) => answer.Response?.Payload ?? ByteString.Empty;

    private static RpcException NotEnough(
        PeerChannel channel, ProposalParts proposal, EndorsementRequirement requirement, EndorserAnswer[] answers,
        bool isRestricted)
    {
        string advice = isRestricted
            ? "; only members of the collections were asked: retry specifying endorsing organization(s) if others may "
                + "see the transient data"
            : "";
        return GatewayFaults.Of(
            StatusCode.FailedPrecondition,
            $"no combination of peers can be derived which satisfy the endorsement policy of {proposal.Contract} on "
            + $"channel {channel.Id}: {requirement.Describe()}; endorsements came from {Names(answers)}{advice}", []);
    }

    private static RpcException Mismatch(IReadOnlyList<EndorserAnswer> answers) => GatewayFaults.Of(
        StatusCode.Aborted, "failed to assemble transaction: the endorsers' results differ, see attached details",
        [.. answers.Select(answer => new NodeFault(
            answer.Peer.Address, answer.Peer.MspId, ResultDifference.Describe(answers[0], answer)))]);

    private static RpcException Refused(EndorserAnswer[] answers) => GatewayFaults.Of(
        StatusCode.Aborted, Failed,
        [.. answers.Where(answer => answer.Fault is not null).Select(answer => answer.ToNodeFault())]);

    private static string Names(EndorserAnswer[] answers) =>
        string.Join(", ", answers.Select(answer => $"{answer.Peer.MspId} ({answer.Peer.Address})"));
}

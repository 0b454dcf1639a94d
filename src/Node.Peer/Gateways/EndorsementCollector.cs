using Google.Protobuf;
using Grpc.Core;
using Node.Peer.Committing;
using Node.Peer.Hosting;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Policy = Node.Membership.Policy;

namespace Node.Peer.Gateways;

/// <summary>
/// Gathers the endorsements that a contract's policy asks for, and assembles the transaction (fabric-wire B21).
/// </summary>
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
        for (int look = 0; look < s_secondLooks.Length && !IsSamePayload(chosen); look++)
        {
            await Task.Delay(s_secondLooks[look], node.Clock, cancellationToken);
            chosen = await AskAllAsync(channel, proposal, organizations, cancellationToken);
        }

        ByteString payload = RequireSamePayload(chosen);
        return TransactionAssembly.Assemble(proposal, payload, [.. chosen.Select(EndorsementOf)]);
    }

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
        if (answers.Any(answer => answer.Fault is not null))
            throw Refused(answers);

        return answers;
    }

    private async Task<IReadOnlyList<EndorserAnswer>> AskByPolicyAsync(
        PeerChannel channel, ProposalParts proposal, CancellationToken cancellationToken)
    {
        Policy policy = PolicyOf(channel, proposal.Contract);
        IReadOnlyList<string> all = directory.Organizations(channel);
        IReadOnlyList<string> first = layouts.Find(channel.Id, proposal.Contract, policy) ?? all;
        var answers = new List<EndorserAnswer>(await AskAsync(channel, proposal, first, cancellationToken));

        // What a contract refuses for one organisation it will refuse for the next: only a peer's own failure is
        // retried.
        if (answers.Any(answer => answer.Fault is not null && !answer.Retriable))
            throw Refused(answers);

        EndorserAnswer[] good = [.. answers.Where(answer => answer.Fault is null)];
        if (layouts.Choose(channel, proposal.Contract, policy, good) is { } enough)
            return enough;

        answers.AddRange(await AskAsync(channel, proposal, [.. all.Except(first)], cancellationToken));
        good = [.. answers.Where(answer => answer.Fault is null)];
        if (layouts.Choose(channel, proposal.Contract, policy, good) is { } atLast)
            return atLast;

        if (answers.Any(answer => answer.Fault is not null))
            throw Refused(answers);

        throw GatewayFaults.Of(
            StatusCode.FailedPrecondition,
            $"no combination of peers can be derived which satisfy the endorsement policy of {proposal.Contract} on "
            + $"channel {channel.Id}: {policy.Describe()}; endorsements came from {Names(good)}", []);
    }

    private static Policy PolicyOf(PeerChannel channel, string contract) =>
        channel.Definitions.TryFind(contract, out ContractDefinition? definition)
            ? definition.EndorsementPolicy
            : throw GatewayFaults.Of(
                StatusCode.FailedPrecondition,
                $"contract {contract} has no committed definition on channel {channel.Id}; approve and commit one",
                []);

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
        EndorserAnswer? answer = null;
        foreach (IEndorsingPeer peer in peers)
        {
            answer = await peer.EndorseAsync(proposal.Signed, cancellationToken);
            if (!answer.Retriable)
                break;
        }

        return answer ?? throw GatewayFaults.Of(
            StatusCode.FailedPrecondition,
            "the channel configuration names no peer of an organisation that must endorse; add it as an anchor peer",
            []);
    }

    private static Endorsement EndorsementOf(EndorserAnswer answer) =>
        answer.Response?.Endorsement ?? throw GatewayFaults.Of(
            StatusCode.Aborted, Failed,
            [new NodeFault(answer.Peer.Address, answer.Peer.MspId, "the peer answered without an endorsement")]);

    private static ByteString RequireSamePayload(IReadOnlyList<EndorserAnswer> answers)
    {
        if (IsSamePayload(answers))
            return answers[0].Response?.Payload ?? ByteString.Empty;

        throw GatewayFaults.Of(
            StatusCode.Aborted, "failed to assemble transaction: the endorsers' results differ, see attached details",
            [.. answers.Select(answer => new NodeFault(
                answer.Peer.Address, answer.Peer.MspId, ResultDifference.Describe(answers[0], answer)))]);
    }

    private static bool IsSamePayload(IReadOnlyList<EndorserAnswer> answers)
    {
        ByteString payload = answers[0].Response?.Payload ?? ByteString.Empty;
        for (int i = 1; i < answers.Count; i++)
        {
            if (!payload.Equals(answers[i].Response?.Payload))
                return false;
        }

        return true;
    }

    private static RpcException Refused(IEnumerable<EndorserAnswer> answers) => GatewayFaults.Of(
        StatusCode.Aborted, Failed,
        [.. answers.Where(answer => answer.Fault is not null).Select(answer => answer.ToNodeFault())]);

    private static string Names(IEnumerable<EndorserAnswer> answers) =>
        string.Join(", ", answers.Select(answer => $"{answer.Peer.MspId} ({answer.Peer.Address})"));
}

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

    // For peers that do not tell their height. The others are asked to reach the newest one before they look again.
    private static readonly TimeSpan[] s_pauses =
        [TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400)];

    /// <summary>
    /// An envelope without signature, endorsed as the policy or the caller's list of organisations asks.
    /// </summary>
    /// <remarks>
    /// Peers commit a block at slightly different times, and until both have, one of them reads older versions than
    /// the other or misses what a client was told is committed. So endorsers that disagree are asked again, on a
    /// state that is as new as the newest among them; a contract that is not deterministic disagrees on that, too.
    /// </remarks>
    /// <exception cref="RpcException">No combination of peers endorsed; details name each that refused.</exception>
    public async Task<Envelope> CollectAsync(
        PeerChannel channel, ProposalParts proposal, IReadOnlyList<string> organizations,
        CancellationToken cancellationToken)
    {
        long began = node.Clock.GetTimestamp();
        ulong? atHeight = null;
        for (int look = 0; ; look++)
        {
            Round round = organizations.Count > 0
                ? await AskListedAsync(channel, new Question(proposal, atHeight), organizations, cancellationToken)
                : await AskByPolicyAsync(channel, new Question(proposal, atHeight), cancellationToken);
            if (round.Refusal is null && AreAlike(round.Answers))
                return Assemble(proposal, round.Answers);

            if (look > s_pauses.Length
                || node.Clock.GetElapsedTime(began) >= Limits.EndorseCatchUpMax
                || !StateLag.MayExplain(round.Answers))
                throw round.Refusal ?? Mismatch(round.Answers);

            if (look > 0 && StateLag.IsUnknown(round.Answers))
                await Task.Delay(s_pauses[look - 1], node.Clock, cancellationToken);

            atHeight = StateLag.NewestOf(round.Answers, channel.Ledger.Height);
        }
    }

    private static Envelope Assemble(ProposalParts proposal, IReadOnlyList<EndorserAnswer> answers)
    {
        var endorsements = new Endorsement[answers.Count];
        for (int i = 0; i < endorsements.Length; i++)
        {
            Endorsement? endorsement = answers[i].Response?.Endorsement;
            Invariant.Require(endorsement is not null, "an answer without endorsement has a fault");
            endorsements[i] = endorsement;
        }

        return TransactionAssembly.Assemble(proposal, PayloadOf(answers[0]), endorsements);
    }

    private async Task<Round> AskListedAsync(
        PeerChannel channel, Question question, IReadOnlyList<string> organizations,
        CancellationToken cancellationToken)
    {
        string[] distinct = [.. organizations.Distinct(StringComparer.Ordinal)];
        string[] unknown = [.. distinct.Where(mspId => directory.EndorsersOf(channel, mspId).Count == 0)];
        if (unknown.Length > 0)
            throw GatewayFaults.Of(
                StatusCode.Unavailable,
                $"no endorsing peers of {string.Join(", ", unknown)} are known on channel {channel.Id}; the channel "
                + "configuration names each organisation's peers as its anchor peers", []);

        EndorserAnswer[] answers = await AskAsync(channel, question, distinct, cancellationToken);
        return answers.Any(answer => answer.Fault is not null) ? Round.Refused(answers) : new Round(answers);
    }

    private async Task<Round> AskByPolicyAsync(
        PeerChannel channel, Question question, CancellationToken cancellationToken)
    {
        ProposalParts proposal = question.Proposal;
        ContractDefinition definition = CallRequirements.DefinitionOf(channel, proposal.Contract);
        IReadOnlyList<string> all = directory.Organizations(channel);
        if (all.Count == 0)
            throw GatewayFaults.Of(
                StatusCode.FailedPrecondition,
                $"the configuration of channel {channel.Id} names no endorsing peer", []);

        IReadOnlyList<string> first = proposal.HasTransient
            ? Own(channel, all)
            : layouts.Find(channel.Id, proposal.Contract, definition.EndorsementPolicy) ?? all;

        EndorserAnswer[] answers = await AskAsync(channel, question, first, cancellationToken);
        if (Choose(channel, proposal.Contract, definition, answers) is { } enough)
            return new Round(enough);

        // What a contract refuses for one organisation it will refuse for the next: only a peer's own failure is
        // retried, and with transient inputs not even that.
        if (answers.Any(answer => answer.Fault is not null && (!answer.Retriable || proposal.HasTransient)))
            return Round.Refused(answers);

        layouts.Forget(channel.Id, proposal.Contract);
        IReadOnlyList<string>? trusted =
            proposal.HasTransient ? CallRequirements.CollectionMembers(channel, answers[0]) : null;
        string[] rest = [.. all.Except(first).Where(mspId => trusted is null || trusted.Contains(mspId))];
        answers = [.. answers, .. await AskAsync(channel, question, rest, cancellationToken)];
        if (Choose(channel, proposal.Contract, definition, answers) is { } atLast)
            return new Round(atLast);
        if (answers.Any(answer => answer.Fault is not null))
            return Round.Refused(answers);

        EndorsementRequirement requirement = CallRequirements.Of(channel, definition, answers[0]);
        return EndorsementLayouts.Satisfies(channel, requirement, answers)
            ? new Round(answers)
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
        PeerChannel channel, Question question, IReadOnlyList<string> organizations,
        CancellationToken cancellationToken)
    {
        var asked = new Task<EndorserAnswer>[organizations.Count];
        for (int i = organizations.Count - 1; i >= 0; i--)
            asked[i] = AskOneOfAsync(directory.EndorsersOf(channel, organizations[i]), question, cancellationToken);

        return await Task.WhenAll(asked);
    }

    private static async Task<EndorserAnswer> AskOneOfAsync(
        IReadOnlyList<IEndorsingPeer> peers, Question question, CancellationToken cancellationToken)
    {
        // The channel's configuration changed since its organisations were listed.
        if (peers.Count == 0)
            throw GatewayFaults.Of(
                StatusCode.Unavailable, "an organisation has no endorsing peers any more; try again", []);

        EndorserAnswer answer =
            await peers[0].EndorseAsync(question.Proposal, question.AtHeight, cancellationToken);
        for (int next = 1; next < peers.Count && answer.Retriable; next++)
            answer = await peers[next].EndorseAsync(question.Proposal, question.AtHeight, cancellationToken);

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
            answer.Peer.Address,
            answer.Peer.MspId,
            ResultDifference.Describe(answers[0], answer)
                + (answer.Height is { } height ? $" (height {height})" : "")))]);

    private static string Names(EndorserAnswer[] answers) =>
        string.Join(", ", answers.Select(answer => $"{answer.Peer.MspId} ({answer.Peer.Address})"));

    /// <param name="AtHeight">Null while any height will do.</param>
    private readonly record struct Question(ProposalParts Proposal, ulong? AtHeight);

    /// <summary>What asking once came to: without a refusal, enough endorsements, though results may differ.</summary>
    private readonly record struct Round(IReadOnlyList<EndorserAnswer> Answers)
    {
        public RpcException? Refusal { get; private init; }

        public static Round Refused(EndorserAnswer[] answers) => new(answers)
        {
            Refusal = GatewayFaults.Of(
                StatusCode.Aborted, Failed,
                [.. answers.Where(answer => answer.Fault is not null).Select(answer => answer.ToNodeFault())]),
        };
    }
}

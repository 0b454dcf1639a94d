using System.Collections.Concurrent;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Gateways;

/// <summary>What endorsements of one call have to satisfy.</summary>
/// <param name="Contract">The called contract's own policy.</param>
/// <param name="Further">Those of the collections it wrote and the contracts it called; mostly none.</param>
internal sealed record EndorsementRequirement(Policy Contract, IReadOnlyList<Policy> Further)
{
    public bool IsSatisfiedBy(ReadOnlySpan<Identity> signers)
    {
        if (!Contract.IsSatisfiedBy(signers))
            return false;

        foreach (Policy policy in Further)
        {
            if (!policy.IsSatisfiedBy(signers))
                return false;
        }

        return true;
    }

    public string Describe() => string.Join(" and ", Further.Prepend(Contract).Select(policy => policy.Describe()));
}

/// <summary>Learns which organisations' endorsements satisfy a contract's policy, so that no more are asked.</summary>
/// <remarks>
/// Nothing is assumed about a policy's form: it is evaluated over the endorsers that answered, and the smallest set
/// found so far is asked first the next time. A changed policy or configuration starts anew, and so does a set that was
/// not enough. Any thread.
/// </remarks>
internal sealed class EndorsementLayouts
{
    private const int LayoutsMax = 1024;

    private readonly ConcurrentDictionary<(ChannelId Channel, string Contract), Layout> _known = new();

    /// <summary>Organisations to ask first, or null when nothing was learnt under this policy.</summary>
    public IReadOnlyList<string>? Find(ChannelId channel, string contract, Policy policy) =>
        _known.TryGetValue((channel, contract), out Layout? layout) && ReferenceEquals(layout.Policy, policy)
            ? layout.Organizations
            : null;

    /// <summary>The organisations learnt were not enough this time, so they are not asked first again.</summary>
    public void Forget(ChannelId channel, string contract) => _known.TryRemove((channel, contract), out _);

    /// <summary>
    /// The fewest of the given answers that satisfy the policies, in their order; null when all together do not.
    /// </summary>
    /// <param name="answers">Endorsements of one and the same result.</param>
    public IReadOnlyList<EndorserAnswer>? Choose(
        PeerChannel channel, string contract, EndorsementRequirement requirement,
        IReadOnlyList<EndorserAnswer> answers)
    {
        if (!Satisfies(channel, requirement, answers))
            return null;

        // What was learnt is minimal already, and this is the path of nearly every call.
        if (Find(channel.Id, contract, requirement.Contract)?.Count == answers.Count)
            return answers;

        var needed = new List<EndorserAnswer>(answers);
        for (int last = needed.Count - 1; last >= 0 && needed.Count > 1; last--)
        {
            EndorserAnswer without = needed[last];
            needed.RemoveAt(last);
            if (!Satisfies(channel, requirement, needed))
                needed.Insert(last, without);
        }

        // What else a call needs depends on what it wrote; only the contract's own policy says what all of them need.
        if (requirement.Further.Count == 0)
            Remember(channel.Id, contract, requirement.Contract, needed);

        return needed;
    }

    public static bool Satisfies(
        PeerChannel channel, EndorsementRequirement requirement, IReadOnlyList<EndorserAnswer> answers)
    {
        var signers = new Identity[answers.Count];
        int count = 0;
        for (int i = 0; i < signers.Length; i++)
        {
            Endorsement? endorsement = answers[i].Response?.Endorsement;
            if (endorsement is not null
                && channel.Config.TryResolve(endorsement.Endorser.Span, out Identity? signer, out _))
                signers[count++] = signer;
        }

        return requirement.IsSatisfiedBy(signers.AsSpan(0, count));
    }

    private void Remember(ChannelId channel, string contract, Policy policy, List<EndorserAnswer> needed)
    {
        // Names come from proposals, so the table is bounded; what is lost is learnt again.
        if (_known.Count >= LayoutsMax)
            _known.Clear();

        _known[(channel, contract)] = new Layout(policy, [.. needed.Select(answer => answer.Peer.MspId)]);
    }

    private sealed record Layout(Policy Policy, IReadOnlyList<string> Organizations);
}

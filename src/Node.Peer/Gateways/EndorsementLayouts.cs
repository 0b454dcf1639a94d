using System.Collections.Concurrent;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Gateways;

/// <summary>Learns which organisations' endorsements satisfy a contract's policy, so that no more are asked.</summary>
/// <remarks>
/// Nothing is assumed about a policy's form: it is evaluated over the endorsers that answered, and the smallest set
/// found so far is asked first the next time. A changed policy or configuration starts anew. Any thread.
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

    /// <summary>
    /// The fewest of the given answers that satisfy the policy, in their order; null when all together do not.
    /// </summary>
    public IReadOnlyList<EndorserAnswer>? Choose(
        PeerChannel channel, string contract, Policy policy, IReadOnlyList<EndorserAnswer> answers)
    {
        if (!Satisfies(channel, policy, answers))
            return null;

        var needed = new List<EndorserAnswer>(answers);
        for (int last = needed.Count - 1; last >= 0 && needed.Count > 1; last--)
        {
            EndorserAnswer without = needed[last];
            needed.RemoveAt(last);
            if (!Satisfies(channel, policy, needed))
                needed.Insert(last, without);
        }

        Remember(channel.Id, contract, policy, needed);
        return needed;
    }

    private void Remember(ChannelId channel, string contract, Policy policy, List<EndorserAnswer> needed)
    {
        if (_known.TryGetValue((channel, contract), out Layout? layout)
            && ReferenceEquals(layout.Policy, policy) && layout.Organizations.Count == needed.Count)
            return;

        // Names come from proposals, so the table is bounded; what is lost is learnt again.
        if (_known.Count >= LayoutsMax)
            _known.Clear();

        _known[(channel, contract)] = new Layout(policy, [.. needed.Select(answer => answer.Peer.MspId)]);
    }

    private static bool Satisfies(PeerChannel channel, Policy policy, IReadOnlyList<EndorserAnswer> answers)
    {
        var signers = new Identity[answers.Count];
        int count = 0;
        foreach (EndorserAnswer answer in answers)
        {
            Endorsement? endorsement = answer.Response?.Endorsement;
            if (endorsement is not null
                && channel.Config.TryResolve(endorsement.Endorser.Span, out Identity? signer, out _))
                signers[count++] = signer;
        }

        return policy.IsSatisfiedBy(signers.AsSpan(0, count));
    }

    private sealed record Layout(Policy Policy, IReadOnlyList<string> Organizations);
}

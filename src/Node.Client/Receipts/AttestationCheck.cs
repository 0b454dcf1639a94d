using System.Diagnostics.CodeAnalysis;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Hyperprov;
using Policy = Node.Membership.Policy;

namespace Node.Client.Receipts;

/// <summary>Decides whether peers of enough organisations vouch for what a receipt says.</summary>
/// <param name="config">In force at the transaction's block.</param>
/// <param name="time">Of the transaction; nobody vouches for it earlier.</param>
internal sealed class AttestationCheck(ChannelConfig config, DateTimeOffset time)
{
    /// <summary>Every attestation must be right, even beyond those that are needed.</summary>
    /// <param name="needed">How many organisations at least.</param>
    /// <param name="peers">By MSP id in byte order.</param>
    public bool TryCheck(
        IReadOnlyList<Attestation> attestations,
        ValidationStatement statement,
        int needed,
        out List<Identity> peers,
        [NotNullWhen(false)] out string? fault)
    {
        peers = [];
        fault = null;
        foreach (Attestation attestation in attestations)
        {
            if (!TryCheck(attestation, statement, out Identity? peer, out fault))
                return false;

            if (peers.Count > 0 && string.CompareOrdinal(peers[^1].MspId.Value, peer.MspId.Value) >= 0)
            {
                fault = $"{peer} attests after {peers[^1]}: one peer of each organisation, in the order of MSP ids";
                return false;
            }

            peers.Add(peer);
        }

        int organizations = config.ApplicationOrganizations.Count;
        if (peers.Count >= needed)
            return true;

        fault = $"peers of {peers.Count} of {organizations} organisations attest it, {needed} are needed; missing: " +
            string.Join(", ", Missing(peers));
        return false;
    }

    private bool TryCheck(
        Attestation attestation,
        ValidationStatement statement,
        [NotNullWhen(true)] out Identity? peer,
        [NotNullWhen(false)] out string? fault)
    {
        if (!config.TryResolve(attestation.Peer.Span, out peer, out fault))
        {
            fault = $"whoever attests it is no member of the channel: {fault}";
            return false;
        }

        fault = FaultOfRole(peer) ?? FaultOfTime(peer, attestation.SignedAt);
        if (fault is null)
        {
            byte[] message = statement.ToBytes(attestation.Peer.Span, attestation.SignedAt);
            if (!ExactSignature.Verify(peer, message, attestation.Signature.Span))
                fault = $"the attestation of {peer} does not fit this transaction, block and validation code";
        }

        return fault is null;
    }

    private string? FaultOfRole(Identity peer)
    {
        ApplicationOrganization? organization =
            config.ApplicationOrganizations.FirstOrDefault(known => known.MspId == peer.MspId);
        if (organization is null)
            return $"{peer} attests it, but {peer.MspId} endorses nothing on this channel";
        if (peer.Role == NodeRole.Peer)
            return null;
        if (peer.Role != NodeRole.None)
            return $"{peer} attests it in the role {SignedBlockCheck.RoleOf(peer)}; only peers validate transactions";

        // Where an organisation does not classify its members, its endorsement policy says who its peers are.
        string path = $"/Channel/Application/{organization.Name}/Endorsement";
        Policy? policy = config.FindPolicy(path);
        return policy is not null && policy.IsSatisfiedBy([peer])
            ? null
            : $"{peer} attests it and does not satisfy {path}";
    }

    private string? FaultOfTime(Identity peer, long signedAt)
    {
        if (signedAt < DateTimeOffset.MinValue.ToUnixTimeSeconds()
            || signedAt > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return $"{peer} attests it at a time outside of the calendar";

        DateTimeOffset at = DateTimeOffset.FromUnixTimeSeconds(signedAt);
        return time - at > Limits.ProposalSkewMax
            ? $"{peer} attests it at {at:u}, before it was proposed at {time:u}"
            : ReceiptTime.FaultOf(peer, at);
    }

    private IEnumerable<string> Missing(List<Identity> peers) => config.ApplicationOrganizations
        .Where(organization => !peers.Exists(peer => peer.MspId == organization.MspId))
        .Select(organization => organization.MspId.Value);
}

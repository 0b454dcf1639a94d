using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Endorsing;

/// <summary>
/// Decides whether a proposal is simulated at all. The order of the checks is Fabric's (wire reference, B9).
/// </summary>
/// <remarks>
/// Any thread. What costs little to check comes first, the signature after everything that needs no key. A proposal
/// that does not
/// pass leaves no trace.
/// </remarks>
internal sealed class ProposalAdmission(PeerNode node)
{
    private static readonly HashSet<string> s_systemContracts =
        new(StringComparer.Ordinal) { "_lifecycle", "cscc", "lscc", "qscc" };

    /// <returns>Null when admitted, else the answer.</returns>
    public EndorseOutcome? Check(SignedProposal signed, out AdmittedProposal? admitted)
    {
        admitted = null;
        if (signed.ProposalBytes.IsEmpty)
            return EndorseOutcome.Rejected("the request carries no proposal");
        if (!DecodedProposal.TryDecode(signed.ProposalBytes.Memory, out DecodedProposal? proposal, out string? fault))
            return EndorseOutcome.Rejected("error unpacking proposal: " + fault);

        fault = FaultOfTime(proposal, out DateTimeOffset timestamp);
        if (fault is not null)
            return EndorseOutcome.Rejected(fault);

        PeerChannel? channel = null;
        if (!proposal.Channel.IsNone && !node.TryFindChannel(proposal.Channel, out channel))
            return EndorseOutcome.Answered(ProposalAnswers.Failure($"channel '{proposal.Channel}' not found"));

        fault = FaultOfHeader(proposal, out TxId txId);
        if (fault is not null)
            return EndorseOutcome.Rejected(fault);
        if (!TryFindSigner(proposal, signed, channel, out Identity? creator, out fault))
            return EndorseOutcome.Rejected(fault);

        fault = FaultOfUse(proposal, txId, channel, creator);
        if (fault is not null)
            return EndorseOutcome.Rejected(fault);

        admitted = new AdmittedProposal(proposal, txId, timestamp, creator, channel);
        return null;
    }

    public static bool IsSystemContract(string name) => s_systemContracts.Contains(name);

    private string? FaultOfTime(DecodedProposal proposal, out DateTimeOffset timestamp)
    {
        DateTimeOffset now = node.Clock.GetUtcNow();
        if (!proposal.Timestamp.TryToDateTimeOffset(out timestamp))
            return "the proposal's timestamp is not a time between the years 1 and 9999";

        return (timestamp - now).Duration() <= Limits.ProposalSkewMax
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"request unauthorized due to incorrect timestamp {timestamp:O}, peer time {now:O}, "
                + $"time window {Limits.ProposalSkewMax.TotalMinutes:0}m; set the client's clock");
    }

    private static string? FaultOfHeader(DecodedProposal proposal, out TxId txId)
    {
        txId = default;
        // Fabric's tools send CONFIG for some calls of system contracts.
        if (proposal.Type is not ((int)HeaderType.EndorserTransaction or (int)HeaderType.Config))
            return $"invalid header type {proposal.Type}; a proposal has type {(int)HeaderType.EndorserTransaction}";
        if (proposal.Epoch != 0)
            return $"epoch is non-zero: {proposal.Epoch}";
        if (proposal.Nonce.IsEmpty)
            return "nonce is empty";
        if (proposal.Creator.IsEmpty)
            return "creator is empty";
        if (!TxId.Matches(proposal.TxIdText.Span, proposal.Nonce.Span, proposal.Creator.Span))
            return $"incorrectly computed txid; expected {TxId.Compute(proposal.Nonce.Span, proposal.Creator.Span)}, "
                + "the SHA-256 of nonce and creator";

        return TxId.TryParse(proposal.TxIdText.Span, out txId, out string? fault) ? null : fault;
    }

    private bool TryFindSigner(
        DecodedProposal proposal,
        SignedProposal signed,
        PeerChannel? channel,
        [NotNullWhen(true)] out Identity? creator,
        [NotNullWhen(false)] out string? fault)
    {
        creator = null;
        fault = signed.Signature.Length is 0 or > Limits.SignatureBytesMax
            ? $"a signature has 1 to {Limits.SignatureBytesMax} bytes, this one has {signed.Signature.Length}"
            : null;
        if (fault is not null)
            return false;

        if (TryResolve(proposal, channel, out Identity? identity, out fault))
            fault = FaultOfSigner(proposal, signed, identity);
        else
            fault = Denied(proposal, "unknown", fault);

        if (fault is null)
            creator = identity;
        return creator is not null;
    }

    private string? FaultOfSigner(DecodedProposal proposal, SignedProposal signed, Identity identity)
    {
        DateTimeOffset now = node.Clock.GetUtcNow();
        if (identity.IsExpiredAt(now))
            return string.Create(
                CultureInfo.InvariantCulture,
                $"proposal client identity expired {now - identity.NotAfter} ago; enroll {identity} again");

        return identity.Verify(proposal.Bytes.Span, signed.Signature.Span)
            ? null
            : Denied(proposal, identity.MspId.Value, "the signature is not that of the creator");
    }

    /// <summary>A member of the channel; outside of any channel, of this peer's own organisation.</summary>
    private bool TryResolve(
        DecodedProposal proposal,
        PeerChannel? channel,
        [NotNullWhen(true)] out Identity? identity,
        [NotNullWhen(false)] out string? fault)
    {
        if (channel is not null)
            return channel.Config.TryResolve(proposal.Creator.Span, out identity, out fault);

        identity = null;
        if (!SerializedIdentityBytes.TryDecode(proposal.Creator, out MspId mspId, out var pem, out fault))
            return false;
        if (mspId == node.MspId)
            return node.LocalMsp.TryResolve(pem.Span, out identity, out fault);

        fault = $"outside of any channel this peer knows members of {node.MspId} only";
        return false;
    }

    private static string? FaultOfUse(DecodedProposal proposal, TxId txId, PeerChannel? channel, Identity creator)
    {
        bool isSystem = IsSystemContract(proposal.Contract);
        if (channel is null)
            return isSystem ? null : $"chaincode {proposal.Contract} is called on a channel; the proposal names none";
        if (channel.Ledger.IsTaken(txId))
            return $"duplicate transaction found [{txId}]. Creator [{creator}]";
        if (isSystem)
            return null;

        return AccessControl.FaultOf(channel.Config, "peer/Propose", creator) is { } fault
            ? $"access denied for [peer/Propose][{channel.Id}]: {fault}"
            : null;
    }

    private static string Denied(DecodedProposal proposal, string organization, string why) =>
        $"access denied: channel [{proposal.Channel}] creator org [{organization}]: {why}";
}

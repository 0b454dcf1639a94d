using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
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

    /// <summary>The first of the checks, for proposals that nobody has decoded yet.</summary>
    public static bool TryDecode(
        SignedProposal signed,
        [NotNullWhen(true)] out DecodedProposal? proposal,
        [NotNullWhen(false)] out string? fault)
    {
        proposal = null;
        if (signed.ProposalBytes.IsEmpty)
            fault = "the request carries no proposal";
        else if (!DecodedProposal.TryDecode(signed.ProposalBytes.Memory, out proposal, out fault))
            fault = "error unpacking proposal: " + fault;

        return fault is null;
    }

    /// <param name="signature">The client's, over the proposal's bytes.</param>
    /// <returns>Null when admitted, else the answer.</returns>
    public EndorseOutcome? Check(
        DecodedProposal proposal, ReadOnlyMemory<byte> signature, out AdmittedProposal? admitted)
    {
        admitted = null;
        string? fault = FaultOfTime(proposal, out DateTimeOffset timestamp);
        if (fault is not null)
            return EndorseOutcome.Rejected(fault);

        PeerChannel? channel = null;
        if (!proposal.Channel.IsNone && !node.TryFindChannel(proposal.Channel, out channel))
            return EndorseOutcome.Answered(
                ProposalAnswers.Failure($"channel '{proposal.Channel}' not found"), height: null);

        if (proposal.HeaderFault is not null)
            return EndorseOutcome.Rejected(proposal.HeaderFault);
        if (!TryFindSigner(proposal, signature.Span, channel, out Identity? creator, out fault))
            return EndorseOutcome.Rejected(fault);

        TxId txId = proposal.TxId;
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
        if (!proposal.Timestamp.GetValueOrDefault().TryToDateTimeOffset(out timestamp))
            return "the proposal's timestamp is not a time between the years 1 and 9999";

        return (timestamp - now).Duration() <= Limits.ProposalSkewMax
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"request unauthorized due to incorrect timestamp {timestamp:O}, peer time {now:O}, "
                + $"time window {Limits.ProposalSkewMax.TotalMinutes:0}m; set the client's clock");
    }

    private bool TryFindSigner(
        DecodedProposal proposal,
        ReadOnlySpan<byte> signature,
        PeerChannel? channel,
        [NotNullWhen(true)] out Identity? creator,
        [NotNullWhen(false)] out string? fault)
    {
        creator = null;
        fault = signature.Length is 0 or > Limits.SignatureBytesMax
            ? $"a signature has 1 to {Limits.SignatureBytesMax} bytes, this one has {signature.Length}"
            : null;
        if (fault is not null)
            return false;

        if (TryResolve(proposal, channel, out Identity? identity, out fault))
            fault = FaultOfSigner(proposal, signature, identity);
        else
            fault = Denied(proposal, "unknown", fault);

        if (fault is null)
            creator = identity;
        return creator is not null;
    }

    private string? FaultOfSigner(DecodedProposal proposal, ReadOnlySpan<byte> signature, Identity identity)
    {
        DateTimeOffset now = node.Clock.GetUtcNow();
        if (identity.IsExpiredAt(now))
            return string.Create(
                CultureInfo.InvariantCulture,
                $"proposal client identity expired {now - identity.NotAfter} ago: {Signers.ExpiryText(identity)}");

        return identity.Verify(proposal.Bytes.Span, signature)
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
        bool isSystem = IsSystemContract(proposal.ContractName);
        if (channel is null)
            return isSystem
                ? null
                : $"chaincode {proposal.ContractName} is called on a channel; the proposal names none";
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

using System.Text;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Contracts.Provenance;

/// <summary>Goes through new entries of one journal in order: judges each, and writes its record.</summary>
/// <remarks>Owned by one call of appendjournal.</remarks>
internal sealed class JournalReplay(IContractContext context, JournalState? known)
{
    private JournalState? _current = known;
    private readonly JournalRecording _records = new(context);
    private bool _vouching;
    private IMember? _signer;   // Of the certificate in _current; null until it was needed.

    /// <summary>The journal as the ledger has it after all that was taken.</summary>
    public JournalState Current => _current ?? throw new InvalidOperationException("No entry opened the journal.");

    /// <returns>Null when the entry was taken.</returns>
    public (int Status, string Message)? Take(SignedJournalEntry signed)
    {
        JournalEntry entry = signed.Entry;
        string? fault = _current is null ? FaultOfOpening(entry) : _current.Head.FaultOfNext(entry);
        if (fault is not null)
            return (ContractResponse.BadRequest, fault);

        if (entry.Place.Time > context.Timestamp + Limits.ProposalSkewMax)
            return (ContractResponse.BadRequest,
                $"its original time {JournalState.TimeText(entry.Place.Time)} is after this transaction's, "
                + $"{JournalState.TimeText(context.Timestamp)}, by more than "
                + $"{Limits.ProposalSkewMax.Minutes} minutes");

        return FaultOfSignature(signed) ?? Apply(entry);
    }

    /// <summary>Once, behind all entries: says who wrote their records.</summary>
    public void WriteWriters() => _records.WriteWriters();

    private static string? FaultOfOpening(JournalEntry entry) =>
        entry.Kind == JournalEntryKind.Open ? null : "the journal begins with its opening entry";

    private (int Status, string Message)? FaultOfSignature(SignedJournalEntry signed)
    {
        JournalEntry entry = signed.Entry;
        if (_current is null && Admit(entry, enrollmentId: null) is { } unacceptable)
            return unacceptable;
        if (_signer is null && ReadSigner() is { } unknown)
            return unknown;

        if (entry.Place.Signer != Current.Signer)
            return (ContractResponse.BadRequest,
                $"it names the certificate {entry.Place.Signer}, the journal's is {Current.Signer}");
        return RefusalOfExpiry() ?? (_signer!.Verify(entry.Body.Span, signed.Signature.Span)
            ? null
            : (ContractResponse.BadRequest, "its signature is not the device's over these bytes"));
    }

    /// <summary>
    /// What a certificate signed that has expired since is taken only from an administrator of its organisation, who
    /// vouches for it: a device may have been alone for longer than its certificate lasts, and a thief of an old key
    /// could claim any original time.
    /// </summary>
    private (int Status, string Message)? RefusalOfExpiry()
    {
        if (context.Timestamp <= _signer!.NotAfter)   // Set by Admit or ReadSigner, which came before.
            return null;

        ClientIdentity sender = context.Client;
        _vouching = sender.Role == ClientRole.Admin && sender.MspId == Current.MspId;
        return _vouching
            ? null
            : (ContractResponse.Forbidden,
                $"the device's certificate expired on {JournalState.TimeText(_signer.NotAfter)}; "
                + $"an administrator of {Current.MspId} has to forward this journal and so vouch for it");
    }

    private (int Status, string Message)? ReadSigner() =>
        context.TryReadMember(
            Current.MspId, Encoding.UTF8.GetBytes(Current.CertificatePem), out _signer, out string? fault)
            ? null
            : (ContractResponse.Forbidden, $"the device is no member of this channel (any more): {fault}");

    /// <summary>
    /// Takes a device's certificate from an opening or a renewal; its entry's signature is checked apart.
    /// </summary>
    /// <param name="enrollmentId">Whose journal it is; null in an opening.</param>
    private (int Status, string Message)? Admit(JournalEntry entry, string? enrollmentId)
    {
        JournaledDevice device = entry.Device!;   // Openings and renewals have one.
        if (!JournaledDevice.TryFingerprint(device.CertificatePem.Span, out Hash32 fingerprint, out string? fault)
            || !context.TryReadMember(device.MspId, device.CertificatePem, out IMember? member, out fault))
            return (ContractResponse.Forbidden, $"its certificate is not acceptable: {fault}");
        if (entry.Place.Time < member.NotBefore)
            return (ContractResponse.Forbidden,
                $"its certificate is in force from {JournalState.TimeText(member.NotBefore)}, "
                + $"its original time is {JournalState.TimeText(entry.Place.Time)}");
        if (enrollmentId is not null && (member.Identity.EnrollmentId != enrollmentId || device.MspId != Current.MspId))
            return (ContractResponse.Forbidden,
                $"its certificate is of {Quoted.Text(member.Identity.EnrollmentId)} of {device.MspId}, "
                + $"the journal is of {Quoted.Text(enrollmentId)} of {Current.MspId}");

        _signer = member;
        _current = new JournalState(
            JournalHead.After(entry),
            device.MspId,
            member.Identity.EnrollmentId,
            fingerprint,
            Encoding.UTF8.GetString(device.CertificatePem.Span));
        return null;
    }

    private (int Status, string Message)? Apply(JournalEntry entry)
    {
        if (entry.Kind == JournalEntryKind.Renew)
            return Admit(entry, Current.EnrollmentId);

        if (entry.Kind == JournalEntryKind.Record
            && _records.Write(_signer!.Identity, entry, _vouching) is { } refusal)   // Its signature was checked.
            return (refusal.Status, refusal.Message.TrimEnd('.'));

        _current = Current with { Head = JournalHead.After(entry) };
        return null;
    }
}

using System.Diagnostics.CodeAnalysis;
using Node.Protocol.Wire.Peer;

namespace Node.Protocol.Decoding;

/// <summary>Walks from an envelope's data to the read-write set, one level of messages per method.</summary>
internal ref struct TransactionReader
{
    private readonly DecodedEnvelope _envelope;
    private readonly ReadOnlySpan<byte> _bytes;

    public DecodedTransaction.TransactionParts Parts;

    public TransactionReader(DecodedEnvelope envelope)
    {
        _envelope = envelope;
        _bytes = envelope.Bytes.Span;
    }

    /// <summary>Transaction id, shape and proposal hash: checks 6 and 7.</summary>
    public bool TryReadTransaction(out DecodeFault fault)
    {
        if (!TxId.Matches(_envelope.TxIdUtf8.Span, _envelope.Nonce.Span, _envelope.Creator.Span))
        {
            fault = DecodeFault.Transaction(
                TxValidationCode.BadProposalTxid, "the transaction id is not the digest of nonce and creator");
            return false;
        }

        string? text = FaultOfTransaction();
        fault = text is null ? default : DecodeFault.Transaction(TxValidationCode.InvalidEndorserTransaction, text);
        return text is null;
    }

    /// <summary>Contract names, event and read-write set: checks 11 to 15, in their order.</summary>
    public bool TryReadContent([NotNullWhen(true)] out DecodedReadWriteSet? set, out DecodeFault fault)
    {
        set = null;
        if (!TryReadExtension(out Slice headerContract, out Slice headerName))
            return No(TxValidationCode.BadHeaderExtension, "the header extension cannot be read", out fault);
        if (!TryReadAction(out Slice contract))
            return No(TxValidationCode.BadResponsePayload, "the endorsed action cannot be read", out fault);
        if (!DecodedReadWriteSet.TryDecode(_envelope.Bytes, Parts.Results, out set, out string? setFault))
            return No(TxValidationCode.BadRwset, setFault, out fault);
        if (!headerContract.IsPresent || !contract.IsPresent)
            return No(TxValidationCode.InvalidOtherReason, "the contract is not named", out fault);
        if (ContractFault(headerName) is { } contractFault)
            return No(TxValidationCode.InvalidChaincode, contractFault, out fault);
        if (!TryReadEvent())
            return No(TxValidationCode.InvalidOtherReason, "the event is malformed or of another contract", out fault);
        if (set.HasRepeatedNamespace())
            return No(TxValidationCode.IllegalWriteset, "the read-write set names a namespace twice", out fault);

        fault = default;
        return true;
    }

    private static bool No(TxValidationCode code, string text, out DecodeFault fault)
    {
        fault = DecodeFault.Content(code, text);
        return false;
    }

    private string? FaultOfTransaction()
    {
        if (!TryReadSingleAction(out int actions, out Slice payload))
            return actions == 1 ? "the action cannot be read" : "a transaction has exactly one action";
        if (!DecodedHeader.TryReadSignatureHeader(_bytes, Parts.ActionHeader, out Slice creator, out Slice nonce))
            return "the action's signature header cannot be read";
        if (creator.IsEmpty || nonce.IsEmpty)
            return "the action's signature header lacks its creator or nonce";
        if (!TryReadActionPayload(payload, out Slice endorsed) || !TryReadEndorsedAction(endorsed))
            return "the endorsed action cannot be read";
        if (!TryReadResponsePayload())
            return "the proposal response payload cannot be read";

        Hash32 expected = Canonical.ProposalHash.Of(
            _envelope.ChannelHeader.Span, Parts.ActionHeader.Of(_bytes), Parts.ProposalPayload.Of(_bytes));
        return Parts.ProposalHash.Of(_bytes).SequenceEqual(expected.AsSpan())
            ? null
            : "the endorsers answered another proposal";
    }

    private bool TryReadSingleAction(out int actions, out Slice payload)
    {
        actions = 0;
        payload = default;
        Slice action = default;
        WireReader reader = WireReader.Inside(_bytes, _envelope.DataSlice);
        while (reader.Next())
        {
            if (reader.Field == 1 && reader.TryBytes(out action))
                actions++;
        }

        if (reader.Failed || actions != 1)
            return false;

        reader = WireReader.Inside(_bytes, action);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out Parts.ActionHeader);
            else if (reader.Field == 2)
                reader.TryBytes(out payload);
        }

        return !reader.Failed;
    }

    // A ChaincodeActionPayload.
    private bool TryReadActionPayload(Slice message, out Slice endorsed)
    {
        endorsed = default;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out Parts.ProposalPayload);
            else if (reader.Field == 2)
                reader.TryMessage(ref endorsed);
        }

        return !reader.Failed && endorsed.IsPresent;
    }

    // A ChaincodeEndorsedAction.
    private bool TryReadEndorsedAction(Slice message)
    {
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out Parts.ResponsePayload);
            else if (reader.Field == 2 && reader.TryBytes(out Slice endorsement) && !TryReadEndorsement(endorsement))
                reader.Fail();
        }

        return !reader.Failed;
    }

    private bool TryReadEndorsement(Slice message)
    {
        Slice endorser = default;
        Slice signature = default;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out endorser);
            else if (reader.Field == 2)
                reader.TryBytes(out signature);
        }

        if (reader.Failed || Parts.Endorsements.Count == Limits.EndorsementsMax)
            return false;

        Parts.Endorsements.Add(new DecodedEndorsement(endorser, signature));
        return true;
    }

    private bool TryReadResponsePayload()
    {
        WireReader reader = WireReader.Inside(_bytes, Parts.ResponsePayload);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out Parts.ProposalHash);
            else if (reader.Field == 2)
                reader.TryBytes(out Parts.Action);
        }

        return !reader.Failed;
    }

    private readonly bool TryReadExtension(out Slice contract, out Slice name)
    {
        contract = default;
        name = default;
        WireReader reader = WireReader.Inside(_bytes, _envelope.ExtensionSlice);
        while (reader.Next())
        {
            if (reader.Field == 2)
                reader.TryMessage(ref contract);
        }

        return !reader.Failed && TryReadContractId(contract, out name, out _);
    }

    private readonly bool TryReadContractId(Slice message, out Slice name, out Slice version)
    {
        name = default;
        version = default;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryText(out _);   // The path: packages no longer have one.
            else if (reader.Field == 2)
                reader.TryText(out name);
            else if (reader.Field == 3)
                reader.TryText(out version);
        }

        return !reader.Failed;
    }

    // A ChaincodeAction.
    private bool TryReadAction(out Slice contract)
    {
        contract = default;
        Slice response = default;
        WireReader reader = WireReader.Inside(_bytes, Parts.Action);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reader.TryBytes(out Parts.Results);
                    break;
                case 2:
                    reader.TryBytes(out Parts.Events);
                    break;
                case 3:
                    reader.TryMessage(ref response);
                    break;
                case 4:
                    reader.TryMessage(ref contract);
                    break;
            }
        }

        return !reader.Failed
            && TryReadResponse(response)
            && TryReadContractId(contract, out Parts.ContractName, out Parts.ContractVersion);
    }

    private bool TryReadResponse(Slice message)
    {
        int status = 0;
        Slice text = default;
        Slice payload = default;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryInt32(out status);
            else if (reader.Field == 2)
                reader.TryText(out text);
            else if (reader.Field == 3)
                reader.TryBytes(out payload);
        }

        Parts.Response = new DecodedResponse(status, text, payload);
        return !reader.Failed;
    }

    private readonly string? ContractFault(Slice headerName)
    {
        if (headerName.IsEmpty)
            return "the name of the contract is empty";
        if (!headerName.Of(_bytes).SequenceEqual(Parts.ContractName.Of(_bytes)))
            return "the header and the endorsed action name different contracts";

        return Parts.ContractVersion.IsEmpty ? "the version of the contract is empty" : null;
    }

    // Present but empty is an event without a name, and refused like one.
    private bool TryReadEvent()
    {
        if (!Parts.Events.IsPresent)
            return true;

        Slice contract = default;
        Slice txId = default;
        Slice name = default;
        Slice payload = default;
        WireReader reader = WireReader.Inside(_bytes, Parts.Events);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryText(out contract);
            else if (reader.Field == 2)
                reader.TryText(out txId);
            else if (reader.Field == 3)
                reader.TryText(out name);
            else if (reader.Field == 4)
                reader.TryBytes(out payload);
        }

        Parts.Event = new DecodedEvent(contract, txId, name, payload);
        return !reader.Failed && contract.Of(_bytes).SequenceEqual(Parts.ContractName.Of(_bytes));
    }
}

using Node.Protocol.Wire.Common;

namespace Node.Protocol.Decoding;

/// <summary>Walks an encoded Proposal, one level of messages per method.</summary>
internal ref struct ProposalReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public DecodedHeader Header;
    public DecodedProposal.ProposalParts Parts;

    /// <summary>Null when everything was read and is well formed.</summary>
    public string? Read()
    {
        if (!TryReadProposal())
            return "the proposal cannot be read";
        if (!DecodedHeader.TryRead(_bytes, Parts.Header, out Header))
            return "a header of the proposal cannot be read";
        if (FaultOfHeader() is { } headerFault)
            return headerFault;
        if (!TryReadExtension())
            return "the extension of the channel header cannot be read";
        if (Parts.ContractName.IsEmpty)
            return "the proposal names no contract";

        return TryReadPayload(out Slice invocation) && TryReadInvocation(invocation)
            ? null
            : $"the call inside of the proposal cannot be read, or has more than {Limits.ArgumentsMax} arguments";
    }

    private readonly string? FaultOfHeader()
    {
        if ((HeaderType)Header.Type is not (HeaderType.EndorserTransaction or HeaderType.Config))
            return $"the header type {Header.Type} is not that of a proposal, ENDORSER_TRANSACTION";
        if (Header.Epoch != 0)
            return $"the epoch is {Header.Epoch} instead of 0";
        if (Header.Nonce.IsEmpty)
            return "the nonce is missing";
        if (Header.Creator.IsEmpty)
            return "the creator is missing";

        return TxId.Matches(Header.TxId.Of(_bytes), Header.Nonce.Of(_bytes), Header.Creator.Of(_bytes))
            ? null
            : "the transaction id is not the digest of nonce and creator";
    }

    private bool TryReadProposal()
    {
        var reader = new WireReader(_bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out Parts.Header);
            else if (reader.Field == 2)
                reader.TryBytes(out Parts.Payload);
        }

        return !reader.Failed;
    }

    private bool TryReadExtension()
    {
        Slice contract = default;
        WireReader reader = WireReader.Inside(_bytes, Header.Extension);
        while (reader.Next())
        {
            if (reader.Field == 2)
                reader.TryMessage(ref contract);
        }

        if (reader.Failed)
            return false;

        reader = WireReader.Inside(_bytes, contract);
        while (reader.Next())
        {
            if (reader.Field is 1 or 3)
                reader.TryText(out _);   // Path and version: the committed definition knows them.
            else if (reader.Field == 2)
                reader.TryText(out Parts.ContractName);
        }

        return !reader.Failed;
    }

    // A ChaincodeProposalPayload.
    private bool TryReadPayload(out Slice invocation)
    {
        invocation = default;
        WireReader reader = WireReader.Inside(_bytes, Parts.Payload);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out invocation);
            else if (reader.Field == 2 && reader.TryBytes(out Slice entry) && !TryReadTransient(entry))
                reader.Fail();
        }

        return !reader.Failed;
    }

    private bool TryReadTransient(Slice entry)
    {
        Slice name = default;
        Slice value = default;
        WireReader reader = WireReader.Inside(_bytes, entry);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryText(out name);
            else if (reader.Field == 2)
                reader.TryBytes(out value);
        }

        if (reader.Failed || Parts.Transient.Count == Limits.ArgumentsMax)
            return false;

        Parts.Transient.Add(new DecodedTransient(name, value));
        return true;
    }

    // A ChaincodeInvocationSpec holds a ChaincodeSpec holds a ChaincodeInput.
    private bool TryReadInvocation(Slice message) =>
        TryFindMessage(message, field: 1, out Slice spec)
        && TryFindMessage(spec, field: 3, out Slice input)
        && TryReadInput(input);

    private readonly bool TryFindMessage(Slice message, int field, out Slice found)
    {
        found = default;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == field)
                reader.TryMessage(ref found);
        }

        return !reader.Failed && found.IsPresent;
    }

    private bool TryReadInput(Slice message)
    {
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1 && reader.TryBytes(out Slice argument))
            {
                if (Parts.Arguments.Count == Limits.ArgumentsMax)
                    return false;

                Parts.Arguments.Add(argument);
            }
            else if (reader.Field == 3)
            {
                reader.TryBool(out Parts.IsInit);
            }
        }

        return !reader.Failed;
    }
}

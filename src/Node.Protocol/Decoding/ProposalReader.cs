using Node.Protocol.Wire.Common;

namespace Node.Protocol.Decoding;

/// <summary>Walks an encoded Proposal, one level of messages per method.</summary>
internal ref struct ProposalReader(ReadOnlySpan<byte> bytes)
{
    // One too many is kept, to tell that there were too many.
    private const int GatheredMax = Limits.ArgumentsMax + 1;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public DecodedHeader Header;
    public DecodedProposal.ProposalParts Parts;

    /// <summary>Null when everything was read and is well formed.</summary>
    public string? Read()
    {
        string? fault = ReadHeader() ?? ReadPayload();
        if (fault is null)
            Parts.HeaderFault = FaultOfHeader();
        return fault;
    }

    private string? ReadHeader()
    {
        if (!TryReadProposal())
            return "the proposal is no protobuf message";
        if (!DecodedHeader.TryRead(_bytes, Parts.Header, out Header))
            return "the proposal's header cannot be decoded";
        if (!Header.ChannelId.IsEmpty
            && !ChannelId.TryParse(Header.ChannelId.Of(_bytes), out Parts.Channel, out string? fault))
            return fault;
        if (!TryReadExtension())
            return "the chaincode header extension cannot be decoded";

        return Parts.ContractName.Length is 0 or > Limits.NamespaceBytesMax
            ? $"the proposal names no contract: ChaincodeHeaderExtension.ChaincodeId.Name has 1 to "
                + $"{Limits.NamespaceBytesMax} bytes, this one has {Parts.ContractName.Length}"
            : null;
    }

    private string? ReadPayload()
    {
        if (!TryReadProposalPayload(out Slice invocation))
            return "the chaincode proposal payload cannot be decoded";
        if (Parts.Transient.Count > Limits.ArgumentsMax)
            return $"the call inside of the proposal has more than the {Limits.ArgumentsMax} transient inputs that are "
                + "accepted";
        if (!TryReadInvocation(invocation))
            return "the call inside of the proposal, a chaincode invocation spec, cannot be decoded";

        return Parts.Arguments.Count switch
        {
            0 => "the call inside of the proposal has no arguments; the first one is the function",
            > Limits.ArgumentsMax => "the call inside of the proposal has more than the "
                + $"{Limits.ArgumentsMax} arguments that are accepted",
            _ => null,
        };
    }

    private readonly string? FaultOfHeader()
    {
        // Fabric's tools send CONFIG for some calls of system contracts.
        if ((HeaderType)Header.Type is not (HeaderType.EndorserTransaction or HeaderType.Config))
            return $"invalid header type {Header.Type}; a proposal has type {(int)HeaderType.EndorserTransaction}";
        if (Header.Epoch != 0)
            return $"epoch is non-zero: {Header.Epoch}";
        if (Header.Nonce.IsEmpty)
            return "nonce is empty";
        if (Header.Creator.IsEmpty)
            return "creator is empty";

        ReadOnlySpan<byte> nonce = Header.Nonce.Of(_bytes);
        ReadOnlySpan<byte> creator = Header.Creator.Of(_bytes);
        return TxId.Matches(Header.TxId.Of(_bytes), nonce, creator)
            ? null
            : $"incorrectly computed txid; expected {TxId.Compute(nonce, creator)}, the SHA-256 of nonce and creator";
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
    private bool TryReadProposalPayload(out Slice invocation)
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

        if (Parts.Transient.Count < GatheredMax)
            Parts.Transient.Add(new DecodedTransient(name, value));
        return !reader.Failed;
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

        return !reader.Failed;
    }

    private bool TryReadInput(Slice message)
    {
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 3)
                reader.TryBool(out Parts.IsInit);
            else if (reader.Field == 1 && reader.TryBytes(out Slice argument) && Parts.Arguments.Count < GatheredMax)
                Parts.Arguments.Add(argument);
        }

        return !reader.Failed;
    }
}

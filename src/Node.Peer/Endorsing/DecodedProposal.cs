using System.Diagnostics.CodeAnalysis;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Peer.Endorsing;

/// <summary>A proposal taken apart once. Everything in it is a slice of the bytes that were signed.</summary>
/// <remarks>Its form is checked; signature, membership and transaction id are not.</remarks>
internal sealed class DecodedProposal
{
    // One too many is kept, to tell that there were too many.
    private const int ArgumentsKeptMax = Limits.ArgumentsMax + 1;

    private readonly List<ReadOnlyMemory<byte>> _arguments = [];
    private Dictionary<string, ReadOnlyMemory<byte>>? _transient;

    private DecodedProposal(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    /// <summary>What the client signed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public ReadOnlyMemory<byte> ChannelHeader { get; private set; }

    public ReadOnlyMemory<byte> SignatureHeader { get; private set; }

    /// <summary>The encoded ChaincodeProposalPayload, transient map included.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    public int Type { get; private set; }

    public WireTimestamp Timestamp { get; private set; }

    /// <summary>None for calls of system contracts outside of any channel.</summary>
    public ChannelId Channel { get; private set; }

    /// <summary>As the client wrote it, UTF-8.</summary>
    public ReadOnlyMemory<byte> TxIdText { get; private set; }

    public ulong Epoch { get; private set; }

    public ReadOnlyMemory<byte> Creator { get; private set; }

    public ReadOnlyMemory<byte> Nonce { get; private set; }

    /// <summary>The contract that is called, not empty.</summary>
    public string Contract { get; private set; } = "";

    /// <summary>The function first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments => _arguments;

    public bool IsInit { get; private set; }

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient =>
        _transient ?? (IReadOnlyDictionary<string, ReadOnlyMemory<byte>>)EmptyTransient.Instance;

    public static bool TryDecode(
        ReadOnlyMemory<byte> bytes,
        [NotNullWhen(true)] out DecodedProposal? proposal,
        [NotNullWhen(false)] out string? fault)
    {
        proposal = new DecodedProposal(bytes);
        fault = proposal.Read();
        if (fault is not null)
            proposal = null;
        return proposal is not null;
    }

    private string? Read()
    {
        if (Bytes.Length > Limits.ProposalBytesMax)
            return $"the proposal has {Bytes.Length} bytes; at most {Limits.ProposalBytesMax} are accepted";

        Slice header = default;
        Slice payload = default;
        var reader = new WireReader(Bytes.Span);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out header);
            else if (reader.Field == 2)
                reader.TryBytes(out payload);
        }

        if (reader.Failed)
            return "the proposal is no protobuf message";

        Payload = payload.Of(Bytes);
        return ReadHeader(header) ?? ReadPayload(payload);
    }

    private string? ReadHeader(Slice header)
    {
        Slice channelHeader = default;
        Slice signatureHeader = default;
        WireReader reader = WireReader.Inside(Bytes.Span, header);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out channelHeader);
            else if (reader.Field == 2)
                reader.TryBytes(out signatureHeader);
        }

        if (reader.Failed)
            return "the proposal's header cannot be decoded";

        ChannelHeader = channelHeader.Of(Bytes);
        SignatureHeader = signatureHeader.Of(Bytes);
        return ReadChannelHeader(channelHeader) ?? ReadSignatureHeader(signatureHeader);
    }

    private string? ReadChannelHeader(Slice header)
    {
        Slice timestamp = default;
        Slice channel = default;
        Slice txId = default;
        Slice extension = default;
        int type = 0;
        ulong epoch = 0;
        WireReader reader = WireReader.Inside(Bytes.Span, header);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reader.TryInt32(out type); break;
                case 3: reader.TryMessage(ref timestamp); break;
                case 4: reader.TryText(out channel); break;
                case 5: reader.TryText(out txId); break;
                case 6: reader.TryUInt64(out epoch); break;
                case 7: reader.TryBytes(out extension); break;
                default: break;
            }
        }

        if (reader.Failed || !TryReadTimestamp(timestamp))
            return "the proposal's channel header cannot be decoded";

        Type = type;
        Epoch = epoch;
        TxIdText = txId.Of(Bytes);
        return ReadChannel(channel) ?? ReadExtension(extension);
    }

    private string? ReadChannel(Slice channel)
    {
        if (channel.IsEmpty)
            return null;
        if (!ChannelId.TryParse(channel.Of(Bytes.Span), out ChannelId id, out string? fault))
            return fault;

        Channel = id;
        return null;
    }

    private bool TryReadTimestamp(Slice timestamp)
    {
        long seconds = 0;
        int nanos = 0;
        WireReader reader = WireReader.Inside(Bytes.Span, timestamp);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryInt64(out seconds);
            else if (reader.Field == 2)
                reader.TryInt32(out nanos);
        }

        Timestamp = new WireTimestamp(seconds, nanos);
        return !reader.Failed;
    }

    private string? ReadExtension(Slice extension)
    {
        Slice contract = default;
        WireReader reader = WireReader.Inside(Bytes.Span, extension);
        while (reader.Next())
        {
            if (reader.Field == 2)
                reader.TryMessage(ref contract);
        }

        Slice name = default;
        WireReader idReader = WireReader.Inside(Bytes.Span, contract);
        while (idReader.Next())
        {
            if (idReader.Field == 2)
                idReader.TryText(out name);
        }

        if (reader.Failed || idReader.Failed)
            return "the chaincode header extension cannot be decoded";
        if (name.IsEmpty || name.Length > Limits.NamespaceBytesMax)
            return $"ChaincodeHeaderExtension.ChaincodeId.Name has 1 to {Limits.NamespaceBytesMax} bytes, "
                + $"this one has {name.Length}";

        Contract = System.Text.Encoding.UTF8.GetString(name.Of(Bytes.Span));
        return null;
    }

    private string? ReadSignatureHeader(Slice header)
    {
        Slice creator = default;
        Slice nonce = default;
        WireReader reader = WireReader.Inside(Bytes.Span, header);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out creator);
            else if (reader.Field == 2)
                reader.TryBytes(out nonce);
        }

        Creator = creator.Of(Bytes);
        Nonce = nonce.Of(Bytes);
        return reader.Failed ? "the proposal's signature header cannot be decoded" : null;
    }

    private string? ReadPayload(Slice payload)
    {
        Slice input = default;
        WireReader reader = WireReader.Inside(Bytes.Span, payload);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out input);
            else if (reader.Field == 2 && reader.TryBytes(out Slice entry) && !TryReadTransient(entry))
                reader.Fail();
        }

        if (reader.Failed)
            return "the chaincode proposal payload cannot be decoded";

        // ChaincodeInvocationSpec 1 → ChaincodeSpec 3 → ChaincodeInput.
        return TryFindMessage(input, field: 1, out Slice spec)
            && TryFindMessage(spec, field: 3, out Slice chaincodeInput)
            && TryReadInput(chaincodeInput)
            ? FaultOfInput()
            : "the chaincode invocation spec cannot be decoded";
    }

    private string? FaultOfInput() => _arguments.Count switch
    {
        0 => "the proposal has no arguments; the first one is the function",
        > Limits.ArgumentsMax => $"the proposal has more than the {Limits.ArgumentsMax} arguments that are accepted",
        _ => null,
    };

    private bool TryFindMessage(Slice outer, int field, out Slice message)
    {
        message = default;
        WireReader reader = WireReader.Inside(Bytes.Span, outer);
        while (reader.Next())
        {
            if (reader.Field == field)
                reader.TryMessage(ref message);
        }

        return !reader.Failed;
    }

    private bool TryReadInput(Slice input)
    {
        bool isInit = false;
        WireReader reader = WireReader.Inside(Bytes.Span, input);
        while (reader.Next())
        {
            if (reader.Field == 3)
                reader.TryBool(out isInit);
            else if (reader.Field == 1 && reader.TryBytes(out Slice argument) && _arguments.Count < ArgumentsKeptMax)
                _arguments.Add(argument.Of(Bytes));
        }

        IsInit = isInit;
        return !reader.Failed;
    }

    private bool TryReadTransient(Slice entry)
    {
        Slice key = default;
        Slice value = default;
        WireReader reader = WireReader.Inside(Bytes.Span, entry);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryText(out key);
            else if (reader.Field == 2)
                reader.TryBytes(out value);
        }

        _transient ??= new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        if (_transient.Count < Limits.ArgumentsMax)
            _transient[System.Text.Encoding.UTF8.GetString(key.Of(Bytes.Span))] = value.Of(Bytes);
        return !reader.Failed;
    }

    private static class EmptyTransient
    {
        public static readonly Dictionary<string, ReadOnlyMemory<byte>> Instance = new(StringComparer.Ordinal);
    }
}

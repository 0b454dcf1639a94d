using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;

namespace Node.Protocol.Decoding;

/// <summary>A private input of a proposal: seen by the contract, never hashed, never on the ledger.</summary>
public readonly record struct DecodedTransient(Slice Name, Slice Value);

/// <summary>
/// A proposal, decoded once by the peer that receives it; what is hashed stays the bytes that travelled.
/// </summary>
/// <remarks>
/// Immutable; any thread. All parts are slices of <see cref="Bytes"/>. Holding one means that its form is good: every
/// message inside can be read, and channel, contract and arguments keep to their limits. What its headers say is
/// judged by <see cref="HeaderFault"/>; its signature, time and rights are not checked here.
/// </remarks>
public sealed class DecodedProposal
{
    private readonly DecodedHeader _header;
    private readonly ProposalParts _parts;

    private DecodedProposal(
        ReadOnlyMemory<byte> bytes, in DecodedHeader header, in ProposalParts parts,
        ReadOnlyMemory<byte> strippedPayload)
    {
        Bytes = bytes;
        _header = header;
        _parts = parts;
        StrippedPayload = strippedPayload;
        ContractName = Encoding.UTF8.GetString(parts.ContractName.Of(bytes.Span));
    }

    /// <summary>What the client signed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What endorsers sign as the proposal hash. Computed on each call: an evaluation needs none.</summary>
    public Hash32 Hash => ProposalHash.Of(ChannelHeader.Span, SignatureHeader.Span, StrippedPayload.Span);

    /// <summary>
    /// Why nobody may answer it: type, epoch, nonce, creator or transaction id is not a proposal's. Null when all are.
    /// </summary>
    /// <remarks>Apart from the form, because an endorser says first that it does not know the channel.</remarks>
    public string? HeaderFault => _parts.HeaderFault;

    /// <summary>The payload without transient inputs, as it goes into the transaction.</summary>
    public ReadOnlyMemory<byte> StrippedPayload { get; }

    /// <summary>The encoded common.Header, as it goes into the transaction.</summary>
    public ReadOnlyMemory<byte> Header => _parts.Header.Of(Bytes);

    public ReadOnlyMemory<byte> ChannelHeader => _header.ChannelHeader.Of(Bytes);

    public ReadOnlyMemory<byte> SignatureHeader => _header.SignatureHeader.Of(Bytes);

    public ReadOnlyMemory<byte> Creator => _header.Creator.Of(Bytes);

    public ReadOnlyMemory<byte> Nonce => _header.Nonce.Of(Bytes);

    /// <summary>
    /// Where there is no <see cref="HeaderFault"/>, ENDORSER_TRANSACTION, or CONFIG, as tools write it on calls of
    /// system contracts.
    /// </summary>
    public HeaderType Type => (HeaderType)_header.Type;

    /// <summary>Null when the header has none.</summary>
    public WireTimestamp? Timestamp => _header.HasTimestamp ? _header.Timestamp : null;

    /// <summary>None for calls outside of any channel.</summary>
    public ChannelId Channel => _parts.Channel;

    public ReadOnlyMemory<byte> TlsCertHash => _header.TlsCertHash.Of(Bytes);

    /// <summary>Only of a proposal without <see cref="HeaderFault"/>. Allocates on each call.</summary>
    public TxId TxId
    {
        get
        {
            bool parsed = TxId.TryParse(_header.TxId.Of(Bytes.Span), out TxId id, out string? fault);
            Invariant.Require(parsed, fault ?? "");
            return id;
        }
    }

    /// <summary>Has 1 to <see cref="Limits.NamespaceBytesMax"/> bytes.</summary>
    public string ContractName { get; }

    /// <summary>
    /// The function first, then what it is given: 1 to <see cref="Limits.ArgumentsMax"/> arguments.
    /// </summary>
    public ReadOnlySpan<Slice> Arguments => _parts.Arguments.All;

    /// <summary>The call initialises the contract instead of invoking it.</summary>
    public bool IsInit => _parts.IsInit;

    /// <summary>In the order of the proposal; of two with one name the last counts.</summary>
    public ReadOnlySpan<DecodedTransient> Transient => _parts.Transient.All;

    public ReadOnlyMemory<byte> MemoryOf(Slice slice) => slice.Of(Bytes);

    /// <param name="bytes">SignedProposal.proposal_bytes.</param>
    /// <param name="fault">A phrase for the client.</param>
    public static bool TryDecode(
        ReadOnlyMemory<byte> bytes,
        [NotNullWhen(true)] out DecodedProposal? proposal,
        [NotNullWhen(false)] out string? fault)
    {
        proposal = null;
        if (bytes.Length > Limits.ProposalBytesMax)
        {
            fault = $"the proposal has {bytes.Length} bytes, at most {Limits.ProposalBytesMax} are accepted";
            return false;
        }

        var reader = new ProposalReader(bytes.Span);
        fault = reader.Read();
        if (fault is not null)
            return false;
        if (!ProposalPayloadBytes.TryStrip(
            reader.Parts.Payload.Of(bytes), out ReadOnlyMemory<byte> stripped, out fault))
            return false;

        proposal = new DecodedProposal(bytes, reader.Header, reader.Parts, stripped);
        return true;
    }

    internal struct ProposalParts
    {
        public Slice Header;
        public Slice Payload;
        public string? HeaderFault;
        public ChannelId Channel;
        public Slice ContractName;
        public Gathered<Slice> Arguments;
        public bool IsInit;
        public Gathered<DecodedTransient> Transient;
    }
}

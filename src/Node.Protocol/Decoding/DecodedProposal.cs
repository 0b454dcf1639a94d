using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;

namespace Node.Protocol.Decoding;

/// <summary>A private input of a proposal: seen by the contract, never hashed, never on the ledger.</summary>
public readonly record struct DecodedTransient(Slice Name, Slice Value);

/// <summary>A proposal, decoded once by the endorser; what is hashed stays the bytes that travelled.</summary>
/// <remarks>
/// Immutable; any thread. All parts are slices of <see cref="Bytes"/>. Holding one means that it is well formed: type,
/// epoch,
/// nonce, creator, transaction id and contract name are good. Its signature, time and rights are not checked here.
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
        Hash = ProposalHash.Of(ChannelHeader.Span, SignatureHeader.Span, strippedPayload.Span);
    }

    /// <summary>What the client signed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What endorsers sign as the proposal hash.</summary>
    public Hash32 Hash { get; }

    /// <summary>The payload without transient inputs, as it goes into the transaction.</summary>
    public ReadOnlyMemory<byte> StrippedPayload { get; }

    /// <summary>The encoded common.Header, as it goes into the transaction.</summary>
    public ReadOnlyMemory<byte> Header => _parts.Header.Of(Bytes);

    public ReadOnlyMemory<byte> ChannelHeader => _header.ChannelHeader.Of(Bytes);

    public ReadOnlyMemory<byte> SignatureHeader => _header.SignatureHeader.Of(Bytes);

    public ReadOnlyMemory<byte> Creator => _header.Creator.Of(Bytes);

    public ReadOnlyMemory<byte> Nonce => _header.Nonce.Of(Bytes);

    /// <summary>ENDORSER_TRANSACTION, or CONFIG, as tools write it on calls of system contracts.</summary>
    public HeaderType Type => (HeaderType)_header.Type;

    /// <summary>Null when the header has none.</summary>
    public WireTimestamp? Timestamp => _header.HasTimestamp ? _header.Timestamp : null;

    /// <summary>Empty for calls outside of any channel.</summary>
    public ReadOnlyMemory<byte> ChannelIdUtf8 => _header.ChannelId.Of(Bytes);

    public ReadOnlyMemory<byte> TlsCertHash => _header.TlsCertHash.Of(Bytes);

    /// <summary>Allocates on each call.</summary>
    public TxId TxId
    {
        get
        {
            bool parsed = TxId.TryParse(_header.TxId.Of(Bytes.Span), out TxId id, out string? fault);
            Invariant.Require(parsed, fault ?? "");
            return id;
        }
    }

    public ReadOnlyMemory<byte> ContractNameUtf8 => _parts.ContractName.Of(Bytes);

    /// <summary>Allocates on each call.</summary>
    public string ContractName => Encoding.UTF8.GetString(ContractNameUtf8.Span);

    /// <summary>The function first, then what it is given.</summary>
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

    public bool TryGetChannelId(out ChannelId id, [NotNullWhen(false)] out string? fault) =>
        ChannelId.TryParse(ChannelIdUtf8.Span, out id, out fault);

    internal struct ProposalParts
    {
        public Slice Header;
        public Slice Payload;
        public Slice ContractName;
        public Gathered<Slice> Arguments;
        public bool IsInit;
        public Gathered<DecodedTransient> Transient;
    }
}

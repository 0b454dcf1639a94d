using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Node.Protocol.Decoding;

/// <summary>One signature of an endorser. It signs the proposal response payload followed by the endorser.</summary>
public readonly record struct DecodedEndorsement(Slice Endorser, Slice Signature);

/// <summary>An event that a contract set.</summary>
public readonly record struct DecodedEvent(Slice ContractName, Slice TxId, Slice Name, Slice Payload);

/// <summary>What the contract answered.</summary>
public readonly record struct DecodedResponse(int Status, Slice Message, Slice Payload);

/// <summary>An endorser transaction, decoded once for signature check, policy, version check and commit.</summary>
/// <remarks>
/// Immutable; any thread. All parts are slices of <see cref="Bytes"/>, the bytes of the envelope. Holding one means
/// that
/// checks 6, 7 and 11 to 15 of block validation passed (those that need nothing but the bytes).
/// </remarks>
public sealed class DecodedTransaction
{
    private readonly TransactionParts _parts;

    private DecodedTransaction(DecodedEnvelope envelope, in TransactionParts parts, DecodedReadWriteSet readWriteSet)
    {
        Envelope = envelope;
        _parts = parts;
        ReadWriteSet = readWriteSet;
    }

    public DecodedEnvelope Envelope { get; }

    public ReadOnlyMemory<byte> Bytes => Envelope.Bytes;

    public DecodedReadWriteSet ReadWriteSet { get; }

    /// <summary>The signature header of the proposal, which is hashed; clients repeat the envelope's.</summary>
    public ReadOnlyMemory<byte> ActionHeader => _parts.ActionHeader.Of(Bytes);

    /// <summary>The proposal's payload without its transient map.</summary>
    public ReadOnlyMemory<byte> ProposalPayload => _parts.ProposalPayload.Of(Bytes);

    /// <summary>What endorsers signed, in front of their identity.</summary>
    public ReadOnlyMemory<byte> ProposalResponsePayload => _parts.ResponsePayload.Of(Bytes);

    public ReadOnlyMemory<byte> ProposalHash => _parts.ProposalHash.Of(Bytes);

    /// <summary>The encoded TxReadWriteSet.</summary>
    public ReadOnlyMemory<byte> Results => _parts.Results.Of(Bytes);

    /// <summary>The encoded ChaincodeEvent; empty if the contract set none.</summary>
    public ReadOnlyMemory<byte> EventBytes => _parts.Events.Of(Bytes);

    /// <summary>Null if the contract set none.</summary>
    public DecodedEvent? Event => _parts.Events.IsPresent ? _parts.Event : null;

    public DecodedResponse Response => _parts.Response;

    /// <summary>The contract that was called. Header and action agree on it.</summary>
    public ReadOnlyMemory<byte> ContractNameUtf8 => _parts.ContractName.Of(Bytes);

    public ReadOnlyMemory<byte> ContractVersionUtf8 => _parts.ContractVersion.Of(Bytes);

    /// <summary>Allocates; the hot path compares <see cref="ContractNameUtf8"/>.</summary>
    public string ContractName => Encoding.UTF8.GetString(ContractNameUtf8.Span);

    /// <summary>Allocates.</summary>
    public string ContractVersion => Encoding.UTF8.GetString(ContractVersionUtf8.Span);

    /// <summary>In the order of the transaction; the same endorser may be there twice.</summary>
    public ReadOnlySpan<DecodedEndorsement> Endorsements => _parts.Endorsements.All;

    /// <summary>The id, which is the digest of nonce and creator.</summary>
    public TxId TxId => TxIdOf(Envelope);

    public ReadOnlySpan<byte> Of(Slice slice) => slice.Of(Bytes.Span);

    public ReadOnlyMemory<byte> MemoryOf(Slice slice) => slice.Of(Bytes);

    /// <summary>Decodes an envelope of type ENDORSER_TRANSACTION whose creator has been checked.</summary>
    /// <param name="fault">
    /// Of stage <see cref="DecodeStage.Transaction"/>, or of <see cref="DecodeStage.Content"/>: then the id is good,
    /// and a
    /// duplicate id takes precedence.
    /// </param>
    public static bool TryDecode(
        DecodedEnvelope envelope, [NotNullWhen(true)] out DecodedTransaction? transaction, out DecodeFault fault)
    {
        transaction = null;
        var reader = new TransactionReader(envelope);
        if (!reader.TryReadTransaction(out fault) || !reader.TryReadContent(out DecodedReadWriteSet? set, out fault))
            return false;

        transaction = new DecodedTransaction(envelope, reader.Parts, set);
        return true;
    }

    private static TxId TxIdOf(DecodedEnvelope envelope)
    {
        bool parsed = envelope.TryGetTxId(out TxId id, out string? fault);
        Invariant.Require(parsed, fault ?? "");
        return id;
    }

    internal struct TransactionParts
    {
        public Slice ActionHeader;
        public Slice ProposalPayload;
        public Slice ResponsePayload;
        public Slice ProposalHash;
        public Slice Action;
        public Slice Results;
        public Slice Events;
        public DecodedEvent Event;
        public DecodedResponse Response;
        public Slice ContractName;
        public Slice ContractVersion;
        public Gathered<DecodedEndorsement> Endorsements;
    }
}

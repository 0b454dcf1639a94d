using System.Buffers;
using System.Text;
using Node.Hosting.Renewing;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Validating;

/// <summary>
/// The part of block validation that costs: decodes one transaction and verifies its creator's and its endorsers'
/// signatures (wire reference B14, checks 1 to 9 and 11 to 15, and the signatures of 17).
/// </summary>
/// <remarks>
/// Pure: bytes and a configuration in, verdict out, so any number of threads verify any transactions in any order.
/// Expiry plays no part: a block of the past stays valid.
/// </remarks>
internal sealed class TransactionVerifier
{
    // Invariant: every element is null between calls.
    [ThreadStatic]
    private static Identity?[]? t_seen;

    private readonly byte[] _channel;
    private readonly NodeIdentity? _self;
    private readonly OwnSignatures _ownSignatures;

    /// <param name="self">Whose signatures <paramref name="ownSignatures"/> holds; null for nobody's.</param>
    public TransactionVerifier(ChannelId channel, NodeIdentity? self, OwnSignatures ownSignatures)
    {
        _channel = Encoding.UTF8.GetBytes(channel.Value);
        _self = self;
        _ownSignatures = ownSignatures;
    }

    /// <param name="bytes">The envelope as it lies in the block. The result slices it.</param>
    public VerifiedTransaction Verify(ReadOnlyMemory<byte> bytes, ChannelConfig config)
    {
        if (!DecodedEnvelope.TryDecodeInBlock(bytes, out DecodedEnvelope? envelope, out DecodeFault fault))
            return VerifiedTransaction.Invalid(fault.Code, envelope: null);

        if (!config.TryResolve(envelope.Creator.Span, out Identity? creator, out _)
            || !creator.Verify(envelope.Payload.Span, envelope.Signature.Span))
            return VerifiedTransaction.Invalid(TxValidationCode.BadCreatorSignature, envelope);

        return envelope.Type switch
        {
            HeaderType.EndorserTransaction => VerifyEndorsed(envelope, config),
            HeaderType.Config => VerifyConfig(envelope),
            HeaderType.ConfigUpdate => VerifiedTransaction.Invalid(TxValidationCode.UnsupportedTxPayload, envelope),
            _ => VerifiedTransaction.Invalid(TxValidationCode.UnknownTxType, envelope),
        };
    }

    private bool IsForThisChannel(DecodedEnvelope envelope) => envelope.ChannelIdUtf8.Span.SequenceEqual(_channel);

    // Whether the configuration applies is decided in order, by the commit loop.
    private VerifiedTransaction VerifyConfig(DecodedEnvelope envelope)
    {
        TxValidationCode code = !IsForThisChannel(envelope) ? TxValidationCode.TargetChainNotFound
            : envelope.Data.IsEmpty ? TxValidationCode.InvalidConfigTransaction
            : TxValidationCode.Valid;
        return VerifiedTransaction.Invalid(code, envelope);
    }

    private VerifiedTransaction VerifyEndorsed(DecodedEnvelope envelope, ChannelConfig config)
    {
        if (!DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out DecodeFault fault)
            && fault.Stage != DecodeStage.Content)
            return VerifiedTransaction.Invalid(fault.Code, envelope);

        // Between the shape of a transaction and its content stand the channel and duplicates.
        if (!IsForThisChannel(envelope))
            return VerifiedTransaction.Invalid(TxValidationCode.TargetChainNotFound, envelope);

        if (transaction is null)
        {
            return new VerifiedTransaction(
                fault.Code, ReachedDuplicateCheck: true, envelope, Transaction: null, Endorsers: []);
        }

        Identity[] endorsers = VerifyEndorsers(transaction, config);
        return new VerifiedTransaction(
            TxValidationCode.Valid, ReachedDuplicateCheck: true, envelope, transaction, endorsers);
    }

    // Unknown and repeated endorsers are passed over before their signatures are looked at, as in Fabric.
    private Identity[] VerifyEndorsers(DecodedTransaction transaction, ChannelConfig config)
    {
        ReadOnlySpan<DecodedEndorsement> endorsements = transaction.Endorsements;
        ReadOnlySpan<byte> payload = transaction.ProposalResponsePayload.Span;
        int longest = 0;
        foreach (ref readonly DecodedEndorsement endorsement in endorsements)
            longest = Math.Max(longest, Math.Min(endorsement.Endorser.Length, Limits.IdentityBytesMax));

        byte[] message = ArrayPool<byte>.Shared.Rent(payload.Length + longest);
        payload.CopyTo(message);
        Identity?[] seen = t_seen ??= new Identity?[Limits.EndorsementsMax];
        int seenCount = 0;
        int verifiedCount = 0;
        var verified = new Identity[endorsements.Length];
        foreach (ref readonly DecodedEndorsement endorsement in endorsements)
        {
            ReadOnlySpan<byte> endorser = transaction.Of(endorsement.Endorser);
            if (endorser.Length > Limits.IdentityBytesMax
                || !config.TryResolve(endorser, out Identity? identity, out _)
                || IsAmong(seen.AsSpan(0, seenCount), identity))
                continue;

            seen[seenCount++] = identity;
            endorser.CopyTo(message.AsSpan(payload.Length));
            ReadOnlySpan<byte> signed = message.AsSpan(0, payload.Length + endorser.Length);
            if (IsSignature(identity, endorser, signed, transaction.Of(endorsement.Signature)))
                verified[verifiedCount++] = identity;
        }

        seen.AsSpan(0, seenCount).Clear();
        ArrayPool<byte>.Shared.Return(message);
        return verifiedCount == verified.Length ? verified : verified[..verifiedCount];
    }

    private bool IsSignature(
        Identity identity, ReadOnlySpan<byte> endorser, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) =>
        (_self is not null
            && endorser.SequenceEqual(_self.Current.Serialized.Span)
            && _ownSignatures.Contains(signed, signature))
        || identity.Verify(signed, signature);

    private static bool IsAmong(ReadOnlySpan<Identity?> seen, Identity identity)
    {
        foreach (Identity? other in seen)
        {
            if (ReferenceEquals(other, identity) || (other is not null && other.IsSameAs(identity)))
                return true;
        }

        return false;
    }
}

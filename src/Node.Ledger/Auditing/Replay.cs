using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger.Auditing;

/// <summary>
/// Takes a stored block through the commit path again, and compares what comes out with what is stored.
/// </summary>
internal static class Replay
{
    /// <param name="takesVersions">
    /// Whether read conflicts and phantoms are taken as they are stored, because older versions are not known.
    /// </param>
    /// <returns>Null when everything agrees.</returns>
    public static string? Run(ChannelLedger replay, BlockBytes stored, bool commitmentRequired, bool takesVersions)
    {
        ReadOnlyMemory<byte> filter = stored.Slot((int)BlockMetadataIndex.TransactionsFilter);
        if (filter.Length != stored.Envelopes.Length)
            return $"it has {filter.Length} validation codes for {stored.Envelopes.Length} envelopes";

        var verdicts = new TransactionVerdict[filter.Length];
        for (int index = 0; index < verdicts.Length; index++)
        {
            var code = (TxValidationCode)filter.Span[index];
            verdicts[index] = stored.Number == 0
                ? Take(stored.Envelopes[index], code)
                : Judge(stored.Envelopes[index], code, takesVersions);
        }

        CommitResult result = replay.Commit(new BlockToCommit(stored, verdicts, commitmentRequired));
        if (result.Refusal is { } refusal)
            return refusal.Reason;

        for (int index = 0; index < verdicts.Length; index++)
        {
            var code = (TxValidationCode)filter.Span[index];
            if (result.Codes[index] != code)
                return $"transaction {index} is stored as {code}, its checks give {result.Codes[index]}";
        }

        if (Storage.TipCheck.CommitHashOf(stored) is var found && found != result.CommitHash)
            return $"its commit hash is {found?.ToString() ?? "missing"}, its writes give {result.CommitHash}";

        return stored.Bytes.Span.SequenceEqual(result.Block.Span) ? null : "it is not stored in its own encoding";
    }

    public static bool CommitsToRoots(BlockBytes block) =>
        DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? signatures, out _)
        && signatures.TryGetRoots(out BlockRoots _, out _);

    // Block 0 is nobody's transaction: it has no creator and no signature, and a person chose it. Who else may be asked
    // about it is the authority.
    private static TransactionVerdict Take(ReadOnlyMemory<byte> bytes, TxValidationCode stored) =>
        DecodedEnvelope.TryDecode(bytes, out DecodedEnvelope? envelope, out _)
            ? new TransactionVerdict(stored, ReachedDuplicateCheck: false, envelope, Transaction: null)
            : new TransactionVerdict(
                TxValidationCode.BadPayload, ReachedDuplicateCheck: false, Envelope: null, Transaction: null);

    // Codes that depend on the ledger are decided again; the others are taken as they are stored.
    private static TransactionVerdict Judge(ReadOnlyMemory<byte> bytes, TxValidationCode stored, bool takesVersions)
    {
        if (!DecodedEnvelope.TryDecodeInBlock(bytes, out DecodedEnvelope? envelope, out DecodeFault fault))
            return new TransactionVerdict(fault.Code, ReachedDuplicateCheck: false, Envelope: null, Transaction: null);
        if (envelope.Type != HeaderType.EndorserTransaction)
            return new TransactionVerdict(stored, ReachedDuplicateCheck: false, envelope, Transaction: null);

        bool decoded = DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out fault);
        bool isBeforeDuplicates =
            stored is TxValidationCode.BadCreatorSignature or TxValidationCode.TargetChainNotFound;
        bool reached = (decoded || fault.Stage == DecodeStage.Content) && !isBeforeDuplicates;
        bool isTaken = !IsDecidedByLedger(stored) || (takesVersions && IsDecidedByVersions(stored));
        TxValidationCode code = isTaken ? stored
            : decoded ? TxValidationCode.Valid
            : fault.Code;
        return new TransactionVerdict(code, reached, envelope, transaction);
    }

    private static bool IsDecidedByLedger(TxValidationCode code) =>
        code is TxValidationCode.Valid or TxValidationCode.DuplicateTxid || IsDecidedByVersions(code);

    private static bool IsDecidedByVersions(TxValidationCode code) => code
        is TxValidationCode.MvccReadConflict
        or TxValidationCode.PhantomReadConflict
        or TxValidationCode.InvalidWriteset;
}

using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger;

/// <summary>What the checks that need no state found about one transaction.</summary>
/// <param name="Code">Valid, or why not. What depends on the ledger (duplicate, read conflict, phantom) is added at
/// commit.</param>
/// <param name="ReachedDuplicateCheck">
/// Of an endorser transaction: the checks in front of the duplicate check passed (creator's signature, id, shape,
/// channel), so the id is proven to be the creator's. A duplicate id then takes precedence over <paramref
/// name="Code"/>.
/// False for everything else, configuration transactions included.
/// </param>
/// <param name="Envelope">Null only when it cannot be decoded.</param>
/// <param name="Transaction">Present whenever an endorser transaction is valid so far.</param>
public readonly record struct TransactionVerdict(
    TxValidationCode Code, bool ReachedDuplicateCheck, DecodedEnvelope? Envelope, DecodedTransaction? Transaction);

/// <summary>A received block with one verdict for each envelope.</summary>
/// <remarks>Handed over: neither the block's bytes nor the verdicts change any more.</remarks>
public sealed class BlockToCommit
{
    public BlockToCommit(BlockBytes block, TransactionVerdict[] verdicts, bool commitmentRequired)
    {
        Invariant.Require(block.Envelopes.Length == verdicts.Length, "each envelope was judged once");
        Block = block;
        Verdicts = verdicts;
        CommitmentRequired = commitmentRequired;
    }

    public BlockBytes Block { get; }

    public TransactionVerdict[] Verdicts { get; }

    /// <summary>Refuse a block that does not commit to Merkle roots. False follows a Fabric orderer.</summary>
    public bool CommitmentRequired { get; }

    /// <summary>
    /// The next block is committed at once: this one may become durable with it. Nobody is told of it before.
    /// </summary>
    public bool IsFollowed { get; init; }
}

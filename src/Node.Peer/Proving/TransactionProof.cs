using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Ledger;
using Node.Peer.Delivering;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Peer.Proving;

/// <summary>
/// One transaction with all that this peer's ledger says about it: the statement that peers sign, and the receipt
/// around it.
/// </summary>
/// <remarks>Immutable; owned by the call that asked.</remarks>
internal sealed class TransactionProof
{
    private readonly ChannelLedger _ledger;
    private readonly BlockBytes _block;

    private TransactionProof(ChannelLedger ledger, BlockBytes block, ValidationStatement statement)
    {
        _ledger = ledger;
        _block = block;
        Statement = statement;
    }

    /// <summary>What this peer vouches for. Peers of equal ledgers build the same one.</summary>
    public ValidationStatement Statement { get; }

    /// <param name="fault">Why there can be no receipt of it.</param>
    /// <exception cref="LedgerCorruptException">The ledger's own block cannot be read.</exception>
    public static bool TryBuild(
        PeerChannel channel,
        TxId id,
        TransactionPosition position,
        [NotNullWhen(true)] out TransactionProof? proof,
        [NotNullWhen(false)] out string? fault)
    {
        proof = null;
        ChannelLedger ledger = channel.Ledger;
        BlockBytes block = SignedBlocks.Read(ledger, position.Block);
        if (block.Envelopes.IsEmpty)
        {
            fault = $"there is no receipt of transaction {id} from this peer: "
                + PrunedBlocks.Describe(ledger, position.Block);
            return false;
        }

        if (!DecodedEnvelope.TryDecodeInBlock(
                block.Envelopes[(int)position.Index], out DecodedEnvelope? envelope, out DecodeFault decoding)
            || envelope.Type != HeaderType.EndorserTransaction
            || !DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out decoding))
        {
            fault = $"transaction {id} carries a configuration or cannot be read, so there is nothing to give a " +
                "receipt of";
            return false;
        }

        if (!PoliciesInForce.TryFind(
            ledger, channel.Config, transaction, position.Block, out List<PolicyInForce>? policies, out fault))
        {
            fault = $"there is no receipt of transaction {id}: {fault}";
            return false;
        }

        var statement = new ValidationStatement
        {
            Channel = channel.Id,
            BlockNumber = block.Number,
            BlockHash = block.Hash,
            Index = position.Index,
            Count = (uint)block.Envelopes.Length,
            TransactionId = id,
            Code = (byte)position.Code,
            CommitHash = CommitHashOf(ledger, block),
            Policies = policies,
        };
        proof = new TransactionProof(ledger, block, statement);
        return true;
    }

    /// <summary>The receipt, still without attestations.</summary>
    /// <param name="fault">The channel has more configurations than a receipt may carry.</param>
    public bool TryToReceipt([NotNullWhen(true)] out Receipt? receipt, [NotNullWhen(false)] out string? fault)
    {
        receipt = null;
        List<ulong>? numbers = SignedBlocks.ConfigurationsAmong(
            _ledger, from: 0, _block.Number, Limits.ProofConfigurationsMax);
        if (numbers is null)
        {
            fault = $"there is no receipt of transaction {Statement.TransactionId}: the channel's configuration " +
                $"changed more often than a receipt can show ({Limits.ProofConfigurationsMax} times)";
            return false;
        }

        fault = null;
        receipt = ToReceipt();
        foreach (ulong number in numbers)
            receipt.Configurations.Add(Configuration(number));

        return true;
    }

    private Receipt ToReceipt()
    {
        var receipt = new Receipt
        {
            Block = SignedBlocks.Of(_block),
            Index = Statement.Index,
            Count = Statement.Count,
            Envelope = ByteString.CopyFrom(_block.Envelopes[(int)Statement.Index].Span),
            Code = Statement.Code,
            CommitHash = ByteString.CopyFrom(Statement.CommitHash.AsSpan()),
        };
        foreach (Hash32 hash in MerkleTree.OfLeaves(_block.Envelopes).ProveInclusion(Statement.Index, Statement.Count))
            receipt.Path.Add(ByteString.CopyFrom(hash.AsSpan()));

        foreach (PolicyInForce policy in Statement.Policies)
        {
            receipt.Policies.Add(new ContractPolicy
            {
                Contract = policy.Contract,
                Policy = ByteString.CopyFrom(policy.Policy.Span),
            });
        }

        return receipt;
    }

    private ConfigurationBlock Configuration(ulong number)
    {
        ConfigurationBlock configuration = SignedBlocks.WithConfiguration(SignedBlocks.Read(_ledger, number));
        foreach (Hash32 hash in _ledger.ProveInclusion(number, _block.Number))
            configuration.ChainPath.Add(ByteString.CopyFrom(hash.AsSpan()));

        return configuration;
    }

    private static Hash32 CommitHashOf(ChannelLedger ledger, BlockBytes block)
    {
        try
        {
            Metadata slot = Metadata.Parser.ParseFrom(block.Slot((int)BlockMetadataIndex.CommitHash).Span);
            if (Hash32.TryRead(slot.Value.Span, out Hash32 hash))
                return hash;
        }
        catch (InvalidProtocolBufferException)
        {
            // The same as a slot without a hash: the ledger's own block is not what was written.
        }

        throw new LedgerCorruptException("the block has no commit hash", ledger.Folder, block.Number);
    }
}

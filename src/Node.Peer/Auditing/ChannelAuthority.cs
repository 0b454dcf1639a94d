using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Ledger.Snapshots;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Policy = Node.Membership.Policy;

namespace Node.Peer.Auditing;

/// <summary>
/// Checks the signatures of a channel's blocks offline: the orderer's under the configuration in force, the creator's
/// and the endorsers' of every valid transaction. Follows the configuration from block to block.
/// </summary>
/// <remarks>
/// Whether the endorsers were enough is not decided again: that verdict stands in the block, under the peers' commit
/// hash. One owner, one thread at a time; the transactions of one block are checked in parallel.
/// </remarks>
public sealed class ChannelAuthority : ISnapshotAuthority
{
    private const string BlockValidation = "/Channel/Orderer/BlockValidation";

    private readonly Hash32? _genesisHash;
    private ChannelConfig? _config;

    /// <param name="genesisHash">The hash that block 0 must have; null takes the ledger's own word for it.</param>
    public ChannelAuthority(Hash32? genesisHash) => _genesisHash = genesisHash;

    /// <inheritdoc/>
    public ChannelId? Channel => _config?.Id;

    /// <inheritdoc/>
    public bool TryCheckSigner(
        SnapshotSignature signature,
        byte[] message,
        [NotNullWhen(true)] out string? organization,
        [NotNullWhen(false)] out string? fault)
    {
        organization = null;
        fault = "there was no block with a configuration";
        if (_config is not { } config || !config.TryResolve(signature.Identity.Span, out Identity? signer, out fault))
            return false;

        fault = !signer.Verify(message, signature.Signature.Span) ? $"the signature is not that of {signer}"
            : signer.Role is not (NodeRole.Peer or NodeRole.None)
                ? $"it is signed by {signer}, who is no peer but of role {signer.Role}"
            : config.ApplicationOrganizations.All(member => member.MspId != signer.MspId)
                ? $"it is signed by {signer}, whose organisation has no peers on the channel"
            : null;
        organization = fault is null ? signer.MspId.Value : null;
        return fault is null;
    }

    public bool TryCheck(BlockBytes block, [NotNullWhen(false)] out string? fault)
    {
        fault = block.Number == 0 ? FaultOfGenesis(block) : FaultOfBlock(block);
        return fault is null;
    }

    private string? FaultOfGenesis(BlockBytes block)
    {
        if (_genesisHash is { } expected && block.Hash != expected)
            return $"it has the hash {block.Hash}, the network's genesis block has {expected}";

        return ChannelConfig.TryFromConfigBlock(block.Bytes.Span, out _config, out string? fault) ? null : fault;
    }

    private string? FaultOfBlock(BlockBytes block)
    {
        if (_config is not { } config)
            return "there was no block 0 with a configuration before it";

        return FaultOfOrderer(block, config) ?? FaultOfTransactions(block, config) ?? FaultOfConfig(block, config);
    }

    private static string? FaultOfOrderer(BlockBytes block, ChannelConfig config)
    {
        if (!DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? slot, out string? fault))
            return fault;
        if (config.FindPolicy(BlockValidation) is not { } policy)
            return $"the channel has no policy {BlockValidation}";

        SignedBytes[] signed = new SignedBytes[slot.Signatures.Length];
        for (int index = 0; index < signed.Length; index++)
        {
            BlockSignature signature = slot.Signatures[index];
            byte[] message = slot.SignedBytes(signature, block.HeaderBytes.Span);
            signed[index] = new SignedBytes(message, signature.Creator, signature.Signature);
        }

        return IsSatisfied(policy, config, signed) ? null : $"its signatures do not satisfy {BlockValidation}";
    }

    private static bool IsSatisfied(Policy policy, ChannelConfig config, SignedBytes[] signed)
    {
        var signers = new Identity?[signed.Length];
        int count = SignatureSets.Verify(config, signed, signers);
        Identity[] verified = [.. signers.Take(count).OfType<Identity>()];
        return policy.IsSatisfiedBy(verified);
    }

    private static string? FaultOfTransactions(BlockBytes block, ChannelConfig config)
    {
        ReadOnlyMemory<byte> codes = block.Slot((int)BlockMetadataIndex.TransactionsFilter);
        ReadOnlyMemory<byte>[] envelopes = block.Envelopes.ToArray();
        var faults = new string?[envelopes.Length];
        Parallel.For(0, envelopes.Length, index =>
        {
            bool isValid = index < codes.Length && codes.Span[index] == (byte)TxValidationCode.Valid;
            faults[index] = isValid ? FaultOfTransaction(envelopes[index], config) : null;
        });
        int first = Array.FindIndex(faults, fault => fault is not null);
        return first < 0 ? null : $"transaction {first}: {faults[first]}";
    }

    private static string? FaultOfTransaction(ReadOnlyMemory<byte> bytes, ChannelConfig config)
    {
        if (!DecodedEnvelope.TryDecodeInBlock(bytes, out DecodedEnvelope? envelope, out DecodeFault decoding))
            return $"it is stored as valid and cannot be read ({decoding.Code})";
        if (!config.TryResolve(envelope.Creator.Span, out Identity? creator, out string? fault))
            return $"its creator is no member: {fault}";
        if (!creator.Verify(envelope.Payload.Span, envelope.Signature.Span))
            return $"the signature of its creator {creator.CommonName} is wrong";
        if (envelope.Type != HeaderType.EndorserTransaction)
            return null;
        if (!DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out decoding))
            return $"it is stored as valid and cannot be read ({decoding.Code})";

        return HasEndorser(transaction, config) ? null : "none of its endorsements is a member's right signature";
    }

    private static bool HasEndorser(DecodedTransaction transaction, ChannelConfig config)
    {
        var signed = new SignedBytes[transaction.Endorsements.Length];
        for (int index = 0; index < signed.Length; index++)
        {
            DecodedEndorsement endorsement = transaction.Endorsements[index];
            byte[] message =
                [.. transaction.ProposalResponsePayload.Span, .. transaction.Of(endorsement.Endorser)];
            signed[index] = new SignedBytes(
                message, transaction.MemoryOf(endorsement.Endorser), transaction.MemoryOf(endorsement.Signature));
        }

        return SignatureSets.Verify(config, signed, new Identity?[signed.Length]) > 0;
    }

    private string? FaultOfConfig(BlockBytes block, ChannelConfig config)
    {
        if (block.Envelopes.Length != 1
            || !DecodedEnvelope.TryDecode(block.Envelopes[0], out DecodedEnvelope? envelope, out _)
            || envelope.Type != HeaderType.Config)
            return null;

        try
        {
            ConfigEnvelope content = ConfigEnvelope.Parser.ParseFrom(envelope.Data.Span);
            if (!ConfigUpdates.TryCheckConfigTransaction(config, content, out ChannelConfig? next, out string? fault))
                return fault;

            _config = next;
            return null;
        }
        catch (InvalidProtocolBufferException e)
        {
            return $"its configuration cannot be read: {e.Message}";
        }
    }
}

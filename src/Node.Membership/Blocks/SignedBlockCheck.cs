using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Membership.Blocks;

/// <summary>A block header that orderers of the channel signed, with what it commits to.</summary>
/// <param name="HeaderBytes">In DER; what was hashed and signed.</param>
/// <param name="Hash">Of the header.</param>
/// <param name="LastConfig">
/// The newest block with a configuration, by the orderer's word; the block itself, maybe.
/// </param>
/// <param name="Signers">None for block 0.</param>
public sealed record VerifiedBlock(
    ulong Number, ReadOnlyMemory<byte> HeaderBytes, Hash32 Hash, BlockRoots Roots, ulong LastConfig, Identity[] Signers)
{
    /// <summary>The hash of its leaf in the chain tree.</summary>
    public Hash32 Leaf => BlockCommitments.ChainLeaf(HeaderBytes.Span, Roots.Transactions);

    /// <summary>True when both cannot stand in one chain though they have one number.</summary>
    public bool Contradicts(VerifiedBlock other) =>
        Number == other.Number
        && (Hash != other.Hash
            || Roots.Transactions != other.Roots.Transactions
            || Roots.Chain != other.Roots.Chain
            || LastConfig != other.LastConfig);
}

/// <summary>Checks the signatures of orderers on a block that is there by its header alone.</summary>
public static class SignedBlockCheck
{
    private const string BlockValidation = "/Channel/Orderer/BlockValidation";

    /// <summary>
    /// Every signature must be right, and together they must satisfy the channel's policy for blocks.
    /// </summary>
    /// <param name="block">Not block 0, which nobody signs.</param>
    /// <param name="config">In force when the block was made.</param>
    public static bool TryVerify(
        SignedBlock? block,
        ChannelConfig config,
        [NotNullWhen(true)] out VerifiedBlock? verified,
        [NotNullWhen(false)] out string? fault)
    {
        verified = null;
        if (block is null)
        {
            fault = "there is no block header";
            return false;
        }

        if (!TryEncodeHeader(block, out byte[]? header, out fault)
            || !TryReadValue(block, out BlockRoots roots, out ulong lastConfig, out fault)
            || !TryVerifySigners(block, header, config, out Identity[]? signers, out fault))
        {
            fault = $"block {block.Number}: {fault}";
            return false;
        }

        verified = new VerifiedBlock(block.Number, header, Hash32.Of(header), roots, lastConfig, signers);
        return true;
    }

    /// <summary>
    /// The block with those of its signatures that orderers of the channel made. Nodes pass over others; a proof has no
    /// place for them.
    /// </summary>
    public static SignedBlock WithGoodSignatures(SignedBlock block, ChannelConfig config)
    {
        SignedBlock result = block.Clone();
        result.Signatures.Clear();
        if (!TryEncodeHeader(block, out byte[]? header, out _))
            return result;

        foreach (OrdererSignature signature in block.Signatures.Take(Limits.BlockSignaturesMax))
        {
            if (TryVerifySigner(block, header, signature, config, out _, out _))
                result.Signatures.Add(signature);
        }

        return result;
    }

    /// <summary>What a block says, without asking whether anybody signed it.</summary>
    /// <param name="read">Without signers.</param>
    public static bool TryRead(
        SignedBlock? block,
        [NotNullWhen(true)] out VerifiedBlock? read,
        [NotNullWhen(false)] out string? fault)
    {
        read = null;
        fault = "there is no block header";
        if (block is null
            || !TryEncodeHeader(block, out byte[]? header, out fault)
            || !TryReadValue(block, out BlockRoots roots, out ulong lastConfig, out fault))
            return false;

        read = new VerifiedBlock(block.Number, header, Hash32.Of(header), roots, lastConfig, Signers: []);
        return true;
    }

    private static bool TryEncodeHeader(
        SignedBlock block, [NotNullWhen(true)] out byte[]? header, [NotNullWhen(false)] out string? fault)
    {
        header = null;
        bool complete = block.PreviousHash.Length == Hash32.Bytes && block.DataHash.Length == Hash32.Bytes;
        fault = !complete
            ? $"its hashes have {block.PreviousHash.Length} and {block.DataHash.Length} bytes instead of 32"
            : block.Number == 0 ? "block 0 is signed by nobody, so it cannot stand here" : null;
        if (fault is null)
            header = BlockHeaderBytes.ToArray(block.Number, block.PreviousHash.Span, block.DataHash.Span);

        return header is not null;
    }

    private static bool TryReadValue(
        SignedBlock block, out BlockRoots roots, out ulong lastConfig, [NotNullWhen(false)] out string? fault)
    {
        roots = default;
        lastConfig = 0;
        try
        {
            OrdererBlockMetadata value = OrdererBlockMetadata.Parser.ParseFrom(block.Value);
            lastConfig = value.LastConfig?.Index ?? 0;
            return BlockCommitments.TryDecode(value.ConsenterMetadata.Memory, out roots, out fault);
        }
        catch (InvalidProtocolBufferException)
        {
            fault = "what its orderer says about it cannot be read";
            return false;
        }
    }

    private static bool TryVerifySigners(
        SignedBlock block,
        byte[] header,
        ChannelConfig config,
        [NotNullWhen(true)] out Identity[]? signers,
        [NotNullWhen(false)] out string? fault)
    {
        signers = null;
        if (block.Signatures.Count is 0 or > Limits.BlockSignaturesMax)
        {
            fault = $"it has {block.Signatures.Count} signatures of orderers, 1 to {Limits.BlockSignaturesMax} are " +
                "expected";
            return false;
        }

        var found = new List<Identity>(block.Signatures.Count);
        foreach (OrdererSignature signature in block.Signatures)
        {
            if (!TryVerifySigner(block, header, signature, config, out Identity? signer, out fault))
                return false;
            if (found.Exists(signer.IsSameAs))
            {
                fault = $"{signer} signed it twice";
                return false;
            }

            found.Add(signer);
        }

        Identity[] all = [.. found];
        fault = FaultOfPolicy(config, all);
        signers = fault is null ? all : null;
        return signers is not null;
    }

    private static string? FaultOfPolicy(ChannelConfig config, Identity[] signers)
    {
        if (config.FindPolicy(BlockValidation) is not { } policy)
            return $"the channel has no policy {BlockValidation}";

        return policy.IsSatisfiedBy(signers)
            ? null
            : $"{BlockValidation} {policy.Explain(signers)}";
    }

    private static bool TryVerifySigner(
        SignedBlock block,
        byte[] header,
        OrdererSignature signature,
        ChannelConfig config,
        [NotNullWhen(true)] out Identity? signer,
        [NotNullWhen(false)] out string? fault)
    {
        signer = null;
        ByteString creator;
        try
        {
            creator = SignatureHeader.Parser.ParseFrom(signature.Header).Creator;
        }
        catch (InvalidProtocolBufferException)
        {
            fault = "the header of a signature cannot be read";
            return false;
        }

        if (!config.TryResolve(creator.Span, out Identity? identity, out fault))
        {
            fault = $"its signer is no orderer of the channel: {fault}";
            return false;
        }

        // A policy may name any member of an orderer organisation; yet its clients and administrators make no blocks.
        if (identity.Role is not (NodeRole.Orderer or NodeRole.None))
            fault = $"it is signed by {identity} in the role {RoleOf(identity)}; blocks are signed by orderers";
        else if (!ExactSignature.Verify(
            identity, [.. block.Value.Span, .. signature.Header.Span, .. header], signature.Signature.Span))
            fault = $"the signature of {identity} does not fit it";
        else
            signer = identity;

        return signer is not null;
    }

    public static string RoleOf(Identity identity) => identity.Role.ToString().ToLowerInvariant();
}

using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Membership.Blocks;

/// <summary>Takes out of a block what its orderers signed: enough to hold them to it without the block.</summary>
public static class SignedBlockReader
{
    /// <summary>Block 0 is unsigned: its hash alone speaks for it.</summary>
    /// <param name="signed">A copy. Signatures are not verified.</param>
    public static bool TryRead(
        BlockBytes block,
        [NotNullWhen(true)] out SignedBlock? signed,
        [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        signed = new SignedBlock
        {
            Number = block.Number,
            PreviousHash = ByteString.CopyFrom(block.PreviousHash.Span),
            DataHash = ByteString.CopyFrom(block.DataHash.AsSpan()),
        };
        if (block.Number == 0)
            return true;

        if (!DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? signatures, out fault))
        {
            signed = null;
            return false;
        }

        signed.Value = ByteString.CopyFrom(signatures.Value.Span);
        foreach (BlockSignature signature in signatures.Signatures)
        {
            signed.Signatures.Add(new OrdererSignature
            {
                Header = ByteString.CopyFrom(signature.SignatureHeader.Span),
                Signature = ByteString.CopyFrom(signature.Signature.Span),
            });
        }

        return true;
    }

    /// <summary>True when both say the same of one number. Signatures may differ: every orderer has its own.</summary>
    public static bool SayTheSame(SignedBlock first, SignedBlock second) =>
        first.Number == second.Number
        && first.DataHash.Equals(second.DataHash)
        && first.PreviousHash.Equals(second.PreviousHash)
        && (first.Value.Equals(second.Value) || HaveSameMeaning(first, second));

    // A value has more than one spelling.
    private static bool HaveSameMeaning(SignedBlock first, SignedBlock second) =>
        SignedBlockCheck.TryRead(first, out VerifiedBlock? one, out _)
        && SignedBlockCheck.TryRead(second, out VerifiedBlock? other, out _)
        && !one.Contradicts(other);
}

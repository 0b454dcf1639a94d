using System.Diagnostics.CodeAnalysis;
using Node.Protocol.Merkle;

namespace Node.Protocol.Decoding;

/// <summary>One orderer's signature on a block.</summary>
/// <param name="SignatureHeader">As it travelled; it is part of what is signed.</param>
/// <param name="Creator">The encoded SerializedIdentity inside of the header.</param>
public readonly record struct BlockSignature(
    ReadOnlyMemory<byte> SignatureHeader, ReadOnlyMemory<byte> Creator, ReadOnlyMemory<byte> Signature);

/// <summary>Metadata slot 0 of a block: what the orderer says about it, and signatures over that.</summary>
/// <remarks>
/// Each signature is over <see cref="Value"/>, then its signature header, then the header bytes of the block
/// (<see cref="SignedBytes(in BlockSignature, ReadOnlySpan{byte})"/>). Immutable; any thread.
/// </remarks>
public sealed class DecodedBlockSignatures
{
    private readonly BlockSignature[] _signatures;

    private DecodedBlockSignatures(
        ReadOnlyMemory<byte> value,
        ulong lastConfigIndex,
        ReadOnlyMemory<byte> consenterMetadata,
        BlockSignature[] signatures)
    {
        Value = value;
        LastConfigIndex = lastConfigIndex;
        ConsenterMetadata = consenterMetadata;
        _signatures = signatures;
    }

    /// <summary>The encoded OrdererBlockMetadata.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The number of the newest block with a configuration; of the block itself if it holds one.</summary>
    public ulong LastConfigIndex { get; }

    /// <summary>An encoded BlockCommitment.</summary>
    public ReadOnlyMemory<byte> ConsenterMetadata { get; }

    /// <summary>Empty in block 0. Not verified here.</summary>
    public ReadOnlySpan<BlockSignature> Signatures => _signatures;

    /// <param name="slot">Of <see cref="BlockBytes.Slot"/>, index 0.</param>
    public static bool TryDecode(
        ReadOnlyMemory<byte> slot,
        [NotNullWhen(true)] out DecodedBlockSignatures? signatures,
        [NotNullWhen(false)] out string? fault)
    {
        signatures = null;
        fault = "the signature slot of the block cannot be read";
        ReadOnlySpan<byte> bytes = slot.Span;
        Slice value = default;
        var found = default(Gathered<BlockSignature>);
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out value);
            else if (reader.Field == 2 && reader.TryBytes(out Slice signature) && !TryAdd(slot, signature, ref found))
                reader.Fail();
        }

        if (reader.Failed || !TryReadValue(bytes, value, out ulong lastConfig, out Slice consenter))
            return false;

        signatures = new DecodedBlockSignatures(
            value.Of(slot), lastConfig, consenter.Of(slot), found.All.ToArray());
        fault = null;
        return true;
    }

    /// <inheritdoc cref="BlockCommitments.TryDecode"/>
    public bool TryGetRoots(out BlockRoots roots, [NotNullWhen(false)] out string? fault) =>
        BlockCommitments.TryDecode(ConsenterMetadata, out roots, out fault);

    /// <summary>The message under a signature. Allocates.</summary>
    public byte[] SignedBytes(in BlockSignature signature, ReadOnlySpan<byte> headerBytes) =>
        SignedBytes(Value.Span, signature.SignatureHeader.Span, headerBytes);

    /// <summary>The message that an orderer signs.</summary>
    /// <param name="value">The encoded OrdererBlockMetadata.</param>
    /// <param name="headerBytes">Of <see cref="BlockBytes.HeaderBytes"/>.</param>
    public static byte[] SignedBytes(
        ReadOnlySpan<byte> value, ReadOnlySpan<byte> signatureHeader, ReadOnlySpan<byte> headerBytes) =>
        [.. value, .. signatureHeader, .. headerBytes];

    private static bool TryAdd(ReadOnlyMemory<byte> slot, Slice message, ref Gathered<BlockSignature> found)
    {
        Slice header = default;
        Slice signature = default;
        WireReader reader = WireReader.Inside(slot.Span, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out header);
            else if (reader.Field == 2)
                reader.TryBytes(out signature);
        }

        if (reader.Failed
            || found.Count == Limits.BlockSignaturesMax
            || !DecodedHeader.TryReadSignatureHeader(slot.Span, header, out Slice creator, out _))
            return false;

        found.Add(new BlockSignature(header.Of(slot), creator.Of(slot), signature.Of(slot)));
        return true;
    }

    // An OrdererBlockMetadata.
    private static bool TryReadValue(ReadOnlySpan<byte> bytes, Slice message, out ulong lastConfig, out Slice consenter)
    {
        lastConfig = 0;
        consenter = default;
        Slice last = default;
        WireReader reader = WireReader.Inside(bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryMessage(ref last);
            else if (reader.Field == 2)
                reader.TryBytes(out consenter);
        }

        if (reader.Failed)
            return false;

        reader = WireReader.Inside(bytes, last);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryUInt64(out lastConfig);
        }

        return !reader.Failed;
    }
}

using Google.Protobuf;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;

namespace Node.Protocol.Tests.Decoding;

public sealed class BlockBytesTests
{
    private const int Mutants = 120_000;

    [Fact]
    public void Splits_a_block_as_the_generated_parser_does()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            Block message = AnyBlock(new Dice(seed));

            Assert.True(BlockBytes.TryDecode(message.ToByteArray(), out BlockBytes? block, out string? fault), fault);

            Same(message, block);
            Assert.True(BlockHash.TryOf(message.Header, out Hash32 hash, out _));
            Assert.Equal(hash, block.Hash);
            Assert.Equal(block.DataHash, block.ComputeDataHash());
            Assert.Equal(MerkleRoot.Of(message.Data.Data), block.ComputeTransactionsRoot());
        }
    }

    [Fact]
    public void A_missing_slot_is_an_empty_one()
    {
        Block message = AnyBlock(new Dice(seed: 1));
        message.Metadata = null;

        Assert.True(BlockBytes.TryDecode(message.ToByteArray(), out BlockBytes? block, out _));

        Assert.Equal(0, block.SlotsPresent);
        Assert.True(block.Slot(4).IsEmpty && block.Slot(100).IsEmpty);
    }

    [Fact]
    public void Verdicts_change_two_slots_and_nothing_else()
    {
        Block message = AnyBlock(new Dice(seed: 2));
        Assert.True(BlockBytes.TryDecode(message.ToByteArray(), out BlockBytes? received, out _));

        byte[] stored = received.WithVerdicts([0, 11, 255], "commit hash"u8);

        Assert.True(BlockBytes.TryDecode(stored, out BlockBytes? block, out _));
        Assert.Equal(received.Hash, block.Hash);
        Assert.Equal(received.ComputeDataHash(), block.ComputeDataHash());
        Assert.Equal(BlockBytes.SlotCount, block.SlotsPresent);
        Assert.Equal(received.Slot(0).ToArray(), block.Slot(0).ToArray());
        Assert.Equal(received.Slot(1).ToArray(), block.Slot(1).ToArray());
        Assert.Equal(received.Slot(3).ToArray(), block.Slot(3).ToArray());
        Assert.Equal(new byte[] { 0, 11, 255 }, block.Slot((int)BlockMetadataIndex.TransactionsFilter).ToArray());
        Assert.Equal("commit hash"u8.ToArray(), block.Slot((int)BlockMetadataIndex.CommitHash).ToArray());

        message.Metadata.Metadata[2] = ByteString.CopyFrom(0, 11, 255);
        message.Metadata.Metadata[4] = ByteString.CopyFromUtf8("commit hash");
        Assert.Equal(message.ToByteArray(), stored);
    }

    [Theory]
    [InlineData(0, 31)]
    [InlineData(0, 0)]
    [InlineData(1, 32)]
    [InlineData(33, 32)]
    [InlineData(32, 33)]
    public void A_header_with_other_lengths_than_a_hash_is_refused(int previousBytes, int dataBytes)
    {
        Block message = AnyBlock(new Dice(seed: 3));
        message.Header.PreviousHash = ByteString.CopyFrom(new byte[previousBytes]);
        message.Header.DataHash = ByteString.CopyFrom(new byte[dataBytes]);

        Assert.False(BlockBytes.TryDecode(message.ToByteArray(), out _, out string? fault));
        Assert.Contains("header", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_header_or_data_part_is_refused()
    {
        Block message = AnyBlock(new Dice(seed: 4));
        byte[] bytes = message.ToByteArray();

        Assert.False(BlockBytes.TryDecode((byte[])[.. bytes, 0x0a, 0x00], out _, out _));
        Assert.False(BlockBytes.TryDecode((byte[])[.. bytes, 0x12, 0x00], out _, out _));
        Assert.False(BlockBytes.TryDecode((byte[])[.. bytes, 0x1a, 0x00], out _, out _));
        Assert.True(BlockBytes.TryDecode((byte[])[.. bytes, 0x20, 0x00], out _, out _));
    }

    [Fact]
    public void A_block_ends_at_its_limits()
    {
        Block message = AnyBlock(new Dice(seed: 5));
        message.Data.Data.Clear();
        for (int i = 0; i < Limits.BlockEnvelopesMax; i++)
            message.Data.Data.Add(ByteString.Empty);

        Assert.True(BlockBytes.TryDecode(message.ToByteArray(), out _, out _));
        message.Data.Data.Add(ByteString.Empty);
        Assert.False(BlockBytes.TryDecode(message.ToByteArray(), out _, out string? fault));
        Assert.Contains("65536", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void No_mutation_of_a_block_makes_it_throw()
    {
        var dice = new Dice(seed: 44);
        byte[] bytes = [];
        int accepted = 0;
        for (int i = 0; i < Mutants; i++)
        {
            if (i % 200 == 0)
                bytes = AnyBlock(dice).ToByteArray();

            byte[] mutated = Mutations.Of(bytes, dice);
            if (!BlockBytes.TryDecode(mutated, out BlockBytes? block, out _))
                continue;

            accepted++;
            Same(Block.Parser.ParseFrom(mutated), block);
        }

        Assert.InRange(accepted, Mutants / 100, Mutants - 1);
    }

    [Fact]
    public void The_signature_slot_gives_what_was_signed_and_by_whom()
    {
        Metadata slot = AnySignatures(new Dice(seed: 6), signatures: 2);
        OrdererBlockMetadata value = OrdererBlockMetadata.Parser.ParseFrom(slot.Value);

        Assert.True(DecodedBlockSignatures.TryDecode(slot.ToByteArray(), out DecodedBlockSignatures? decoded, out _));

        Same(slot, decoded);
        Assert.Equal(value.LastConfig.Index, decoded.LastConfigIndex);
        Assert.True(decoded.TryGetRoots(out BlockRoots roots, out _));
        Assert.Equal(Hash32.Of("transactions"u8), roots.Transactions);
        Assert.Equal(
            [.. slot.Value, .. slot.Signatures[1].SignatureHeader, .. "header"u8],
            decoded.SignedBytes(decoded.Signatures[1], "header"u8));
    }

    [Fact]
    public void A_signature_slot_ends_at_its_limit()
    {
        Assert.True(DecodedBlockSignatures.TryDecode(
            AnySignatures(new Dice(seed: 7), Limits.BlockSignaturesMax).ToByteArray(), out _, out _));
        Assert.False(DecodedBlockSignatures.TryDecode(
            AnySignatures(new Dice(seed: 7), Limits.BlockSignaturesMax + 1).ToByteArray(), out _, out _));
    }

    [Fact]
    public void No_mutation_of_a_signature_slot_makes_it_throw()
    {
        var dice = new Dice(seed: 45);
        byte[] bytes = [];
        int accepted = 0;
        for (int i = 0; i < Mutants; i++)
        {
            if (i % 200 == 0)
                bytes = AnySignatures(dice, dice.Below(3)).ToByteArray();

            byte[] mutated = Mutations.Of(bytes, dice);
            if (!DecodedBlockSignatures.TryDecode(mutated, out DecodedBlockSignatures? decoded, out _))
                continue;

            accepted++;
            decoded.TryGetRoots(out _, out _);
            Same(Metadata.Parser.ParseFrom(mutated), decoded);
        }

        Assert.InRange(accepted, Mutants / 100, Mutants - 1);
    }

    private static Block AnyBlock(Dice dice)
    {
        var block = new Block { Header = new BlockHeader(), Data = new BlockData(), Metadata = new BlockMetadata() };
        for (int count = 1 + dice.Below(5); count > 0; count--)
            block.Data.Data.Add(ByteString.CopyFrom(dice.Bytes(dice.Below(200))));

        block.Header.Number = dice.Next() >> dice.Below(64);
        block.Header.PreviousHash = dice.OneIn(4) ? ByteString.Empty : ByteString.CopyFrom(dice.Bytes(32));
        block.Header.DataHash = ByteString.CopyFrom(BlockDataHash.Of(block.Data.Data).AsSpan());
        block.Metadata.Metadata.Add(AnySignatures(dice, signatures: 1).ToByteString());
        for (int slot = 1; slot < BlockBytes.SlotCount; slot++)
            block.Metadata.Metadata.Add(ByteString.CopyFrom(dice.Bytes(dice.Below(10))));

        return block;
    }

    private static Metadata AnySignatures(Dice dice, int signatures)
    {
        byte[] commitment = BlockCommitments.Encode(new BlockRoots(
            Hash32.Of("transactions"u8), Hash32.Of("chain"u8), dice.Bytes(8)));
        var slot = new Metadata
        {
            Value = new OrdererBlockMetadata
            {
                LastConfig = new LastConfig { Index = (ulong)dice.Below(1000) },
                ConsenterMetadata = ByteString.CopyFrom(commitment),
            }.ToByteString(),
        };
        for (int i = 0; i < signatures; i++)
        {
            var header = new SignatureHeader
            {
                Creator = ByteString.CopyFrom(dice.Bytes(30)),
                Nonce = ByteString.CopyFrom(dice.Bytes(24)),
            };
            slot.Signatures.Add(new MetadataSignature
            {
                SignatureHeader = header.ToByteString(),
                Signature = ByteString.CopyFrom(dice.Bytes(71)),
            });
        }

        return slot;
    }

    private static void Same(Block message, BlockBytes block)
    {
        Assert.Equal(message.Header.Number, block.Number);
        Assert.True(message.Header.PreviousHash.Span.SequenceEqual(block.PreviousHash.Span));
        Assert.True(message.Header.DataHash.Span.SequenceEqual(block.DataHash.AsSpan()));
        Assert.Equal(message.Data?.Data.Count ?? 0, block.Envelopes.Length);
        for (int i = 0; i < block.Envelopes.Length; i++)
            Assert.True(message.Data?.Data[i].Span.SequenceEqual(block.Envelopes[i].Span));

        Assert.Equal(message.Metadata?.Metadata.Count ?? 0, block.SlotsPresent);
        for (int i = 0; i < block.SlotsPresent; i++)
            Assert.True(message.Metadata?.Metadata[i].Span.SequenceEqual(block.Slot(i).Span));
    }

    private static void Same(Metadata slot, DecodedBlockSignatures decoded)
    {
        OrdererBlockMetadata value = OrdererBlockMetadata.Parser.ParseFrom(slot.Value);
        Assert.True(slot.Value.Span.SequenceEqual(decoded.Value.Span));
        Assert.Equal(value.LastConfig?.Index ?? 0, decoded.LastConfigIndex);
        Assert.True(value.ConsenterMetadata.Span.SequenceEqual(decoded.ConsenterMetadata.Span));
        Assert.Equal(slot.Signatures.Count, decoded.Signatures.Length);
        for (int i = 0; i < slot.Signatures.Count; i++)
        {
            SignatureHeader header = SignatureHeader.Parser.ParseFrom(slot.Signatures[i].SignatureHeader);
            BlockSignature found = decoded.Signatures[i];
            Assert.True(slot.Signatures[i].SignatureHeader.Span.SequenceEqual(found.SignatureHeader.Span));
            Assert.True(slot.Signatures[i].Signature.Span.SequenceEqual(found.Signature.Span));
            Assert.True(header.Creator.Span.SequenceEqual(found.Creator.Span));
        }
    }
}

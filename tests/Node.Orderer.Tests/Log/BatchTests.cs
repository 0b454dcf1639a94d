using Node.Orderer.Log;
using Node.Orderer.Tests.Building;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.Tests.Log;

public class BatchTests
{
    // As docs/formats.md draws it: format, kind, id, envelopes.
    [Fact]
    public void Has_the_documented_bytes()
    {
        string id = Batches.Of(2, "a", "bc").Id.ToString();

        string normal = Convert.ToHexStringLower(Batches.Of(2, "a", "bc").Encoded.Span);
        string config = Convert.ToHexStringLower(Batches.Config(2, "a").Encoded.Span);

        Assert.Equal($"0100{id}0a01610a026263", normal);
        Assert.Equal($"0101{id}0a0161", config);
    }

    [Fact]
    public void An_id_is_the_hash_of_identity_incarnation_and_sequence()
    {
        byte[] named = [.. "orderer"u8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2];

        var id = BatchId.Of("orderer"u8, incarnation: 1, sequence: 2);

        Assert.Equal(Hash32.Of(named), id.Value);
    }

    [Fact]
    public void Its_envelopes_stand_as_in_the_block_that_is_made_of_it()
    {
        Batch batch = Batches.Of(1, "a", "bc", new string('x', 300));

        BlockData data = BlockData.Parser.ParseFrom(batch.BlockData.Span);

        Assert.Equal(["a", "bc", new string('x', 300)], data.Data.Select(envelope => envelope.ToStringUtf8()));
    }

    [Fact]
    public void Reads_back_what_was_written()
    {
        foreach (Batch batch in (Batch[])[Batches.Of(1, "a"), Batches.Of(2, "a", "", "c"), Batches.Config(3, "d")])
        {
            Assert.True(Batch.TryDecode(batch.Encoded, out Batch? again, out string? fault), fault);
            Assert.Equal(batch.Id, again.Id);
            Assert.Equal(Batches.Text(batch), Batches.Text(again));
        }
    }

    [Theory]
    [InlineData(0, 2)]     // Another format.
    [InlineData(1, 2)]     // Another kind.
    [InlineData(34, 0x12)] // Another field.
    [InlineData(35, 9)]    // A length beyond the end.
    public void Refuses_a_byte_that_was_changed(int index, byte value)
    {
        byte[] encoded = Batches.Of(1, "a").Encoded.ToArray();
        encoded[index] = value;

        Assert.False(Batch.TryDecode(encoded, out _, out string? fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void Refuses_every_beginning_of_an_entry_that_ends_inside_of_an_envelope()
    {
        byte[] encoded = Batches.Of(1, "abc", "def").Encoded.ToArray();
        int firstEnd = encoded.Length - 5;

        for (int length = 0; length < encoded.Length; length++)
            Assert.Equal(length == firstEnd, Batch.TryDecode(encoded.AsMemory(0, length), out _, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Survives_a_hundred_thousand_mutations(int seed)
    {
        var dice = new Random(seed);
        byte[] sample = Batches.Of(1, "abc", new string('x', 200), "d").Encoded.ToArray();
        for (int round = 0; round < 100_000; round++)
        {
            byte[] garbage = Garbage.Mutate(sample, dice);
            if (Batch.TryDecode(garbage, out Batch? batch, out string? fault))
                Assert.True(batch.Envelopes.Sum(envelope => envelope.Length) < garbage.Length);
            else
                Assert.NotEmpty(fault);
        }
    }
}

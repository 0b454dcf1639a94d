using Google.Protobuf;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.ReadWriteSets;

namespace Node.Protocol.Tests.Decoding;

public sealed class DecodedReadWriteSetTests
{
    [Fact]
    public void An_empty_value_is_a_delete()
    {
        var keys = new KVRWSet();
        keys.Writes.Add(new KVWrite { Key = "empty" });
        keys.Writes.Add(new KVWrite { Key = "marked", IsDelete = true, Value = ByteString.CopyFromUtf8("ignored") });
        keys.Writes.Add(new KVWrite { Key = "written", Value = ByteString.CopyFromUtf8("value") });

        DecodedReadWriteSet set = Decode(keys);

        ReadOnlySpan<DecodedWrite> writes = set.Writes(set.Namespaces[0].Writes);
        Assert.True(writes[0].IsDelete && writes[1].IsDelete && !writes[2].IsDelete);
    }

    [Fact]
    public void An_absent_version_is_not_version_zero()
    {
        var keys = new KVRWSet();
        keys.Reads.Add(new KVRead { Key = "absent" });
        keys.Reads.Add(new KVRead { Key = "first", Version = new Wire.KeyValues.Version() });
        keys.Reads.Add(new KVRead { Key = "odd", Version = new Wire.KeyValues.Version { TxNum = 1UL << 32 } });

        DecodedReadWriteSet set = Decode(keys);

        ReadOnlySpan<DecodedRead> reads = set.Reads(set.Namespaces[0].Reads);
        Assert.False(reads[0].HasVersion);
        Assert.Equal((true, new StateVersion(0, 0)), (reads[1].HasVersion, reads[1].Version));
        Assert.Equal((true, DecodedRead.NeverWritten), (reads[2].HasVersion, reads[2].Version));
    }

    [Theory]
    [InlineData("1204" + "1202" + "0a00", true)]                          // Without a name, a read without a key.
    [InlineData("1206" + "1204" + "0a02" + "1200", true)]                 // One version...
    [InlineData("1206" + "1204" + "0a020a00", true)]
    [InlineData("1207" + "1205" + "0a030a01ff", false)]                   // A key that is not UTF-8.
    [InlineData("120a" + "1208" + "0a06" + "1200" + "1200" + "0a00", false)]   // ...not two.
    [InlineData("1208" + "1206" + "1204" + "2200" + "2a00", false)]       // Raw reads and a summary.
    [InlineData("1208" + "1206" + "1204" + "2200" + "2200", false)]
    [InlineData("0801" + "1202" + "1200", true)]
    [InlineData("0a00", false)]                                           // A data model of the wrong type.
    [InlineData("1203" + "1202" + "0a", false)]
    [InlineData("3b3c", false)]                                           // A group: not in proto3.
    [InlineData("00", false)]                                             // Field number 0.
    [InlineData("1282808080808080808001", false)]
    public void Spellings_are_taken_or_refused(string hex, bool taken)
    {
        bool decoded = DecodedReadWriteSet.TryDecode(
            Convert.FromHexString(hex), out DecodedReadWriteSet? set, out string? fault);

        Assert.Equal(taken, decoded);
        Assert.Equal(taken, set is not null && fault is null);
    }

    [Fact]
    public void A_set_ends_at_its_limits()
    {
        var namespaces = new TxReadWriteSet();
        for (int i = 0; i < Limits.NamespacesMax; i++)
            namespaces.NsRwset.Add(new NsReadWriteSet { Namespace = $"{i}" });

        Assert.True(DecodedReadWriteSet.TryDecode(namespaces.ToByteArray(), out _, out _));
        namespaces.NsRwset.Add(new NsReadWriteSet { Namespace = "one more" });
        Assert.False(DecodedReadWriteSet.TryDecode(namespaces.ToByteArray(), out _, out string? fault));
        Assert.Contains("namespaces", fault, StringComparison.Ordinal);

        byte[] reads = new byte[2 * (Limits.ReadWriteSetItemsMax + 1)];
        for (int i = 0; i < reads.Length; i += 2)
            reads[i] = 0x0a;

        Assert.True(DecodedReadWriteSet.TryDecode(Wrapped(reads.AsSpan(2)), out _, out _));
        Assert.False(DecodedReadWriteSet.TryDecode(Wrapped(reads), out _, out fault));
        Assert.Contains("too many reads", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void No_mutation_makes_it_throw_and_what_it_accepts_the_generated_parser_reads_alike()
    {
        const int Mutants = 150_000;
        var dice = new Dice(seed: 43);
        byte[] bytes = [];
        int accepted = 0;
        for (int i = 0; i < Mutants; i++)
        {
            if (i % 300 == 0)
                bytes = SampleTransaction.AnyReadWriteSet(dice).ToByteArray();

            byte[] mutated = Mutations.Of(bytes, dice);
            if (!DecodedReadWriteSet.TryDecode(mutated, out DecodedReadWriteSet? set, out _))
                continue;

            accepted++;
            Agreement.OfReadWriteSet(mutated, set);
        }

        Assert.InRange(accepted, Mutants / 100, Mutants - 1);
    }

    private static byte[] Wrapped(ReadOnlySpan<byte> keys)
    {
        var set = new TxReadWriteSet();
        set.NsRwset.Add(new NsReadWriteSet { Rwset = ByteString.CopyFrom(keys) });
        return set.ToByteArray();
    }

    private static DecodedReadWriteSet Decode(KVRWSet keys)
    {
        Assert.True(DecodedReadWriteSet.TryDecode(
            Wrapped(keys.ToByteArray()), out DecodedReadWriteSet? set, out string? fault), fault);
        return set;
    }
}

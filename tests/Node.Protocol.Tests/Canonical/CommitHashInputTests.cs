using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Node.Protocol.Canonical;

namespace Node.Protocol.Tests.Canonical;

public sealed class CommitHashInputTests
{
    private static readonly StateVersion s_version = new(Block: 1, Transaction: 0);

    private sealed record Write(string Namespace, string Collection, string Key, bool IsDelete, string Value);

    [Fact]
    public void The_first_block_hashes_to_the_known_vector()
    {
        using var input = new CommitHashInput();

        input.Begin([0]);
        input.Add("cc"u8, [], "k"u8, isDelete: false, "v"u8, s_version);
        Hash32 hash = input.Finish(previous: null);

        Assert.Equal("1ed597fce1883484f669ab7fb325b38c91af3f8c4d943aa3d5a446ab138a1d6d", hash.ToString());
    }

    [Fact]
    public void Hashes_what_a_plain_encoder_writes()
    {
        var dice = new Dice(seed: 21);
        using var input = new CommitHashInput();
        Hash32? previous = null;
        for (int block = 1; block < 200; block++)
        {
            byte[] filter = dice.Bytes(dice.Below(300));
            List<Write> writes = AnyWrites(dice);
            var version = new StateVersion((ulong)block, (uint)dice.Below(1000));

            input.Begin(filter);
            foreach (Write write in writes)
            {
                byte[] value = Utf8(write.Value);
                input.Add(
                    Utf8(write.Namespace), Utf8(write.Collection), Utf8(write.Key), write.IsDelete, value, version);
            }

            Hash32 hash = input.Finish(previous);

            Assert.Equal(Plain(filter, writes, version, previous), hash);
            previous = hash;
        }
    }

    [Theory]
    [InlineData("a", "", "k", "a", "", "k")]     // The same key twice.
    [InlineData("a", "", "l", "a", "", "k")]
    [InlineData("b", "", "k", "a", "", "l")]
    [InlineData("a", "c", "k", "a", "", "l")]    // A public key behind a collection.
    [InlineData("a", "d", "k", "a", "c", "l")]
    public void Adding_out_of_order_is_a_bug(
        string firstNs, string firstCollection, string firstKey, string ns, string collection, string key)
    {
        using var input = new CommitHashInput();
        input.Begin([0]);
        input.Add(Utf8(firstNs), Utf8(firstCollection), Utf8(firstKey), isDelete: false, "v"u8, s_version);

        Assert.Throws<InvariantViolatedException>(
            () => input.Add(Utf8(ns), Utf8(collection), Utf8(key), isDelete: false, "v"u8, s_version));
    }

    [Fact]
    public void Every_part_of_a_write_changes_the_hash()
    {
        Hash32[] hashes =
        [
            Hash("a", "", "k", false, "v", s_version, [0]),
            Hash("b", "", "k", false, "v", s_version, [0]),
            Hash("a", "c", "k", false, "v", s_version, [0]),
            Hash("a", "", "l", false, "v", s_version, [0]),
            Hash("a", "", "k", true, "", s_version, [0]),
            Hash("a", "", "k", false, "w", s_version, [0]),
            Hash("a", "", "k", false, "v", new StateVersion(1, 1), [0]),
            Hash("a", "", "k", false, "v", s_version, [11]),
            Hash("a", "", "k", false, "v", s_version, [0, 0]),
            Hash("", "", "k", false, "v", s_version, [0]),   // Configuration is not in it...
        ];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
        Assert.Equal(hashes[^1], Hash("", "", "other", false, "x", s_version, [0]));   // ...at all.
    }

    private static Hash32 Hash(
        string ns, string collection, string key, bool isDelete, string value, StateVersion version, byte[] filter)
    {
        using var input = new CommitHashInput();
        input.Begin(filter);
        input.Add(Utf8(ns), Utf8(collection), Utf8(key), isDelete, Utf8(value), version);
        return input.Finish(previous: null);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static List<Write> AnyWrites(Dice dice)
    {
        // Letters and digits only, so the order of these strings is the order of their bytes.
        var keys = new SortedSet<(string Ns, string Collection, string Key)>();
        for (int count = dice.Below(30); count > 0; count--)
            keys.Add(($"ns{dice.Below(3)}", dice.OneIn(2) ? "" : $"col{dice.Below(3)}", $"key{dice.Below(100)}"));

        return [.. keys.Select(key =>
        {
            bool isDelete = dice.OneIn(4);
            string value = isDelete ? "" : new string('v', dice.OneIn(20) ? 10_000 : 1 + dice.Below(50));
            return new Write(key.Ns, key.Collection, key.Key, isDelete, value);
        })];
    }

    // The definition, spelled out with the encoder of Google.Protobuf.
    private static Hash32 Plain(byte[] filter, List<Write> writes, StateVersion version, Hash32? previous)
    {
        using var stream = new MemoryStream();
        var output = new CodedOutputStream(stream);
        output.WriteLength(filter.Length);
        output.Flush();
        stream.Write(filter);
        string? lastNs = null;
        string lastCollection = "";
        foreach (Write write in writes)
        {
            byte[] entry = Entry(write, version, write.Namespace != lastNs, lastCollection);
            lastCollection = write.Collection;
            lastNs = write.Namespace;
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(entry));
        }

        output.Flush();
        return Hash32.Of(stream.ToArray(), previous is { } hash ? hash.ToArray() : []);
    }

    private static byte[] Entry(Write write, StateVersion version, bool firstOfNamespace, string lastCollection)
    {
        using var stream = new MemoryStream();
        var output = new CodedOutputStream(stream);
        if (firstOfNamespace)
        {
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteString(write.Namespace);
        }

        if (write.Collection.Length > 0 && (firstOfNamespace || write.Collection != lastCollection))
        {
            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteString(write.Collection);
        }

        output.WriteTag(3, WireFormat.WireType.LengthDelimited);
        output.WriteString(write.Key);
        if (write.IsDelete)
        {
            output.WriteTag(4, WireFormat.WireType.Varint);
            output.WriteBool(true);
        }

        if (write.Value.Length > 0)
        {
            output.WriteTag(5, WireFormat.WireType.LengthDelimited);
            output.WriteString(write.Value);
        }

        byte[] versionBytes = [.. Trimmed(version.Block), .. Trimmed(version.Transaction)];
        output.WriteTag(6, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(versionBytes));
        output.Flush();
        return stream.ToArray();
    }

    private static byte[] Trimmed(ulong number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        byte[] digits = [.. bytes.SkipWhile(digit => digit == 0)];
        return [(byte)digits.Length, .. digits];
    }
}

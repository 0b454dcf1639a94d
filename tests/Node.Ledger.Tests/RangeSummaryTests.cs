using Google.Protobuf;
using Node.Ledger.Validation;
using Node.Protocol;
using Node.Protocol.Wire.KeyValues;
using Version = Node.Protocol.Wire.KeyValues.Version;

namespace Node.Ledger;

public class RangeSummaryTests
{
    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 2)]
    [InlineData(2, 3)]       // One chunk.
    [InlineData(2, 4)]       // A chunk and a remainder.
    [InlineData(2, 9)]       // Three chunks become one hash of the next level.
    [InlineData(2, 10)]
    [InlineData(2, 27)]
    [InlineData(2, 80)]
    [InlineData(2, 81)]
    [InlineData(2, 82)]
    [InlineData(3, 500)]
    [InlineData(50, 50)]
    [InlineData(50, 51)]
    [InlineData(50, 52)]
    [InlineData(50, 2601)]
    [InlineData(50, 2650)]
    [InlineData(50, 2652)]
    public void It_is_the_tree_that_its_rules_describe(uint degree, int reads)
    {
        var summary = new RangeSummary(degree);
        KVRead[] all = [.. Enumerable.Range(0, reads).Select(Read)];
        foreach (KVRead read in all)
        {
            var version = new StateVersion(read.Version.BlockNum, (uint)read.Version.TxNum);
            summary.Add(ByteString.CopyFromUtf8(read.Key).Span, version);
        }

        summary.Finish();

        Assert.Equal(reads > degree, summary.IsHashed);
        if (!summary.IsHashed)
        {
            Assert.Equal(new QueryReads { KvReads = { all } }.ToByteArray(), summary.RawReads.ToArray());
            return;
        }

        (uint level, List<Hash32> hashes) = Describe(all, degree);
        Assert.Equal(level, summary.Level);
        Assert.Equal(hashes, summary.Hashes);
    }

    // Read 0 is at version 0:0, which has no fields but is there.
    private static KVRead Read(int number) => new()
    {
        Key = $"key {number}",
        Version = new Version { BlockNum = (ulong)number / 3, TxNum = (ulong)number % 3 },
    };

    // Written from the other end: the whole list of leaves first, then what each level keeps and passes on.
    private static (uint Level, List<Hash32> Hashes) Describe(KVRead[] reads, uint degree)
    {
        int chunk = (int)degree + 1;
        List<byte[]> chunks =
            [.. reads.Chunk(chunk).Select(part => new QueryReads { KvReads = { part } }.ToByteArray())];
        bool hasRemainder = reads.Length % chunk != 0;
        List<Hash32> full = [.. chunks.Take(reads.Length / chunk).Select(bytes => Hash32.Of(bytes))];
        List<List<Hash32>> kept = [];
        for (List<Hash32> passed = full; passed.Count > 0 || kept.Count == 0;)
        {
            int whole = passed.Count / chunk * chunk;
            kept.Add(passed[whole..]);
            passed = [.. passed[..whole].Chunk(chunk).Select(part => Combine(part))];
        }

        // The remaining reads are the last leaf; it may complete a group, and that group the next one.
        if (hasRemainder)
            Push(kept, 0, Hash32.Of(chunks[^1]), chunk);

        for (int level = 0; level < kept.Count - 1; level++)
        {
            if (kept[level].Count > 0)
                kept[level + 1].Add(kept[level].Count == 1 ? kept[level][0] : Combine([.. kept[level]]));
        }

        return kept[^1].Count <= degree
            ? ((uint)kept.Count, kept[^1])
            : ((uint)kept.Count + 1, [Combine([.. kept[^1]])]);
    }

    private static void Push(List<List<Hash32>> kept, int level, Hash32 hash, int chunk)
    {
        if (level == kept.Count)
            kept.Add([]);

        kept[level].Add(hash);
        if (kept[level].Count < chunk)
            return;

        Hash32 combined = Combine([.. kept[level]]);
        kept[level].Clear();
        Push(kept, level + 1, combined, chunk);
    }

    private static Hash32 Combine(Hash32[] hashes) => Hash32.Of([.. hashes.SelectMany(hash => hash.ToArray())]);
}

using Node.LyingOrderer;
using Node.Membership.Blocks;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Peer.Tests.Pulling;

public sealed class LyingOrdererTests
{
    // What the orderer does that the peer pulls from, what the peer calls it, and whether two signed blocks show it.
    public static TheoryData<Lie, string, bool> Lies() => new()
    {
        { Lie.Fork,            "Lying",       true  },
        { Lie.Reorder,         "Lying",       true  },
        { Lie.Resign,          "Lying",       true  },
        { Lie.WrongCommitment, "Lying",       true  },
        { Lie.WrongPrevious,   "Lying",       true  },
        { Lie.BadSignature,    "Lying",       false },
        { Lie.Gap,             "Lying",       false },
        { Lie.Garbage,         "Lying",       false },
        { Lie.Withhold,        "Stalling",    false },
        { Lie.Silent,          "Stalling",    false },
        { Lie.Trickle,         "Stalling",    false },
        { Lie.Reset,           "Unreachable", false },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_peer_leaves_a_malicious_orderer_names_it_and_goes_on_with_the_honest_ones(
        Lie lie, string fault, bool isShownByTwoBlocks)
    {
        await using OrdererTrio trio = await OrdererTrio.StartAsync();
        trio.Order();
        await trio.HeightAsync(3);

        trio[0].Chain.Begin(lie, from: 3);
        for (int block = 0; block < 5; block++)
            trio.Order();

        await trio.HeightAsync(8);
        for (ulong number = 3; number < 8; number++)
            Assert.Equal(trio.HonestHash(number), HashOf(trio, number));

        string name = trio.NameOf(0);
        string metrics = await trio.MetricsAsync();
        Assert.Contains($"orderer=\"{name}\"", metrics, StringComparison.Ordinal);
        Assert.Contains($"fault=\"{fault}\"", metrics, StringComparison.Ordinal);
        Assert.Null(trio.Channel.Fault);
        string[] files = Files(trio);
        Assert.Equal(isShownByTwoBlocks, files.Length > 0);
        Assert.All(files, file => AssertConvinces(trio, file));
    }

    [Theory]
    [InlineData(Lie.Fork)]
    [InlineData(Lie.WrongCommitment)]
    [InlineData(Lie.Silent)]
    public async Task A_malicious_orderer_that_nobody_pulls_from_changes_nothing(Lie lie)
    {
        await using OrdererTrio trio = await OrdererTrio.StartAsync();

        trio[2].Chain.Begin(lie, from: 2);
        for (int block = 0; block < 5; block++)
            trio.Order();

        await trio.HeightAsync(7);
        Assert.Equal(trio.HonestHash(6), HashOf(trio, 6));
        Assert.True(trio[0].BlockStreams > 0);
        if (lie != Lie.Silent)
        {
            await OrdererTrio.UntilAsync(
                () => trio.HasMetricAsync($"orderer=\"{trio.NameOf(2)}\",fault=\"Lying\""), "the liar is named");
        }

        Assert.All(Files(trio), file => AssertConvinces(trio, file));
    }

    [Fact]
    public async Task A_block_that_only_one_orderer_signed_is_not_committed_while_the_others_can_be_asked()
    {
        await using OrdererTrio trio = await OrdererTrio.StartAsync();

        // Nobody else has ordered anything: it invents a block out of an old transaction.
        trio[0].Chain.Add(trio.Invent());
        await OrdererTrio.UntilAsync(
            () => trio.HasMetricAsync("hyperprov_pipeline_blocks{channel=\"mychannel\"} 1"), "the block was pulled");
        Assert.Equal(2ul, trio.Channel.Ledger.Height);

        trio[0].Chain.Begin(Lie.Silent, from: 2);
        trio.OrderWithout(0);
        await trio.HeightAsync(3);

        Assert.Equal(trio.HonestHash(2), HashOf(trio, 2));
        Assert.All(Files(trio), file => AssertConvinces(trio, file));
        Assert.NotEmpty(Files(trio));
    }

    [Fact]
    public async Task After_the_orderer_in_use_is_gone_the_next_block_comes_through_another_one_at_once()
    {
        await using OrdererTrio trio = await OrdererTrio.StartAsync();
        await trio.StopOrdererAsync(0);

        long began = TimeProvider.System.GetTimestamp();
        trio.Order();
        await trio.HeightAsync(3);

        Assert.True(
            TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(1),
            $"it took {TimeProvider.System.GetElapsedTime(began)}");
    }

    private static Hash32 HashOf(OrdererTrio trio, ulong number)
    {
        Assert.True(trio.Channel.Ledger.TryReadBlock(number, out byte[]? bytes));
        Assert.True(BlockBytes.TryDecode(bytes, out BlockBytes? block, out _));
        return block.Hash;
    }

    private static string[] Files(OrdererTrio trio)
    {
        string folder = Path.Combine(trio.DataFolder, "evidence");
        return Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
    }

    private static void AssertConvinces(OrdererTrio trio, string file)
    {
        Assert.True(ForkProof.TryParse(File.ReadAllBytes(file), out ForkProof? proof, out string? fault), fault);
        Assert.All(proof.Verify(trio.HonestHash(0)), step => Assert.Null(step.Fault));
    }
}

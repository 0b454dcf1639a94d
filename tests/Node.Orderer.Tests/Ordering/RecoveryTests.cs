using Google.Protobuf;
using Node.Hosting.Renewing;
using Node.Ledger.Ordering;
using Node.Orderer.Cutting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Orderer.Tests.Building;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Orderer.Tests.Ordering;

/// <summary>The store as a crash leaves it at each step, and what the orderer makes of it.</summary>
public sealed class RecoveryTests : IAsyncLifetime
{
    private readonly TestChannel _channel = new();
    private readonly OrdererBench _bench;

    public RecoveryTests() => _bench = OrdererBench.Create(_channel);

    [Fact]
    public async Task An_empty_folder_begins_with_the_genesis_block()
    {
        await _bench.StartAsync();

        Assert.Equal(_bench.Genesis.Bytes.ToArray(), (await _bench.BlockAsync(0)).Bytes.ToArray());
    }

    [Fact]
    public async Task A_crash_after_the_append_and_before_the_block_loses_nothing_and_repeats_nothing()
    {
        await _bench.StartAsync();
        byte[][] envelopes = [Valid(), Valid(), Valid()];
        await _bench.BroadcastAsync(envelopes[0]);
        await _bench.BlockAsync(1);
        await _bench.StopAsync();
        AppendToLog(envelopes[1], envelopes[2]);

        await _bench.StartAsync();

        for (int index = 0; index < envelopes.Length; index++)
        {
            BlockBytes block = await _bench.BlockAsync((ulong)index + 1);
            Assert.Equal(envelopes[index], Assert.Single(block.Envelopes.ToArray()).ToArray());
        }
    }

    [Fact]
    public async Task A_crash_after_the_block_and_before_the_removal_of_its_entry_repeats_nothing()
    {
        // Removal is a write behind the block's. A store where it never happened is one where entries were only read.
        await _bench.StartAsync();
        await _bench.BroadcastAsync(Valid());
        await _bench.BlockAsync(1);
        await _bench.StopAsync();
        using (OrdererStore store = OpenStore())
        {
            var entry = new LogEntry(new LogPosition(store.LastEntry + 1), BatchOf(sequence: 0, Valid()));
            store.AppendEntries([entry.Batch.Encoded]);
            Assert.True(ChainTip.TryRestore(store.Height, store.Savepoint.Span, out ChainTip? tip));
            MadeBlock block = new BlockMaker(NodeIdentity.Of(_channel.Orderer)).Make(tip, entry);
            store.AppendBlock(block.Number, [block.Image.ToWhole()], block.Tip.ToSavepoint(), sync: false);
        }

        await _bench.StartAsync();
        await _bench.BroadcastAsync(Valid());

        await _bench.BlockAsync(3);
        Assert.Equal(4UL, _bench.Ordering.State.Run?.Feed.Height);
    }

    [Fact]
    public void A_block_made_again_after_a_crash_is_the_same_block()
    {
        LogEntry entry = new(new LogPosition(1), BatchOf(sequence: 0, Valid(), Valid()));
        var maker = new BlockMaker(NodeIdentity.Of(_channel.Orderer));

        MadeBlock first = maker.Make(_bench.Genesis.Tip, entry);
        MadeBlock again = maker.Make(_bench.Genesis.Tip, entry);

        Assert.NotEqual(first.Image.ToWhole().ToArray(), again.Image.ToWhole().ToArray());   // Signed anew...
        Assert.Equal(first.Tip.LastHash, again.Tip.LastHash);   // ...over the same header
        Assert.Equal(first.Tip.ToSavepoint(), again.Tip.ToSavepoint());
    }

    [Fact]
    public async Task Restarts_go_on_with_the_same_chain()
    {
        for (ulong restart = 0; restart < 5; restart++)
        {
            await _bench.StartAsync();
            await _bench.BroadcastAsync(Valid());
            await _bench.BlockAsync(restart + 1);
            await _bench.StopAsync();
        }

        await _bench.StartAsync();
        Hash32 previous = (await _bench.BlockAsync(0)).Hash;
        for (ulong number = 1; number <= 5; number++)
        {
            BlockBytes block = await _bench.BlockAsync(number);
            Assert.Equal(previous.AsSpan(), block.PreviousHash.Span);
            previous = block.Hash;
        }
    }

    [Fact]
    public async Task Entries_are_removed_from_the_log_once_their_blocks_are_written()
    {
        await _bench.StartAsync();
        for (int count = 0; count < 4; count++)
            await _bench.BroadcastAsync(Valid());
        await _bench.BlockAsync(4);
        await _bench.StopAsync();

        using OrdererStore store = OpenStore();
        Assert.Equal((4UL, 4UL), (store.LastEntry, store.EntriesRemoved));
        for (ulong position = 1; position <= 4; position++)
            Assert.False(store.TryReadEntry(position, out _));
    }

    [Fact]
    public async Task Another_genesis_block_is_refused_and_the_channel_stays_closed()
    {
        await _bench.StartAsync();
        await _bench.StopAsync();
        using var other = new TestChannel();
        await using OrdererBench bench = OrdererBench.CreateWith(other, other.ToConfig());
        Directory.CreateSymbolicLink(bench.StoreFolder, _bench.StoreFolder);

        bench.Begin();
        await bench.UntilAsync(state => state.Reason.Contains("corrupt", StringComparison.Ordinal));

        Assert.Null(bench.Ordering.State.Run);
        await _bench.StartAsync();   // The store is as it was.
    }

    [Fact]
    public async Task An_orderer_whose_blocks_nobody_would_take_makes_none()
    {
        using var stranger = new TestChannel();
        RunParts parts = _bench.Parts with { Identity = NodeIdentity.Of(stranger.Orderer) };
        var channel = new OrderingChannel(JoinBlock.Of(_bench.Genesis), parts);
        using var stop = new CancellationTokenSource();
        Task running = channel.RunAsync(stop.Token);

        await channel.UntilAsync(state => state.Reason.Contains("no member", StringComparison.Ordinal));

        await stop.CancelAsync();
        await running;
        Assert.Null(channel.State.Run);
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("number 1")]
    [InlineData("data changed")]
    [InlineData("commitment changed")]
    [InlineData("fields in another order")]
    public void A_genesis_block_that_is_none_is_refused(string flaw)
    {
        Block block = Block.Parser.ParseFrom(_bench.Genesis.Bytes.Span);
        byte[] bytes = _bench.Genesis.Bytes.ToArray();
        if (flaw == "cut off")
            bytes = bytes[..^3];
        else if (flaw == "fields in another order")
            bytes = [.. new Block { Data = block.Data }.ToByteArray(), .. Without(block).ToByteArray()];
        else if (flaw == "number 1")
            block.Header.Number = 1;
        else if (flaw == "data changed")
            block.Data.Data.Add(ByteString.CopyFromUtf8("more"));
        else
            block.Metadata.Metadata[0] = SlotWithOtherRoots();

        bool isMessageChanged = bytes.AsSpan().SequenceEqual(_bench.Genesis.Bytes.Span);
        Assert.False(GenesisBlock.TryDecode(isMessageChanged ? block.ToByteArray() : bytes, out _, out string? fault));
        Assert.NotEmpty(fault);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    private byte[] Valid() => Tx.Valid(_channel).Writing("k", "v").ToEnvelope();

    private OrdererStore OpenStore() => OrdererStore.Open(_bench.StoreFolder, _channel.Id);

    private void AppendToLog(params byte[][] envelopes)
    {
        using OrdererStore store = OpenStore();
        for (int index = 0; index < envelopes.Length; index++)
            store.AppendEntries([BatchOf((ulong)index, envelopes[index]).Encoded]);
    }

    private static Block Without(Block block) => new() { Header = block.Header, Metadata = block.Metadata };

    private static ByteString SlotWithOtherRoots()
    {
        byte[] commitment = BlockCommitments.Encode(new BlockRoots(Hash32.Of("other"u8), MerkleHash.Empty, default));
        var value = new OrdererBlockMetadata
        {
            LastConfig = new LastConfig(),
            ConsenterMetadata = ByteString.CopyFrom(commitment),
        };
        return new Metadata { Value = value.ToByteString() }.ToByteString();
    }

    private static Batch BatchOf(ulong sequence, params byte[][] envelopes)
    {
        WaitingEnvelope[] waiting = Array.ConvertAll(
            envelopes, bytes => new WaitingEnvelope(bytes, bytes.Length, configSequence: 0, isConfig: false));
        var id = BatchId.Of("a crashed orderer"u8, incarnation: 1, sequence);
        return Batch.Of(id, new CutBatch(waiting, IsConfig: false));
    }
}

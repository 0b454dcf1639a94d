using Node.Ledger;
using Node.Peer.Committing;
using Node.Peer.Tests.Validating;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Time;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Committing;

public sealed class StorageFailureTests(TestChannelFixture fixture) : IClassFixture<TestChannelFixture>
{
    private readonly TestChannel _channel = fixture.Channel;

    [Fact]
    public async Task Before_the_disk_is_full_the_channel_stops_and_says_so_and_goes_on_when_there_is_room()
    {
        var clock = new ManualClock(TestIssuer.Epoch.AddDays(1));
        var chain = new TestChain(_channel);
        await using var peer = new TestPeer(_channel, chain, clock);
        peer.Disk = new DiskSpace(Free: 60 << 20, Total: 1L << 40);
        byte[] block = chain.Next(Definitions.Define(_channel, "new", "OR('Org1MSP.peer')").ToEnvelope());
        Assert.Null(await peer.AcceptAsync(block));

        await clock.WaitForTimerAsync(StorageWatch.ProbeInterval).WaitAsync(TestPeer.Patience);

        Assert.Contains("only 61440 KB are free", peer.Channel.Fault, StringComparison.Ordinal);
        Assert.Equal(1ul, peer.Ledger.Height);
        Assert.True(peer.Ledger.TryReadBlock(0, out byte[]? _));
        peer.Disk = new DiskSpace(Free: 80 << 20, Total: 1L << 40);
        clock.Advance(StorageWatch.ProbeInterval);
        await peer.HeightAsync(2);
        Assert.Null(peer.Channel.Fault);
    }

    [Fact]
    public async Task A_small_disk_keeps_a_part_of_itself_free_and_no_more()
    {
        var chain = new TestChain(_channel);
        await using var peer = new TestPeer(_channel, chain);
        peer.Disk = new DiskSpace(Free: 3 << 20, Total: 32 << 20);

        await peer.CommitAsync(chain, Tx.Valid(_channel).ToEnvelope());

        Assert.Null(peer.Channel.Fault);
    }

    [Fact]
    public async Task A_write_that_failed_but_is_there_is_announced_when_the_ledger_opens_again()
    {
        var clock = new ManualClock(TestIssuer.Epoch.AddDays(1));
        var chain = new TestChain(_channel);
        await using var peer = new TestPeer(_channel, chain, clock);
        Tx tx = Tx.Valid(_channel).Calling("_lifecycle");
        byte[] block = chain.Next(tx.ToEnvelope());
        string folder = peer.Ledger.Folder;
        peer.Ledger.Dispose();
        Task<TransactionPosition> told = peer.Channel.Commits.WaitForHeightAsync(2, CancellationToken.None).AsTask()
            .ContinueWith(
                _ => peer.Ledger.TryFindTransaction(tx.Id, out TransactionPosition at) ? at : default,
                TaskScheduler.Default);
        Assert.Null(await peer.AcceptAsync(block));
        await clock.WaitForTimerAsync(StorageWatch.ProbeInterval).WaitAsync(TestPeer.Patience);

        CommitDirectly(folder, block);
        CancellationToken restarting = peer.Pipeline.Restarting;
        clock.Advance(StorageWatch.ProbeInterval);

        Assert.Equal(
            new TransactionPosition(1, 0, TxValidationCode.Valid), await told.WaitAsync(TestPeer.Patience));

        // What is fed before the pipeline says that it starts over is let go.
        await TestPeer.CancellationOf(restarting);
        Assert.Equal(2ul, await peer.Pipeline.NextNumberAsync(CancellationToken.None));
        await peer.CommitAsync(chain, Tx.Valid(_channel).ToEnvelope());
    }

    private void CommitDirectly(string folder, byte[] bytes)
    {
        using ChannelLedger ledger = ChannelLedger.Open(folder, _channel.Id, LedgerOptions.Default);
        Assert.True(BlockBytes.TryDecode(bytes, out BlockBytes? block, out _));
        Assert.True(DecodedEnvelope.TryDecode(block.Envelopes[0], out DecodedEnvelope? envelope, out _));
        Assert.True(DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out _));
        var verdict = new TransactionVerdict(
            TxValidationCode.Valid, ReachedDuplicateCheck: true, envelope, transaction);
        Assert.True(ledger.Commit(new BlockToCommit(block, [verdict], commitmentRequired: true)).IsCommitted);
    }

    [Fact]
    public async Task After_a_failed_write_the_channel_says_so_and_goes_on_when_the_ledger_opens_again()
    {
        var clock = new ManualClock(TestIssuer.Epoch.AddDays(1));
        var chain = new TestChain(_channel);
        await using var peer = new TestPeer(_channel, chain, clock);
        byte[] block = chain.Next(Definitions.Define(_channel, "new", "OR('Org1MSP.peer')").ToEnvelope());

        // A closed database refuses the write as a full disk does.
        peer.Ledger.Dispose();
        Assert.Null(await peer.AcceptAsync(block));
        await clock.WaitForTimerAsync(StorageWatch.ProbeInterval).WaitAsync(TestPeer.Patience);
        Assert.Contains("Check space", peer.Channel.Fault, StringComparison.Ordinal);
        CancellationToken restarting = peer.Pipeline.Restarting;
        Assert.False(restarting.IsCancellationRequested);

        clock.Advance(StorageWatch.ProbeInterval);
        await TestPeer.CancellationOf(restarting);

        // Whoever feeds the pipeline asks where to go on: the block was not written.
        Assert.Null(peer.Channel.Fault);
        Assert.Equal(1ul, await peer.Pipeline.NextNumberAsync(CancellationToken.None));
        Assert.Null(await peer.AcceptAsync(block));
        await peer.HeightAsync(2);
        Assert.Equal([TxValidationCode.Valid], peer.CodesOf(1));
    }
}

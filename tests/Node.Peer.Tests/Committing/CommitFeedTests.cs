using Node.Peer.Tests.Validating;
using Node.Protocol;
using Node.Protocol.Wire.Peer;
using Node.Ledger;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Committing;

public sealed class CommitFeedTests(TestChannelFixture fixture) : IClassFixture<TestChannelFixture>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly TestChannel _channel = fixture.Channel;

    [Fact]
    public async Task Waiters_are_told_where_their_transaction_lies_and_what_became_of_it()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        Tx valid = Tx.Valid(_channel);
        Tx invalid = Tx.Valid(_channel).EndorsedBy();
        Task<TransactionPosition>[] waits = [Wait(peer, valid), Wait(peer, invalid), Wait(peer, valid)];
        Assert.DoesNotContain(waits, wait => wait.IsCompleted);

        await peer.CommitAsync(chain, valid.ToEnvelope(), invalid.ToEnvelope());

        TransactionPosition[] told = await Task.WhenAll(waits).WaitAsync(s_patience);
        Assert.Equal(
            [
                new TransactionPosition(2, 0, TxValidationCode.Valid),
                new TransactionPosition(2, 1, TxValidationCode.EndorsementPolicyFailure),
                new TransactionPosition(2, 0, TxValidationCode.Valid),
            ],
            told);
        Assert.Equal(0, peer.Channel.Commits.WaitingCount);
    }

    [Fact]
    public async Task What_is_on_the_ledger_is_told_at_once()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        Tx tx = Tx.Valid(_channel);
        await peer.CommitAsync(chain, tx.ToEnvelope());

        Task<TransactionPosition> wait = Wait(peer, tx);

        Assert.True(wait.IsCompletedSuccessfully);
        Assert.Equal(0, peer.Channel.Commits.WaitingCount);
    }

    [Fact]
    public async Task Whoever_is_told_finds_the_transaction_durable()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        for (int round = 0; round < 20; round++)
        {
            Tx tx = Tx.Valid(_channel);
            Task<bool> found = FindWhenToldAsync(tx);
            await peer.CommitAsync(chain, tx.ToEnvelope());

            Assert.True(await found.WaitAsync(s_patience));
        }

        async Task<bool> FindWhenToldAsync(Tx tx)
        {
            await peer.Channel.Commits.WaitForTransactionAsync(tx.Id, CancellationToken.None);
            return peer.Ledger.TryFindTransaction(tx.Id, out TransactionPosition _);
        }
    }

    [Fact]
    public async Task Giving_up_frees_the_place_and_leaves_others_waiting()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        using var giveUp = new CancellationTokenSource();
        Tx tx = Tx.Valid(_channel);
        Task<TransactionPosition> first = Wait(peer, tx);
        Task<TransactionPosition> second =
            peer.Channel.Commits.WaitForTransactionAsync(tx.Id, giveUp.Token).AsTask();
        Task<TransactionPosition> third = Wait(peer, tx);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(2, peer.Channel.Commits.WaitingCount);
        await peer.CommitAsync(chain, tx.ToEnvelope());
        Assert.Equal(await first.WaitAsync(s_patience), await third.WaitAsync(s_patience));
    }

    [Fact]
    public async Task One_waiter_too_many_is_sent_away()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        Tx tx = Tx.Valid(_channel);
        Task<TransactionPosition>[] waits =
            [.. Enumerable.Range(0, Limits.CommitWaitersMax).Select(_ => Wait(peer, tx))];

        await Assert.ThrowsAsync<OverloadedException>(() => Wait(peer, Tx.Valid(_channel)));

        await peer.CommitAsync(chain, tx.ToEnvelope());
        await Task.WhenAll(waits).WaitAsync(s_patience);
        Assert.Equal(0, peer.Channel.Commits.WaitingCount);
    }

    [Fact]
    public async Task An_envelope_that_only_claims_an_id_tells_its_waiters_nothing()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        Tx tx = Tx.Valid(_channel);
        Task<TransactionPosition> early = Wait(peer, tx);
        byte[] claim = Tx.Valid(_channel).CreatedBy(_channel.Client2)
            .ChangingChannelHeader(header => header.TxId = tx.Id.Value).ToEnvelope();
        Assert.Equal([TxValidationCode.BadProposalTxid], await peer.CommitAsync(chain, claim));

        Task<TransactionPosition> late = Wait(peer, tx);

        Assert.False(early.IsCompleted);
        Assert.False(late.IsCompleted);
        await peer.CommitAsync(chain, tx.ToEnvelope());
        Assert.Equal(TxValidationCode.Valid, (await early.WaitAsync(s_patience)).Code);
        Assert.Equal(TxValidationCode.Valid, (await late.WaitAsync(s_patience)).Code);
    }

    [Fact]
    public async Task The_tail_keeps_the_newest_blocks_and_forgets_the_oldest()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        while (chain.Height < Committing.TailBlocks + 3)
            Assert.Null(await peer.AcceptAsync(chain.Next(Tx.Valid(_channel).ToEnvelope())));

        await peer.HeightAsync(chain.Height);

        Assert.False(peer.Channel.Commits.TryFindRecent(chain.Height - Committing.TailBlocks - 1, out var _));
        Assert.True(peer.Channel.Commits.TryFindRecent(chain.Height - Committing.TailBlocks, out var oldest));
        Assert.Equal(chain.Height - Committing.TailBlocks, oldest.Number);
        Assert.False(peer.Channel.Commits.TryFindRecent(chain.Height, out var _));
    }

    private static Task<TransactionPosition> Wait(TestPeer peer, Tx tx) =>
        peer.Channel.Commits.WaitForTransactionAsync(tx.Id, CancellationToken.None).AsTask();

    private static class Committing
    {
        public const ulong TailBlocks = Node.Peer.Committing.BlockTail.BlocksMax;
    }
}

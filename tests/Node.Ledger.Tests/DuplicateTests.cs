using Node.Ledger.Building;
using Node.Protocol;
using Node.Protocol.Wire.Peer;
using static Node.Protocol.Wire.Peer.TxValidationCode;

namespace Node.Ledger;

public sealed class DuplicateTests : IDisposable
{
    private readonly TestLedger _ledger = TestLedger.WithGenesis();

    public void Dispose() => _ledger.Dispose();

    [Theory]
    [InlineData(Valid)]
    [InlineData(EndorsementPolicyFailure)]   // An invalid one uses its id up as well.
    [InlineData(InvalidChaincode)]
    public void An_id_on_the_ledger_is_used_up(TxValidationCode first)
    {
        Tx tx = Tx.Valid().Writing("k", "v").Judged(first);
        _ledger.Commit(tx);

        Assert.Equal([DuplicateTxid], _ledger.CodesOf(tx.Again()));
        Assert.Null(_ledger.ValueOf("again"));
        Assert.True(_ledger.Ledger.TryFindTransaction(tx.Id, out TransactionPosition position));
        Assert.Equal(new TransactionPosition(1, 0, first), position);
    }

    [Fact]
    public void Within_a_block_the_second_of_two_that_could_be_valid_is_the_duplicate()
    {
        Tx tx = Tx.Valid().Writing("k", "v");

        Assert.Equal([Valid, DuplicateTxid], _ledger.CodesOf(tx, tx.Again()));
        Assert.True(_ledger.Ledger.TryFindTransaction(tx.Id, out TransactionPosition position));
        Assert.Equal(0u, position.Index);
    }

    [Fact]
    public void Within_a_block_a_refused_one_leaves_its_id_to_the_next()
    {
        Tx tx = Tx.Valid().Writing("k", "v").Judged(EndorsementPolicyFailure);

        Assert.Equal([EndorsementPolicyFailure, Valid], _ledger.CodesOf(tx, tx.Again()));
    }

    [Fact]
    public void A_duplicate_takes_precedence_over_what_is_checked_later()
    {
        Tx tx = Tx.Valid().Writing("k", "v");
        _ledger.Commit(tx);

        Assert.Equal([DuplicateTxid], _ledger.CodesOf(tx.Again().Judged(EndorsementPolicyFailure)));
    }

    [Fact]
    public void Nobody_takes_an_id_from_its_owner_by_naming_it_first()
    {
        Tx owner = Tx.Valid().Writing("k", "v");
        Tx thief = Tx.Valid().Writing("k", "stolen").ClaimingId(owner.Id);

        Assert.Equal([BadProposalTxid], _ledger.CodesOf(thief));
        Assert.True(_ledger.Ledger.TryFindTransaction(owner.Id, out TransactionPosition claimed));
        Assert.Equal(BadProposalTxid, claimed.Code);
        Assert.False(_ledger.Ledger.IsTaken(owner.Id));

        Assert.Equal([Valid], _ledger.CodesOf(owner));
        Assert.True(_ledger.Ledger.TryFindTransaction(owner.Id, out TransactionPosition owned));
        Assert.Equal(new TransactionPosition(2, 0, Valid), owned);
        Assert.True(_ledger.Ledger.IsTaken(owner.Id));
        Assert.Equal([BadProposalTxid], _ledger.CodesOf(Tx.Valid().ClaimingId(owner.Id)));
        Assert.True(_ledger.Ledger.TryFindTransaction(owner.Id, out owned));
        Assert.Equal(2ul, owned.Block);
    }

    [Fact]
    public void In_one_block_the_owner_of_an_id_is_found_whoever_came_first()
    {
        Tx owner = Tx.Valid().Writing("k", "v");

        Assert.Equal(
            [BadProposalTxid, Valid, BadProposalTxid],
            _ledger.CodesOf(Tx.Valid().ClaimingId(owner.Id), owner, Tx.Valid().ClaimingId(owner.Id)));
        Assert.True(_ledger.Ledger.TryFindTransaction(owner.Id, out TransactionPosition position));
        Assert.Equal(1u, position.Index);
    }

    [Fact]
    public void An_unknown_id_is_not_found()
    {
        Assert.False(_ledger.Ledger.TryFindTransaction(Tx.Valid().Id, out _));
        Assert.False(_ledger.Ledger.TryFindTransaction(default, out _));
        Assert.False(_ledger.Ledger.TryReadTransaction(TxId.Of(Hash32.Of("x"u8)), out _, out _));
    }

    [Fact]
    public void A_transaction_is_read_back_as_the_bytes_that_travelled()
    {
        Tx tx = Tx.Valid().Writing("k", "v");
        _ledger.Commit(Tx.Valid().Writing("other", "v"), tx);

        Assert.True(_ledger.Ledger.TryReadTransaction(tx.Id, out byte[]? envelope, out TransactionPosition position));
        Assert.Equal(tx.ToEnvelope(), envelope);
        Assert.Equal(new TransactionPosition(1, 1, Valid), position);
    }
}

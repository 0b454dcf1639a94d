using Node.Ledger.Building;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger;

public sealed class ChannelLedgerTests
{
    [Fact]
    public void What_was_committed_is_there_after_reopening()
    {
        using TestLedger ledger = TestLedger.WithGenesis();

        Assert.Equal([TxValidationCode.Valid], ledger.CodesOf(Tx.Valid().Writing("k", "v")));
        LedgerTip tip = ledger.Ledger.Tip;
        ledger.Reopen();

        Assert.Equal("v", ledger.ValueOf("k"));
        Assert.Equal(tip.Height, ledger.Ledger.Height);
        Assert.Equal(tip.LastBlockHash, ledger.Ledger.Tip.LastBlockHash);
        Assert.Equal(tip.CommitHash, ledger.Ledger.Tip.CommitHash);
        Assert.Equal(tip.Chain.Root, ledger.Ledger.Tip.Chain.Root);
    }
}

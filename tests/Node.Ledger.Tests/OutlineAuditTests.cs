using Google.Protobuf;
using Node.Ledger.Building;
using Node.Ledger.History;
using Node.Ledger.Pruning;
using Node.Ledger.Snapshots;
using Node.Ledger.State;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Ledger;

/// <summary>Audits of ledgers whose first blocks have no bodies: blocks 0 to 9, whole from block 5 on.</summary>
public sealed class OutlineAuditTests : IDisposable
{
    private const ulong Held = 5;

    private readonly TestLedger _ledger = TestLedger.WithGenesis();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("outline-audits-");

    public OutlineAuditTests()
    {
        Tx first = Tx.Valid()
            .Writing("a", "1").Writing("gone", "1").Writing("kept", "1").WritingHashes("secrets", "k", "v");
        _ledger.Commit(first, Tx.Valid().Writing("again", "1"));                                        // Block 1
        _ledger.Commit(Tx.Valid().WritingMetadata("a", "VALIDATION_PARAMETER", "policy"));              // Block 2
        _ledger.CommitConfig("new configuration");                                                      // Block 3
        _ledger.Commit(Tx.Valid().Writing("a", "2").Deleting("again"));                                 // Block 4
        _ledger.Commit(Tx.Valid().WritingMetadata("gone", "VALIDATION_PARAMETER", "late"), first.Again());
        _ledger.Commit(                                                                                 // Block 6
            Tx.Valid().Deleting("gone"), Tx.Valid().Reading("a", (1, 0)).Writing("a", "stale"),
            Tx.Valid().Reading("kept", (1, 0)));
        _ledger.CommitConfig("another configuration");                                                  // Block 7
        _ledger.Commit(Tx.Valid().Writing("again", "2").WritingHashes("secrets", "k", "w"));            // Block 8
        _ledger.Commit(Tx.Valid().Reading("a", (4, 0)).Writing("a", "3"));                              // Block 9
    }

    public void Dispose()
    {
        _ledger.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_pruned_ledger_is_clean_at_every_first_whole_block()
    {
        for (ulong keep = 10; keep >= 1; keep--)
        {
            _ledger.Ledger.Prune(PruneRule.KeepNewest(keep), NoPruneProgress.Instance, CancellationToken.None);

            AuditReport report = Verify(_ledger.Folder);

            Assert.Null(report.Fault);
            Assert.Equal((10ul, 10ul, 10 - keep), (report.Height, report.BlocksChecked, report.FirstHeld));
            Assert.Equal(_ledger.Ledger.Tip.CommitHash, report.CommitHash);
        }
    }

    [Fact]
    public void A_ledger_that_began_with_a_snapshot_is_clean_and_says_so()
    {
        string snapshot = Path.Combine(_folder.FullName, "snapshot");
        string joined = Path.Combine(_folder.FullName, "mychannel");
        LedgerSnapshots.Export(_ledger.Folder, snapshot, AnySnapshotAuthority.Peer, NoSnapshotProgress.Instance);
        LedgerSnapshots.Import(
            snapshot, joined, new AnySnapshotAuthority(), organizationsMin: 1, NoSnapshotProgress.Instance);

        AuditReport report = Verify(joined);

        Assert.Null(report.Fault);
        Assert.Equal((9ul, 10ul), (report.FirstHeld, report.Origin?.Height));
    }

    [Theory]
    [InlineData("old state value", 1)]
    [InlineData("old state missing", 1)]
    [InlineData("old state older than its history", 4)]
    [InlineData("old history value", 1)]
    [InlineData("old history missing", 1)]
    [InlineData("young state value", 9)]
    [InlineData("young state added", 9)]
    [InlineData("young history missing", 8)]
    [InlineData("deleted state is back", 1)]
    [InlineData("old hash index", 2)]
    [InlineData("chain tree", null)]
    [InlineData("outline header", 3)]        // The block behind it does not follow any more.
    [InlineData("outline commit hash", 5)]   // The first whole block chains over it.
    [InlineData("outline missing", 2)]
    [InlineData("configuration body missing", 3)]
    [InlineData("whole block missing", 6)]
    public void What_does_not_fit_is_named_with_its_block(string damage, int? block)
    {
        _ledger.Ledger.Prune(
            PruneRule.KeepNewest(10 - Held), NoPruneProgress.Instance, CancellationToken.None);
        _ledger.Ledger.Dispose();
        using (LedgerDatabase database =
            LedgerDatabase.Open(_ledger.Folder, TestLedger.ChannelId, LedgerOptions.Default))
        {
            using StorageBatch batch = database.NewBatch();
            Damage(damage, database, batch);
            database.Write(batch, "damage it");
        }

        AuditReport report = Verify(_ledger.Folder);

        Assert.True(report.Fault is not null, damage);
        Assert.Equal((ulong?)block, report.Fault.Block);
    }

    private static AuditReport Verify(string folder) =>
        LedgerAudit.Verify(folder, AnyAuthority.Instance, NoProgress.Instance);

    private static byte[] Number(ulong number) => [0, 0, 0, 0, 0, 0, 0, (byte)number];

    private static byte[] StateKey(string key) => StateKeys.Encode("cc"u8, [], System.Text.Encoding.UTF8.GetBytes(key));

    private static byte[] HistoryKey(string key, ulong block, uint transaction)
    {
        Assert.True(HistoryKeys.TryPrefix("cc", key, out byte[] prefix));
        return HistoryKeys.At(prefix, new StateVersion(block, transaction));
    }

    private static void Damage(string damage, LedgerDatabase database, StorageBatch batch)
    {
        byte[] kept = database.Get(StateKey("kept"), database.State, "read") ?? [];
        switch (damage)
        {
            case "old state value":
                batch.Put(StateKey("kept"), [.. kept[..^1], (byte)'9'], database.State);
                break;
            case "old state missing":
                batch.Delete(StateKey("kept"), database.State);
                break;
            case "old state older than its history":
                batch.Put(StateKey("a"), kept, database.State);   // As it was: written by the same transaction.
                break;
            case "young state value":
                byte[] young = database.Get(StateKey("a"), database.State, "read") ?? [];
                batch.Put(StateKey("a"), [.. young[..^1], (byte)'9'], database.State);
                break;
            case "young state added":
                byte[] added = database.Get(StateKey("a"), database.State, "read") ?? [];
                batch.Put(StateKey("added"), added, database.State);
                break;
            case "deleted state is back":
                batch.Put(StateKey("gone"), kept, database.State);
                break;
            default:
                DamageHistory(damage, database, batch);
                break;
        }
    }

    private static void DamageHistory(string damage, LedgerDatabase database, StorageBatch batch)
    {
        byte[] kept = database.Get(HistoryKey("kept", 1, 0), database.History, "read") ?? [];
        switch (damage)
        {
            case "old history value":
                batch.Put(HistoryKey("kept", 1, 0), [.. kept[..^1], (byte)'9'], database.History);
                break;
            case "old history missing":
                batch.Delete(HistoryKey("kept", 1, 0), database.History);
                break;
            case "young history missing":
                batch.Delete(HistoryKey("again", 8, 0), database.History);
                break;
            case "old hash index":
                batch.Put(Hash32.Of("new"u8).AsSpan(), Number(2), database.Hashes);
                break;
            case "chain tree":
                batch.Put([0, .. Number(3)], new byte[32], database.Tree);
                break;
            default:
                DamageBlock(damage, database, batch);
                break;
        }
    }

    private static void DamageBlock(string damage, LedgerDatabase database, StorageBatch batch)
    {
        ulong number = damage switch { "whole block missing" => 6, "configuration body missing" => 3, _ => 2 };
        number = damage == "outline commit hash" ? 4 : number;
        Block block = Block.Parser.ParseFrom(database.Get(Number(number), database.Blocks, "read"));
        switch (damage)
        {
            case "outline header":
                block.Header.DataHash = ByteString.CopyFrom(new byte[32]);
                break;
            case "outline commit hash":
                block.Metadata.Metadata[4] = ByteString.CopyFrom([0x0a, 32, .. new byte[32]]);
                break;
            case "configuration body missing":
                block.Data = null;
                break;
            default:
                batch.Delete(Number(number), database.Blocks);
                return;
        }

        batch.Put(Number(number), block.ToByteArray(), database.Blocks);
    }
}

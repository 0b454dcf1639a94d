using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Ledger.Building;
using Node.Ledger.History;
using Node.Ledger.State;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using static Node.Protocol.Wire.Peer.TxValidationCode;

namespace Node.Ledger;

/// <summary>A ledger of every kind of block: genesis, writes, conflicts, duplicates, configuration, metadata.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly TestLedger _ledger = TestLedger.WithGenesis();

    public AuditTests()
    {
        Tx first = Tx.Valid().Writing("a", "1").Writing("b", "1").WritingHashes("secrets", "k", "v");
        _ledger.Commit(first, Tx.Valid().Writing("c", "1"));                                            // Block 1
        _ledger.Commit(
            Tx.Valid().Reading("a", (1, 0)).Writing("a", "2"),
            Tx.Valid().Reading("a", (1, 0)).Writing("a", "3"),
            Tx.Valid().ReadingRange("a", "b", exhausted: true, ("a", 1, 0)).Writing("z", "1"),
            first.Again(),
            Tx.Valid().Writing("refused", "1").Judged(EndorsementPolicyFailure),
            Tx.Valid().Writing("unsigned", "1").Judged(BadCreatorSignature),
            Tx.Valid().ClaimingId(first.Id));                                                           // Block 2
        _ledger.CommitConfig("new configuration");                                                      // Block 3
        _ledger.Commit(Tx.Valid().WritingMetadata("a", "VALIDATION_PARAMETER", "policy"));              // Block 4
        Tx twice = Tx.Valid().Writing("d", "1");
        _ledger.Commit(twice, twice.Again(), Tx.Valid().Deleting("c"));                                 // Block 5
        _ledger.Commit(Tx.Valid().Writing("a", "4"));                                                   // Block 6
    }

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void A_ledger_that_was_only_committed_to_is_clean_also_while_it_is_open()
    {
        var heights = new List<ulong>();

        AuditReport report = LedgerAudit.Verify(
            _ledger.Folder, AnyAuthority.Instance, new Recorder(progress => heights.Add(progress.Blocks)));

        Assert.Null(report.Fault);
        Assert.Equal((7ul, 7ul, "mychannel"), (report.Height, report.BlocksChecked, report.Channel));
        Assert.Equal(_ledger.Ledger.Tip.CommitHash, report.CommitHash);
        Assert.Equal([1ul, 2, 3, 4, 5, 6, 7], heights);
    }

    [Fact]
    public void An_audit_leaves_the_folder_as_it_is()
    {
        _ledger.Ledger.Dispose();
        (string, long)[] before = Files();

        Assert.Null(LedgerAudit.Verify(_ledger.Folder, AnyAuthority.Instance, NoProgress.Instance).Fault);

        Assert.Equal(before, Files());

        (string, long)[] Files() => [.. new DirectoryInfo(_ledger.Folder).GetFiles()
            .OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => (file.Name, file.Length))];
    }

    [Theory]
    [InlineData("state value", 6)]
    [InlineData("state missing", 6)]
    [InlineData("state added", 5)]
    [InlineData("metadata", 6)]
    [InlineData("history value", 2)]
    [InlineData("history missing", 1)]
    [InlineData("transaction index", 5)]
    [InlineData("hash index", 4)]
    [InlineData("chain tree", null)]
    [InlineData("savepoint", null)]
    [InlineData("block behind the savepoint", 7)]
    public void A_record_that_its_blocks_do_not_give_is_named_with_its_block(string damage, int? block)
    {
        Tamper((database, batch) => Damage(damage, database, batch));

        AuditReport report = LedgerAudit.Verify(_ledger.Folder, AnyAuthority.Instance, NoProgress.Instance);

        Assert.NotNull(report.Fault);
        Assert.Equal((ulong?)block, report.Fault.Block);
    }

    [Fact]
    public void Of_several_bad_records_the_one_of_the_lowest_block_is_named()
    {
        Tamper((database, batch) =>
        {
            Damage("state value", database, batch);
            Damage("hash index", database, batch);
            Damage("history value", database, batch);
        });

        Assert.Equal(2ul, LedgerAudit.Verify(_ledger.Folder, AnyAuthority.Instance, NoProgress.Instance).Fault?.Block);
    }

    [Theory]
    [InlineData("code", "stored as MvccReadConflict, its checks give Valid")]
    [InlineData("wrong code", "stored as Valid, its checks give MvccReadConflict")]
    [InlineData("duplicate code", "stored as Valid, its checks give DuplicateTxid")]
    [InlineData("taken code", "its commit hash is")]      // A policy verdict: only the chained hash tells.
    [InlineData("commit hash", "its commit hash is")]
    [InlineData("no codes", "validation codes")]
    [InlineData("envelope", "its data hash is")]
    [InlineData("missing", "missing")]
    [InlineData("garbage", "cannot be read")]
    [InlineData("no roots", "block commitment")]
    public void A_changed_block_is_the_first_bad_one(string damage, string what)
    {
        Assert.True(_ledger.Ledger.TryReadBlock(2, out byte[]? stored));
        byte[]? changed = Change(Block.Parser.ParseFrom(stored), damage);
        Tamper((database, batch) =>
        {
            if (changed is null)
                batch.Delete(Number(2), database.Blocks);
            else
                batch.Put(Number(2), changed, database.Blocks);
        });

        AuditReport report = LedgerAudit.Verify(_ledger.Folder, AnyAuthority.Instance, NoProgress.Instance);

        Assert.Contains(what, report.Fault?.What, StringComparison.Ordinal);
        Assert.Equal((2ul, 2ul), (report.Fault?.Block, report.BlocksChecked));
    }

    [Fact]
    public void A_block_whose_signature_does_not_hold_is_the_first_bad_one()
    {
        var authority = new RefusingAuthority(block: 4);

        AuditReport report = LedgerAudit.Verify(_ledger.Folder, authority, NoProgress.Instance);

        Assert.Equal(new AuditFault(4, "no signature of an orderer"), report.Fault);
        Assert.Equal([0ul, 1, 2, 3, 4], authority.Asked);
    }

    [Fact]
    public void No_ledger_is_a_storage_failure()
    {
        Assert.Throws<StorageFailedException>(
            () => LedgerAudit.Verify(_ledger.Folder + "-none", AnyAuthority.Instance, NoProgress.Instance));
    }

    private static byte[] Number(ulong number) => [0, 0, 0, 0, 0, 0, 0, (byte)number];

    private static byte[]? Change(Block block, string damage)
    {
        byte[] codes = block.Metadata.Metadata[2].ToByteArray();
        switch (damage)
        {
            case "code":
                codes[0] = (byte)MvccReadConflict;
                break;
            case "wrong code":
                codes[1] = (byte)Valid;
                break;
            case "duplicate code":
                codes[3] = (byte)Valid;
                break;
            case "taken code":
                codes[4] = (byte)InvalidChaincode;
                break;
            case "no codes":
                codes = [];
                break;
            case "commit hash":
                block.Metadata.Metadata[4] = ByteString.CopyFrom([0x0a, 32, .. new byte[32]]);
                break;
            case "envelope":
                block.Data.Data[0] = ByteString.CopyFrom(Tx.Valid().Writing("a", "2").ToEnvelope());
                break;
            case "missing":
                return null;
            case "garbage":
                return [1, 2, 3];
            case "no roots":
                block.Metadata.Metadata[0] = ByteString.Empty;
                break;
        }

        block.Metadata.Metadata[2] = ByteString.CopyFrom(codes);
        return block.ToByteArray();
    }

    private void Tamper(Action<LedgerDatabase, StorageBatch> change)
    {
        _ledger.Ledger.Dispose();
        using LedgerDatabase database =
            LedgerDatabase.Open(_ledger.Folder, TestLedger.ChannelId, LedgerOptions.Default);
        using StorageBatch batch = database.NewBatch();
        change(database, batch);
        database.Write(batch, "damage it");
    }

    private static void Damage(string damage, LedgerDatabase database, StorageBatch batch)
    {
        byte[] stateKey = StateKeys.Encode("cc"u8, [], "a"u8);
        Assert.True(HistoryKeys.TryPrefix("cc", "a", out byte[] history));
        byte[] record = database.Get(stateKey, database.State, "read") ?? [];
        switch (damage)
        {
            case "state value":
                batch.Put(stateKey, [.. record[..^1], (byte)'9'], database.State);
                break;
            case "state missing":
                batch.Delete(stateKey, database.State);
                break;
            case "state added":
                record = database.Get(StateKeys.Encode("cc"u8, [], "d"u8), database.State, "read") ?? [];
                batch.Put(StateKeys.Encode("cc"u8, [], "dd"u8), record, database.State);
                break;
            case "metadata":
                record[^2] ^= 1;
                batch.Put(stateKey, record, database.State);
                break;
            case "history value":
                batch.Put(HistoryKeys.At(history, new StateVersion(2, 0)), new byte[60], database.History);
                break;
            case "history missing":
                batch.Delete(HistoryKeys.At(history, new StateVersion(1, 0)), database.History);
                break;
            default:
                DamageIndex(damage, database, batch);
                break;
        }
    }

    private static void DamageIndex(string damage, LedgerDatabase database, StorageBatch batch)
    {
        switch (damage)
        {
            case "transaction index":
                batch.Put(Hash32.Of("new"u8).AsSpan(), [.. Number(5), 0, 0, 0, 0, 0, 1], database.TxIds);
                break;
            case "hash index":
                batch.Put(Hash32.Of("new"u8).AsSpan(), Number(4), database.Hashes);
                break;
            case "chain tree":
                batch.Put([0, .. Number(3)], new byte[32], database.Tree);
                break;
            case "savepoint":
                batch.Put("metadata/other"u8, ReadOnlySpan<byte>.Empty, database.Meta);
                break;
            case "block behind the savepoint":
                batch.Put(Number(7), [1], database.Blocks);
                break;
            default:
                Assert.Fail(damage);
                break;
        }
    }

    private sealed class Recorder(Action<AuditProgress> report) : IProgress<AuditProgress>
    {
        public void Report(AuditProgress value) => report(value);
    }

    private sealed class RefusingAuthority(ulong block) : IBlockAuthority
    {
        public List<ulong> Asked { get; } = [];

        public bool TryCheck(BlockBytes checkedBlock, [NotNullWhen(false)] out string? fault)
        {
            Asked.Add(checkedBlock.Number);
            fault = checkedBlock.Number == block ? "no signature of an orderer" : null;
            return fault is null;
        }
    }
}

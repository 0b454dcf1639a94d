using System.Text;
using Google.Protobuf;
using Node.Ledger.Building;
using Node.Ledger.Pruning;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger.Snapshots;

/// <summary>Two peers of one chain, one of them with another orderer's signatures, and what they export.</summary>
public sealed class LedgerSnapshotsTests : IDisposable
{
    private readonly TestLedger _ledger = TestLedger.WithGenesis();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ledger-snapshots-");

    public LedgerSnapshotsTests()
    {
        _ledger.Commit(Tx.Valid().Writing("a", "1").WritingHashes("secrets", "k", "v"), Tx.Valid().Writing("b", "1"));
        _ledger.Commit(Tx.Valid().Reading("a", (1, 0)).Writing("a", "2"), Tx.Valid().Reading("a", (1, 0)));
        _ledger.CommitConfig("new configuration");
        _ledger.Commit(Tx.Valid().WritingMetadata("a", "VALIDATION_PARAMETER", "policy"));
        _ledger.Commit(Tx.Valid().Deleting("b"));
        _ledger.Commit(Tx.Valid().Writing("a", "3"));
    }

    private string Exported => Path.Combine(_folder.FullName, "exported");

    private string Imported => Path.Combine(_folder.FullName, "peer", "mychannel");

    public void Dispose()
    {
        _ledger.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_ledger_goes_on_from_a_snapshot_as_the_one_that_gave_it()
    {
        Export(_ledger, Exported);

        SnapshotImportReport report = Import(Exported);

        Assert.Equal(["Org1MSP"], report.Organizations);
        using ChannelLedger joined = Open(Imported);
        Assert.Equal(_ledger.Ledger.Tip with { Chain = joined.Tip.Chain }, joined.Tip);
        Assert.Equal(_ledger.Ledger.Tip.Chain.Root, joined.Tip.Chain.Root);

        Tx[] next =
        [
            Tx.Valid().Reading("a", (6, 0)).Writing("a", "4"), Tx.Valid().Reading("a", (1, 0)),
            Tx.Valid().ReadingHash("secrets", "k", (1, 0)).WritingHashes("secrets", "k", "w"),
        ];
        Block block = _ledger.NextBlock([.. next.Select(tx => tx.ToEnvelope())]);
        CommitResult there = _ledger.Ledger.Commit(TestLedger.ToCommit(block, next));
        CommitResult here = joined.Commit(TestLedger.ToCommit(block, next));
        Assert.Null(here.Refusal);
        Assert.Equal([TxValidationCode.Valid, TxValidationCode.MvccReadConflict, TxValidationCode.Valid], here.Codes);
        Assert.Equal(there.CommitHash, here.CommitHash);
        Assert.Equal(_ledger.Ledger.Tip.Chain.Root, joined.Tip.Chain.Root);
    }

    [Fact]
    public void What_was_before_the_snapshot_is_answered_but_for_the_bodies_of_blocks()
    {
        var old = Tx.Valid().Writing("old", "1");
        _ledger.Commit(old);
        _ledger.Commit(Tx.Valid().Writing("new", "1"));
        Export(_ledger, Exported);
        Import(Exported);

        using ChannelLedger joined = Open(Imported);

        Assert.Equal(8ul, joined.FirstBlockHeld);
        Assert.True(joined.IsTaken(old.Id));
        Assert.False(joined.TryReadTransaction(old.Id, out _, out TransactionPosition position));
        Assert.Equal(7ul, position.Block);
        Assert.True(joined.IsPruned(7));
        Assert.False(joined.TryReadBlock(7, out _));
        Assert.True(joined.TryReadOutline(7, out byte[]? outline));
        Assert.Null(Block.Parser.ParseFrom(outline).Data);
        using StateSnapshot state = joined.Snapshot();
        Assert.Equal(3, state.History("cc", "a", newestFirst: false, after: null).Count());
        Assert.True(joined.HasKeyPolicies("cc"));
        foreach (ulong whole in (ulong[])[0, 3, 8])
        {
            Assert.True(_ledger.Ledger.TryReadBlock(whole, out byte[]? there));
            Assert.True(joined.TryReadBlock(whole, out byte[]? here));
            Assert.Equal(there, here);
        }

        Assert.Equal(_ledger.Ledger.ProveInclusion(2, 8), joined.ProveInclusion(2, 8));
        Assert.Equal(_ledger.Ledger.ProveConsistency(3, 9), joined.ProveConsistency(3, 9));
    }

    [Fact]
    public void Snapshots_of_equal_heights_are_equal_but_for_their_signatures()
    {
        Export(_ledger, Exported);
        Import(Exported);
        string ofPruned = Path.Combine(_folder.FullName, "of-pruned");
        string ofJoined = Path.Combine(_folder.FullName, "of-joined");
        _ledger.Ledger.Prune(PruneRule.KeepNewest(2), NoPruneProgress.Instance, CancellationToken.None);

        Export(_ledger, ofPruned);
        LedgerSnapshots.Export(
            Imported, ofJoined, AnySnapshotAuthority.Signer("peer0.org2.example.com"), NoSnapshotProgress.Instance);

        foreach (string other in (string[])[ofPruned, ofJoined])
            Assert.Equal(Contents(Exported), Contents(other));
    }

    [Fact]
    public void Orderers_signatures_lie_in_a_file_of_their_own_and_come_back_as_they_were()
    {
        Block block = _ledger.NextBlock([Tx.Valid().Writing("a", "4").ToEnvelope()]);
        var slot = Metadata.Parser.ParseFrom(block.Metadata.Metadata[0]);
        slot.Signatures.Add(new MetadataSignature
        {
            SignatureHeader = new SignatureHeader { Creator = ByteString.CopyFromUtf8("o") }
                .ToByteString(),
            Signature = ByteString.CopyFromUtf8("signature of one orderer"),
        });
        block.Metadata.Metadata[0] = slot.ToByteString();
        Assert.Null(_ledger.Ledger.Commit(TestLedger.ToCommit(block, [])).Refusal);
        Export(_ledger, Exported);
        Import(Exported);

        using ChannelLedger joined = Open(Imported);

        Assert.True(_ledger.Ledger.TryReadBlock(7, out byte[]? there));
        Assert.True(joined.TryReadBlock(7, out byte[]? here));
        Assert.Equal(there, here);
        Assert.DoesNotContain(
            "signature of one orderer",
            Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(Exported, "blocks.data"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_byte_is_flipped_or_cut_off_the_snapshot_is_refused_and_nothing_stays()
    {
        Export(_ledger, Exported);
        foreach (FileInfo file in new DirectoryInfo(Exported).GetFiles("*", SearchOption.AllDirectories))
        {
            byte[] good = File.ReadAllBytes(file.FullName);
            foreach (int at in Positions(good.Length))
            {
                byte[] bad = [.. good];
                bad[at] ^= 1;
                Refused(file, bad, $"byte {at}");
                Refused(file, good[..at], $"cut at {at}");
            }

            Refused(file, [.. good, 0], "one byte more");
            File.Delete(file.FullName);
            Refused(file, bytes: null, "missing");
            File.WriteAllBytes(file.FullName, good);
        }

        Import(Exported);
    }

    [Fact]
    public void A_snapshot_that_its_own_peer_edited_and_signed_again_is_held_against_the_orderers_chain()
    {
        (string File, string What, Action<List<(byte[] Key, byte[] Value)>> Edit)[] edits =
        [
            ("blocks.data", "its number is 3", records => records[4] = (records[4].Key, records[3].Value)),
            ("blocks.data", "found none", records => records.RemoveAt(4)),
            ("blocks.data", "chain root", records => records[2] = (records[2].Key, OtherRoots(records[2].Value))),
            ("state.data", "does not lie behind", records => records.Reverse()),
            ("state.data", "no record", records => records[0] = (records[0].Key, [1])),
            ("history.data", "no history", records => records[0] = ([1], records[0].Value)),
            ("transactions.data", "no entry", records => records[0] = (records[0].Key, [1])),
            ("namespaces.data", "no namespace", records => records[0] = (records[0].Key, [1])),
        ];
        foreach ((string name, string what, Action<List<(byte[] Key, byte[] Value)>> edit) in edits)
        {
            Export(_ledger, Exported);
            SnapshotEditing.Edit(Exported, name, edit);

            SnapshotRefusedException refused = Assert.Throws<SnapshotRefusedException>(() => Import(Exported));

            Assert.Contains(what, refused.What, StringComparison.Ordinal);
            Assert.EndsWith(name, refused.File, StringComparison.Ordinal);
            AssertNothingThere();
            Directory.Delete(Exported, recursive: true);
        }
    }

    [Fact]
    public void A_snapshot_is_exported_beside_its_writer_and_never_over_anything()
    {
        Export(_ledger, Exported);
        DateTime written = File.GetLastWriteTimeUtc(Path.Combine(Exported, "manifest.json"));

        StorageFailedException again = Assert.Throws<StorageFailedException>(() => Export(_ledger, Exported));

        Assert.Contains("not empty", again.Reason, StringComparison.Ordinal);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(Exported, "manifest.json")));
        Assert.Equal(["exported"], _folder.GetFileSystemInfos().Select(entry => entry.Name));
    }

    [Fact]
    public void What_a_killed_export_or_import_left_is_in_nobodys_way()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, ".incomplete-exported"));
        File.WriteAllText(Path.Combine(_folder.FullName, ".incomplete-exported", "state.data"), "half");
        Export(_ledger, Exported);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "peer", ".incoming-mychannel"));
        File.WriteAllText(Path.Combine(_folder.FullName, "peer", ".incoming-mychannel", "CURRENT"), "half");

        Import(Exported);

        Assert.Equal(["mychannel"], new DirectoryInfo(Path.Combine(_folder.FullName, "peer"))
            .GetFileSystemInfos().Select(entry => entry.Name));
    }

    [Fact]
    public void A_peer_that_has_a_ledger_takes_no_snapshot()
    {
        Export(_ledger, Exported);
        Import(Exported);

        Assert.Throws<StorageFailedException>(() => Import(Exported));

        using ChannelLedger joined = Open(Imported);
        Assert.Equal(7ul, joined.Height);
    }

    [Fact]
    public void The_genesis_block_alone_makes_a_snapshot()
    {
        using var young = TestLedger.WithGenesis();
        Export(young, Exported);
        Import(Exported);

        using ChannelLedger joined = Open(Imported);

        Assert.Equal((1ul, 0ul), (joined.Height, joined.FirstBlockHeld));
        Assert.True(joined.TryReadBlock(0, out _));
    }

    private static void Export(TestLedger ledger, string target) => LedgerSnapshots.Export(
        ledger.Folder, target, AnySnapshotAuthority.Peer, NoSnapshotProgress.Instance);

    private static ChannelLedger Open(string folder) =>
        ChannelLedger.Open(folder, TestLedger.ChannelId, LedgerOptions.Default);

    private SnapshotImportReport Import(string snapshot)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Imported)!);
        return LedgerSnapshots.Import(
            snapshot, Imported, new AnySnapshotAuthority(), organizationsMin: 1, NoSnapshotProgress.Instance);
    }

    private void Refused(FileInfo file, byte[]? bytes, string what)
    {
        if (bytes is not null)
            File.WriteAllBytes(file.FullName, bytes);

        Exception? error = Record.Exception(() => Import(Exported));
        Assert.True(error is SnapshotRefusedException, $"{file.Name}, {what}: {error}");
        Assert.Contains(Exported, error.Message, StringComparison.Ordinal);
        AssertNothingThere();
    }

    private void AssertNothingThere() =>
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.FullName, "peer")));

    // All of a short file; of a long one its ends and every 499th byte.
    private static IEnumerable<int> Positions(int length) =>
        Enumerable.Range(0, length).Where(at => at < 12 || at >= length - 3 || at % 499 == 0);

    private static byte[] OtherRoots(byte[] block)
    {
        Block message = Block.Parser.ParseFrom(block);
        byte[] slot = message.Metadata.Metadata[0].ToByteArray();
        slot[^1] ^= 1;   // The end of the commitment, which is its chain root.
        message.Metadata.Metadata[0] = ByteString.CopyFrom(slot);
        return message.ToByteArray();
    }

    private static (string, string)[] Contents(string snapshot) =>
    [
        .. new DirectoryInfo(snapshot).GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => (file.Name, Hash32.Of(File.ReadAllBytes(file.FullName)).ToString())),
    ];
}

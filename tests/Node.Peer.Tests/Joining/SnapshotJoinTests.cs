using System.Diagnostics;
using Node.Ledger;
using Node.Ledger.Snapshots;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Peer.Joining;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Time;
using Node.Testing.Transactions;
using Xunit.Abstractions;

namespace Node.Peer.Tests.Joining;

/// <summary>
/// Snapshots between peers with real keys: who may vouch, and what the orderers' signatures must say.
/// </summary>
public sealed class SnapshotJoinTests : IDisposable
{
    private readonly TestChannel _channel = new();
    private readonly TestChain _chain;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hyperprov-joining-");
    private readonly ITestOutputHelper _output;

    public SnapshotJoinTests(ITestOutputHelper output)
    {
        _output = output;
        _chain = new TestChain(_channel);
    }

    private string Exporting => Path.Combine(_folder.FullName, "exporting");

    private string Snapshot => Path.Combine(_folder.FullName, "snapshot");

    private string Joining => Path.Combine(_folder.FullName, "joining");

    public void Dispose()
    {
        _channel.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_snapshot_that_a_peer_of_the_channel_signed_is_imported()
    {
        ExportChain(_channel.Peer2);

        SnapshotImportReport report = Import(GenesisHash);

        Assert.Equal(["Org2MSP"], report.Organizations);
        Assert.Equal(4ul, report.Manifest.Height);
    }

    [Fact]
    public void A_peer_that_is_told_of_a_snapshot_at_start_begins_with_it_once()
    {
        ExportChain(_channel.Peer1);
        string genesis = Path.Combine(_folder.FullName, "genesis.block");
        File.WriteAllBytes(genesis, _chain.Genesis);
        var folder = new ChannelFolder(Joining);

        PeerChannel joined = Assert.Single(folder.OpenAll([genesis], [Snapshot]));
        Assert.Equal((4ul, 3ul), (joined.Ledger.Height, joined.Ledger.FirstBlockHeld));
        Assert.Equal(_channel.Id, joined.Config.Id);
        joined.Ledger.Dispose();

        Directory.Delete(Snapshot, recursive: true);
        PeerChannel again = Assert.Single(folder.OpenAll([genesis], [Snapshot]));
        Assert.Equal(4ul, again.Ledger.Height);
        again.Ledger.Dispose();
    }

    [Fact]
    public void A_peer_that_is_given_a_later_configuration_block_is_told_what_it_begins_with()
    {
        string later = Path.Combine(_folder.FullName, "later.block");
        File.WriteAllBytes(later, _chain.NextMembership(_channel.Org1, _channel.Admin1, _channel.Admin2));

        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => new ChannelFolder(Joining).OpenAll([later]));

        Assert.Contains("mychannel would begin with block 1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("channel fetch genesis", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_needs_the_genesis_block_of_its_channel_beside_it()
    {
        ExportChain(_channel.Peer1);

        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => new ChannelFolder(Joining).OpenAll([], [Snapshot]));

        Assert.Contains("genesis block", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_peer_of_the_channel_can_vouch_for_a_snapshot()
    {
        using var strangers = new TestIssuer("Org1", "Org1MSP");
        using SigningIdentity stranger = strangers.Issue("peer0.org1.example.com", "peer");
        using SigningIdentity outsider = _channel.OrdererOrg.Issue("peer0.example.com", "peer");
        foreach ((SigningIdentity signer, string because) in ((SigningIdentity, string)[])
            [
                (_channel.Client1, "who is no peer"), (_channel.Admin1, "who is no peer"), (stranger, ""),
                (outsider, "has no peers on the channel"),
            ])
        {
            ExportChain(signer);
            SnapshotRefusedException refused = Assert.Throws<SnapshotRefusedException>(() => Import(GenesisHash));
            Assert.Contains(because, refused.What, StringComparison.Ordinal);
            Assert.Contains("signatures", refused.File, StringComparison.Ordinal);
            Directory.Delete(Snapshot, recursive: true);
            Assert.False(Directory.Exists(Path.Combine(Joining, "channels", "mychannel")));
        }
    }

    [Fact]
    public void One_organisation_is_not_two()
    {
        ExportChain(_channel.Peer1);

        SnapshotRefusedException refused = Assert.Throws<SnapshotRefusedException>(
            () => SnapshotJoin.Import(Snapshot, Joining, GenesisHash, organizationsMin: 2, Silent()));

        Assert.Contains("of 2 organisations, found 1: Org1MSP", refused.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_of_another_channel_of_the_same_name_is_refused_by_its_genesis_block()
    {
        ExportChain(_channel.Peer1);

        SnapshotRefusedException refused = Assert.Throws<SnapshotRefusedException>(
            () => Import(Hash32.Of("another genesis block"u8)));

        Assert.Contains("the network's genesis block has", refused.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_that_no_orderer_signed_is_refused_though_a_peer_vouches_for_it()
    {
        _chain.Orderer = _channel.Peer1;
        ExportChain(_channel.Peer1);

        SnapshotRefusedException refused = Assert.Throws<SnapshotRefusedException>(() => Import(GenesisHash));

        Assert.Contains("block 1: its signatures do not satisfy", refused.What, StringComparison.Ordinal);
        Assert.EndsWith("blocks.data", refused.File, StringComparison.Ordinal);
    }

    // Issue 4 allows 10 s for 200,000 keys; that is checked on a machine that does other things as well.
    [Fact]
    public void Two_hundred_thousand_keys_are_imported_within_ten_seconds()
    {
        const int Keys = 200_000;
        const int KeysPerTransaction = 100;
        const int TransactionsPerBlock = 50;
        string value = new('x', 350);   // As long as a provenance record.
        using (ChannelLedger ledger = OpenGenesis())
        {
            for (int first = 0; first < Keys; first += KeysPerTransaction * TransactionsPerBlock)
            {
                var envelopes = new List<byte[]>();
                for (int at = first; at < first + (KeysPerTransaction * TransactionsPerBlock); at += KeysPerTransaction)
                {
                    Tx tx = Tx.Valid(_channel);
                    for (int key = at; key < at + KeysPerTransaction; key++)
                        tx.Writing($"sensor/{key:D6}", value);

                    envelopes.Add(tx.ToEnvelope());
                }

                Commit(ledger, [.. envelopes]);
            }
        }

        long exporting = Stopwatch.GetTimestamp();
        SnapshotManifest manifest = Export(_channel.Peer1);
        TimeSpan exported = Stopwatch.GetElapsedTime(exporting);
        long started = Stopwatch.GetTimestamp();
        Import(GenesisHash);
        TimeSpan imported = Stopwatch.GetElapsedTime(started);

        long bytes = manifest.Files.Sum(file => file.Bytes);
        _output.WriteLine($"{bytes} bytes, exported in {exported}, imported in {imported}");
        using var joined = ChannelLedger.Open(
            Path.Combine(Joining, "channels", "mychannel"), _channel.Id, LedgerOptions.Default);
        using StateSnapshot state = joined.Snapshot();
        Assert.True(state.TryGet("hyperprov", "sensor/199999", out _));
        Assert.InRange(imported, TimeSpan.Zero, TimeSpan.FromSeconds(10) * Crowd.Factor());
    }

    private Hash32 GenesisHash => Decode(_chain.Genesis).Hash;

    private static System.Progress<SnapshotProgress> Silent() => new();

    private static BlockBytes Decode(byte[] block)
    {
        Assert.True(BlockBytes.TryDecode(block, out BlockBytes? decoded, out string? fault), fault);
        return decoded;
    }

    private SnapshotImportReport Import(Hash32 genesisHash) =>
        SnapshotJoin.Import(Snapshot, Joining, genesisHash, organizationsMin: 1, Silent());

    // Three blocks behind the genesis block.
    private void ExportChain(SigningIdentity signer)
    {
        if (!Directory.Exists(Exporting))
        {
            using ChannelLedger ledger = OpenGenesis();
            for (int block = 1; block <= 3; block++)
                Commit(ledger, Tx.Valid(_channel).Writing($"k{block}", "v").ToEnvelope());
        }

        Export(signer);
    }

    private SnapshotManifest Export(SigningIdentity signer) => LedgerSnapshots.Export(
        Path.Combine(Exporting, "channels", "mychannel"),
        Snapshot,
        new SnapshotSigner(signer.CommonName, signer.Serialized, message => signer.Sign(message)),
        Silent());

    private ChannelLedger OpenGenesis()
    {
        string genesis = Path.Combine(_folder.FullName, "exporting.block");
        File.WriteAllBytes(genesis, _chain.Genesis);
        return new ChannelFolder(Exporting).OpenAll([genesis])[0].Ledger;
    }

    private void Commit(ChannelLedger ledger, params byte[][] envelopes)
    {
        BlockBytes block = Decode(_chain.Next(envelopes));
        var verdicts = new TransactionVerdict[envelopes.Length];
        for (int index = 0; index < verdicts.Length; index++)
        {
            Assert.True(DecodedEnvelope.TryDecode(block.Envelopes[index], out DecodedEnvelope? envelope, out _));
            Assert.True(DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out _));
            verdicts[index] = new TransactionVerdict(
                TxValidationCode.Valid, ReachedDuplicateCheck: true, envelope, transaction);
        }

        Assert.Null(ledger.Commit(new BlockToCommit(block, verdicts, commitmentRequired: true)).Refusal);
    }
}

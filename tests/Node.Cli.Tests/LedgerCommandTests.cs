using Node.Cli.Networks;
using Node.Ledger;
using Node.Peer.Hosting;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;
using Node.Testing;

namespace Node.Cli.Tests;

/// <summary>
/// Snapshots and pruning of peers that do not run, from their own folders: exit codes and what is printed.
/// </summary>
public sealed class LedgerCommandTests : IDisposable
{
    private readonly TestNetwork _network = TestNetwork.Create();
    private readonly TemporaryFolder _folder = new();

    public LedgerCommandTests()
    {
        Configure("one", _network.Org1);
        Configure("two", _network.Org2);
        using var ledger = ChannelLedger.Open(
            _folder.File("one/data/channels/mychannel"), _network.ChannelId, LedgerOptions.Default);
        Assert.True(BlockBytes.TryDecode(_network.GenesisBytes, out BlockBytes? genesis, out string? fault), fault);
        Assert.True(DecodedEnvelope.TryDecode(genesis.Envelopes[0], out DecodedEnvelope? envelope, out _));
        var verdict = new TransactionVerdict(
            TxValidationCode.Valid, ReachedDuplicateCheck: false, envelope, Transaction: null);
        Assert.Null(ledger.Commit(new BlockToCommit(genesis, [verdict], commitmentRequired: true)).Refusal);
    }

    public void Dispose()
    {
        _network.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_snapshot_goes_from_one_peers_folder_to_anothers()
    {
        CommandRun exported = await RunAsync("ledger", "snapshot", "-o", "taken", "--node", "one", "--json");
        CommandRun imported = await RunAsync("ledger", "import", "taken", "--node", "two", "--json");
        CommandRun again = await RunAsync("ledger", "import", "taken", "--node", "two");
        CommandRun over = await RunAsync("ledger", "snapshot", "-o", "taken", "--node", "one");
        CommandRun verified = await RunAsync("ledger", "verify", "two");

        Assert.True(exported.ExitCode == 0, exported.Error);
        Assert.Equal(1ul, exported.Json.GetProperty("height").GetUInt64());
        Assert.True(imported.ExitCode == 0, imported.Error);
        Assert.Equal(
            exported.Json.GetProperty("manifestHash").GetString(),
            imported.Json.GetProperty("manifestHash").GetString());
        Assert.Equal("Org1MSP", imported.Json.GetProperty("organizations")[0].GetString());
        Assert.Equal((5, 6), (again.ExitCode, over.ExitCode));
        Assert.Contains("has a ledger of mychannel already", again.Error, StringComparison.Ordinal);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_refused_with_file_expected_found_and_next_step()
    {
        await RunAsync("ledger", "snapshot", "-o", "taken", "--node", "one");
        string state = _folder.File("taken/state.data");
        byte[] bytes = await File.ReadAllBytesAsync(state);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(state, bytes);

        CommandRun refused = await RunAsync("ledger", "import", "taken", "--node", "two");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"{state}: expected SHA-256", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Take another copy", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.File("two/data/channels")));
    }

    [Theory]
    [InlineData(2, "either --keep BLOCKS", "ledger prune --node one")]
    [InlineData(2, "either --keep BLOCKS", "ledger prune --node one --keep 0")]
    [InlineData(2, "either --keep BLOCKS", "ledger prune --node one --keep 1 --keep-days 1")]
    [InlineData(4, "no ledger of mychannel", "ledger prune --node two --keep 1")]
    [InlineData(4, "no ledger of mychannel", "ledger snapshot --node two -o taken")]
    [InlineData(4, "no ledger of other", "ledger snapshot --node one -o taken --channel other")]
    [InlineData(4, "there is no folder", "ledger import nothing --node two")]
    [InlineData(4, "there is no file", "ledger snapshot --node nowhere -o taken")]
    [InlineData(4, "there is no network", "ledger snapshot -o taken --dir nowhere")]
    [InlineData(5, "has 1 blocks already", "ledger snapshot --node one -o taken --height 0")]
    public async Task What_cannot_be_done_is_said(int code, string because, string line)
    {
        CommandRun run = await RunAsync(line.Split(' '));

        Assert.True(run.ExitCode == code, $"{run.ExitCode}: {run.Error}");
        Assert.Contains(because, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("taken")));
    }

    [Fact]
    public async Task A_prune_of_a_stopped_peer_tells_what_it_removed()
    {
        CommandRun planned = await RunAsync("ledger", "prune", "--node", "one", "--keep", "1", "--dry-run", "--json");
        CommandRun pruned = await RunAsync("ledger", "prune", "--node", "one", "--keep-days", "0", "--json");

        Assert.True(planned.ExitCode == 0, planned.Error);
        Assert.True(planned.Json.GetProperty("dryRun").GetBoolean());
        Assert.True(pruned.ExitCode == 0, pruned.Error);
        Assert.Equal(0ul, pruned.Json.GetProperty("blocksPruned").GetUInt64());   // The genesis block always stays.
        Assert.Equal(1ul, pruned.Json.GetProperty("height").GetUInt64());
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync(_folder.Path, arguments);

    private void Configure(string node, NetworkOrganization organization)
    {
        Directory.CreateDirectory(_folder.File(node));
        NodeConfig.Write(Path.Combine(_folder.File(node), "config.json"), new PeerOptions
        {
            MspId = organization.MspId.Value,
            MspFolder = organization.NodeLayout.Msp,
            DataFolder = Path.Combine(_folder.File(node), "data"),
            GenesisBlockFiles = [_network.GenesisFile],
        });
    }
}

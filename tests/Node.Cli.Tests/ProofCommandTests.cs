using System.IO.Compression;
using System.Text.Json;
using Google.Protobuf;
using Node.Cli.Networks;
using Node.Client.Receipts;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Testing.Blocks;
using Node.Testing.Proofs;
using Node.Testing.Transactions;
using Wire = Node.Protocol.Wire.Hyperprov;

namespace Node.Cli.Tests;

/// <summary>The commands that need no network: exit codes and what they print.</summary>
public sealed class ProofCommandTests : IDisposable
{
    private readonly ProofBench _bench = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_receipt_is_told_step_by_step_and_its_exit_code_says_whether_it_holds()
    {
        byte[] content = "day,rain\n"u8.ToArray();
        _bench.AddTransactions(_bench.Recording("rain", Hash32.Of(content).ToString()));
        await File.WriteAllBytesAsync(_folder.File("rain.csv"), content);
        await File.WriteAllBytesAsync(
            _folder.File("rain.receipt"), Receipt.Of(_bench.Prove(number: 1, index: 0)).Bytes);

        CommandRun good = await RunAsync("--genesis", _bench.GenesisHash.ToString(), "--content", "rain.csv", "--json");
        CommandRun other = await RunAsync("--genesis", new string('0', 64), "--json");
        CommandRun unnamed = await RunAsync();

        Assert.True(good.ExitCode == 0, good.Output + good.Error);
        Assert.Equal("content", good.Json.GetProperty("steps").EnumerateArray().Last().GetProperty("name").GetString());
        Assert.Equal(1, other.ExitCode);
        Assert.Equal(
            ["passed", "failed", "notReached"],
            other.Json.GetProperty("steps").EnumerateArray().Take(3)
                .Select(step => step.GetProperty("outcome").GetString()));
        Assert.Equal(JsonValueKind.Null, other.Json.GetProperty("proven").ValueKind);
        Assert.Equal(2, unnamed.ExitCode);
        Assert.Contains("./hyperprov block 0", unnamed.Error, StringComparison.Ordinal);

        Task<CommandRun> RunAsync(params string[] arguments) =>
            CommandRun.OfAsync(_folder.Path, ["verify-receipt", "rain.receipt", .. arguments]);
    }

    [Fact]
    public async Task Evidence_of_a_fork_convinces_by_its_exit_code_and_anything_else_does_not()
    {
        Wire.ForkEvidence evidence = Fork();
        await File.WriteAllBytesAsync(_folder.File("fork.evidence"), Sealed(evidence));
        evidence.Second = evidence.First;
        await File.WriteAllBytesAsync(_folder.File("no.evidence"), Sealed(evidence));

        CommandRun fork = await RunAsync("fork.evidence");
        CommandRun none = await RunAsync("no.evidence");

        Assert.True(fork.ExitCode == 0, fork.Output + fork.Error);
        Assert.Contains("signed two contradicting blocks 1", fork.Output, StringComparison.Ordinal);
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("both blocks say the same", none.Output, StringComparison.Ordinal);

        Task<CommandRun> RunAsync(string file) => CommandRun.OfAsync(
            _folder.Path, "verify-evidence", file, "--genesis", _bench.GenesisHash.ToString());
    }

    [Fact]
    public async Task A_peers_evidence_is_listed_with_who_signed_what_and_a_file_that_shows_nothing_fails_it()
    {
        string evidence = _folder.File("peer/data/evidence");
        Directory.CreateDirectory(evidence);
        await File.WriteAllBytesAsync(_folder.File("my-channel.block"), _bench.Chain.Genesis);
        NodeConfig.Write(_folder.File("peer/config.json"), new PeerOptions
        {
            MspId = "Org1MSP",
            MspFolder = _folder.Path,
            DataFolder = _folder.File("peer/data"),
            GenesisBlockFiles = [_folder.File("my-channel.block")],
        });
        CommandRun none = await RunAsync();
        byte[] fork = Sealed(Fork());
        await File.WriteAllBytesAsync(Path.Combine(evidence, "mychannel-1-0a-0b.evidence"), fork);
        await File.WriteAllBytesAsync(Path.Combine(evidence, "of-another-1-0a-0b.evidence"), fork);
        CommandRun listed = await RunAsync("--json");
        await File.WriteAllTextAsync(Path.Combine(evidence, "mychannel-2-0a-0b.evidence"), "nonsense");
        CommandRun damaged = await RunAsync();

        Assert.True(none.ExitCode == 0, none.Error);
        Assert.Contains("peer holds no evidence", none.Output, StringComparison.Ordinal);
        Assert.True(listed.ExitCode == 0, listed.Error);
        JsonElement[] files = [.. listed.Json.GetProperty("evidence").EnumerateArray()];
        Assert.Equal(["mychannel", "of-another"], files.Select(file => file.GetProperty("channel").GetString()));
        Assert.Equal([1, 1], files.Select(file => file.GetProperty("block").GetInt32()));
        Assert.True(files[0].GetProperty("passed").GetBoolean());
        foreach (string block in (string[])["first", "second"])
        {
            Assert.Contains(
                "is signed by orderer.example.com", files[0].GetProperty(block).GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(JsonValueKind.Null, files[1].GetProperty("passed").ValueKind);   // No genesis block of it here.
        Assert.Contains("verify-evidence", files[1].GetProperty("fault").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains("the orderers signed two contradicting blocks", damaged.Output, StringComparison.Ordinal);
        Assert.Contains("it shows nothing: ", damaged.Output, StringComparison.Ordinal);

        Task<CommandRun> RunAsync(params string[] arguments) =>
            CommandRun.OfAsync(_folder.Path, ["ledger", "evidence", "--node", "peer", .. arguments]);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _bench.Dispose();
    }

    // Two blocks 1 of one orderer.
    private Wire.ForkEvidence Fork()
    {
        TestChain branch = _bench.Chain.Branch();
        _bench.AddTransactions(Tx.Valid(_bench.Channel));
        byte[] forked = branch.Next([Tx.Valid(_bench.Channel).ToEnvelope()]);
        Assert.True(Protocol.Decoding.BlockBytes.TryDecode(forked, out Protocol.Decoding.BlockBytes? block, out _));
        return new Wire.ForkEvidence
        {
            Configurations = { _bench.ConfigurationsBefore(1) },
            First = ProofBench.SignedBlockOf(_bench.Blocks[1]),
            Second = ProofBench.SignedBlockOf(block),
        };
    }

    // Written from docs/formats.md, "Proof files".
    private static byte[] Sealed(IMessage message)
    {
        byte[] content = message.ToByteArray();
        byte[] body = new byte[BrotliEncoder.GetMaxCompressedLength(content.Length)];
        Assert.True(BrotliEncoder.TryCompress(content, body, out int bytes, quality: 5, window: 22));
        byte[] head = [.. "HPFORKS\n"u8, 1];
        return [.. head, .. Hash32.Of(head, body.AsSpan(0, bytes)).AsSpan(), .. body.AsSpan(0, bytes)];
    }
}

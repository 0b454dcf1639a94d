using System.IO.Compression;
using Google.Protobuf;
using Node.Client.Receipts;
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
        Assert.Equal(System.Text.Json.JsonValueKind.Null, other.Json.GetProperty("proven").ValueKind);
        Assert.Equal(2, unnamed.ExitCode);
        Assert.Contains("./hyperprov block 0", unnamed.Error, StringComparison.Ordinal);

        Task<CommandRun> RunAsync(params string[] arguments) =>
            CommandRun.OfAsync(_folder.Path, ["verify-receipt", "rain.receipt", .. arguments]);
    }

    [Fact]
    public async Task Evidence_of_a_fork_convinces_by_its_exit_code_and_anything_else_does_not()
    {
        TestChain branch = _bench.Chain.Branch();
        _bench.AddTransactions(Tx.Valid(_bench.Channel));
        byte[] forked = branch.Next([Tx.Valid(_bench.Channel).ToEnvelope()]);
        Assert.True(Protocol.Decoding.BlockBytes.TryDecode(forked, out Protocol.Decoding.BlockBytes? block, out _));
        var evidence = new Wire.ForkEvidence
        {
            Configurations = { _bench.ConfigurationsBefore(1) },
            First = ProofBench.SignedBlockOf(_bench.Blocks[1]),
            Second = ProofBench.SignedBlockOf(block),
        };
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

    public void Dispose()
    {
        _folder.Dispose();
        _bench.Dispose();
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

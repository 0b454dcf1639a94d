using System.Text;
using System.Text.Json;
using Node.Cli.Running;
using Node.Testing;

namespace Node.Cli.Tests;

/// <summary>The spool commands without any network: what they take, refuse and say.</summary>
public sealed class SpoolCommandTests : IDisposable
{
    private static readonly TestNetwork s_network = TestNetwork.Create();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_device_adds_verifies_and_lists_without_a_network()
    {
        await InitAsync();
        File.WriteAllText(_folder.File("reading.csv"), "1,2\n");

        CommandRun first = await RunAsync("", "add", "reading.csv", "--key", "raw", "--json");
        CommandRun second = await RunAsync(
            "", "add", "--hash", new string('a', 64), "--key", "mean", "--depends", "raw", "--json");

        string raw = first.Json.GetProperty("recordId").GetString() ?? "";
        Assert.Equal(2, second.Json.GetProperty("sequence").GetInt32());
        JsonElement log = (await RunAsync("", "log", "--json")).Json;
        Assert.Equal(["open", "record", "record"], log.EnumerateArray().Select(e => e.GetProperty("kind").GetString()));
        Assert.Equal(raw, log[2].GetProperty("parents")[0].GetString());
        Assert.Equal(0, (await RunAsync("", "verify", "--content")).ExitCode);
        JsonElement status = (await RunAsync("", "status", "--offline", "--json")).Json;
        Assert.Equal(3, status.GetProperty("waiting").GetInt32());
        Assert.Equal(JsonValueKind.Null, status.GetProperty("forwarded").ValueKind);
    }

    public static TheoryData<string, int, string> BadLines() => new()
    {
        { "{", 2, "line 2 of standard input: it is no JSON object of a record" },
        { "[]", 2, "line 2 of standard input: it is no JSON object of a record" },
        { """{"hash":"00"}""", 2, "line 2 of standard input: it has no key" },
        { """{"key":"k"}""", 2, "line 2 of standard input: it has a file or a hash, one of the two" },
        { """{"key":"k","hash":"00","colour":"red"}""", 2, "line 2 of standard input: it is no JSON object" },
        { """{"key":"k","hash":"00"}""", 2, "line 2 of standard input: the record of key \"k\" is none that" },
        { """{"key":"k","file":"nowhere"}""", 4, "line 2 of standard input: there is no file" },
        { """{"key":"k","hash":"00","depends":["nobody"]}""", 4, "line 2 of standard input: no entry of this spool" },
    };

    [Theory]
    [MemberData(nameof(BadLines))]
    public async Task A_bad_line_is_named_and_the_lines_before_it_are_recorded(string line, int code, string because)
    {
        await InitAsync();
        string good = $$"""{"key":"good","hash":"{{new string('b', 64)}}"}""";

        CommandRun run = await RunAsync(good + "\n" + line + "\n" + good + "\n", "add", "--lines", "--group", "10");

        Assert.Equal(code, run.ExitCode);
        Assert.Contains(because, run.Error, StringComparison.Ordinal);
        Assert.EndsWith("The lines before it are recorded.\n", run.Error, StringComparison.Ordinal);
        Assert.StartsWith("1  ", run.Output, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("", "status", "--json")).Json.GetProperty("sequence").GetInt32());
    }

    [Theory]
    [InlineData(4, "There is no spool in", "add", "--key", "k", "--hash", "00")]
    [InlineData(4, "There is no spool in", "verify")]
    [InlineData(4, "There is no spool in", "status")]
    [InlineData(4, "There is no spool in", "log")]
    [InlineData(2, "--msp needs --msp-id", "init", "--msp", "somewhere")]
    [InlineData(6, "must hold 1 certificate", "init", "--msp", "somewhere", "--msp-id", "Org1MSP")]
    [InlineData(4, "so the device's identity is not known", "init")]
    public async Task Says_what_is_wrong_and_what_to_do(int code, string because, params string[] arguments)
    {
        CommandRun run = await RunAsync("", arguments);

        Assert.Equal((code, true), (run.ExitCode, run.Error.Contains(because, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_line_may_depend_on_a_line_of_its_own_group()
    {
        await InitAsync();
        string hash = new('c', 64);

        CommandRun run = await RunAsync(
            $$"""{"key":"a","hash":"{{hash}}"}""" + "\n" + $$"""{"key":"b","hash":"{{hash}}","depends":["a"]}""" + "\n",
            "add", "--lines", "--group", "10");

        Assert.Equal(0, run.ExitCode);
        JsonElement log = (await RunAsync("", "log", "--json")).Json;
        Assert.Equal(log[1].GetProperty("recordId").GetString(), log[2].GetProperty("parents")[0].GetString());
    }

    private async Task InitAsync()
    {
        CommandRun run = await RunAsync(
            "", "init", "--msp", s_network.Org1.Layout.User("User1").Msp, "--msp-id", s_network.Org1.MspId.Value);
        Assert.Equal(0, run.ExitCode);
    }

    private async Task<CommandRun> RunAsync(string input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = new CliConsole(output, error, isTerminal: false, isErrorTerminal: false)
        {
            Folder = _folder.Path,
            Input = new MemoryStream(Encoding.UTF8.GetBytes(input)),
        };
        int code = await Program.RunAsync(["spool", .. arguments], console, CancellationToken.None);
        return new CommandRun(code, output.ToString(), error.ToString());
    }
}

using System.CommandLine;
using System.Text.Json;
using Node.Cli.Commands;
using Node.Cli.Running;

namespace Node.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> VerbNames() => [.. AllVerbs(CommandList.All(), "").Select(verb => verb.Path)];

    [Theory]
    [MemberData(nameof(VerbNames))]
    public async Task Every_command_shows_help_with_an_example_that_it_accepts(string path)
    {
        Verb verb = AllVerbs(CommandList.All(), "").Single(candidate => candidate.Path == path).Verb;

        CommandRun run = await RunAsync([.. path.Split(' '), "--help"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"./hyperprov {verb.Example}", run.Output, StringComparison.Ordinal);
        Assert.StartsWith(path, verb.Example, StringComparison.Ordinal);
        Assert.Contains("--json", run.Output, StringComparison.Ordinal);
        Assert.Contains("--dir", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(VerbNames))]
    public void Every_commands_example_parses(string path)
    {
        var root = new RootCommand();
        new CommonOptions().AddTo(root);
        foreach (Command command in CommandList.All())
            root.Add(command);
        string example = AllVerbs(CommandList.All(), "").Single(candidate => candidate.Path == path).Verb.Example;

        ParseResult parsed = root.Parse(example.Split("  ")[0]);

        Assert.Empty(parsed.Errors);
    }

    [Fact]
    public async Task Without_arguments_the_help_lists_every_command()
    {
        CommandRun run = await RunAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.All(CommandList.All(), command => Assert.Contains(command.Name, run.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("frobnicate")]                         // No such command.
    [InlineData("network")]                            // A group alone.
    [InlineData("put file")]                           // A required option is missing.
    [InlineData("put file --key k --colour red")]      // No such option.
    [InlineData("tx nonsense")]                        // Not a transaction id.
    [InlineData("block many")]
    [InlineData("network up --orderers 2")]
    [InlineData("network up --base-port 70000")]
    [InlineData("network up --key-type rsa")]
    [InlineData("crypto generate --key-type rsa")]
    public async Task A_wrong_command_line_is_told_in_one_line_with_exit_code_2(string line)
    {
        CommandRun run = await RunAsync(line.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        AssertOneLine(run.Error);
    }

    [Theory]
    [InlineData("get k")]
    [InlineData("put file --key k")]
    [InlineData("history k")]
    [InlineData("lineage k")]
    [InlineData("range")]
    [InlineData("verify")]
    [InlineData("block latest")]
    [InlineData("invoke set a b c d")]
    [InlineData("query get k")]
    [InlineData("network status")]
    [InlineData("network down")]
    [InlineData("network clean --yes")]
    public async Task In_a_folder_without_a_network_every_command_says_how_to_start_one(string line)
    {
        CommandRun run = await RunAsync(line.Split(' '));

        Assert.Equal(4, run.ExitCode);
        AssertOneLine(run.Error);
        Assert.Contains(_folder.File("hyperprov-data"), run.Error, StringComparison.Ordinal);
        Assert.Contains("./hyperprov network up", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_are_json_when_asked_for()
    {
        CommandRun run = await RunAsync("get", "k", "--json");

        JsonElement error = JsonDocument.Parse(run.Error).RootElement.GetProperty("error");
        Assert.Equal(4, error.GetProperty("code").GetInt32());
        Assert.Equal("NotFound", error.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task A_network_is_not_made_in_somebody_elses_folder()
    {
        await File.WriteAllTextAsync(_folder.File("letter.txt"), "dear");

        CommandRun run = await RunAsync("network", "up", "--dir", ".");

        Assert.Equal(2, run.ExitCode);
        AssertOneLine(run.Error);
        Assert.Equal([_folder.File("letter.txt")], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_network_file_with_faults_is_told_with_its_line()
    {
        await File.WriteAllTextAsync(_folder.File("network.yaml"), "host: [\n");

        CommandRun run = await RunAsync("network", "status", "--dir", ".");

        Assert.Equal(2, run.ExitCode);
        AssertOneLine(run.Error);
        Assert.Contains("network.yaml", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_its_configuration_says_where_it_comes_from()
    {
        CommandRun run = await RunAsync("peer", "start", "--config", "nodes/peer0/config.json");

        Assert.Equal(4, run.ExitCode);
        AssertOneLine(run.Error);
        Assert.Contains("network up", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_and_certificates_are_made_once()
    {
        CommandRun first = await RunAsync("crypto", "generate", "--json");
        CommandRun second = await RunAsync("crypto", "generate", "--json");

        Assert.Equal(3, first.Json.GetProperty("organizations").GetInt32());
        Assert.True(first.Json.GetProperty("filesWritten").GetInt32() > 0);
        Assert.Equal(0, second.Json.GetProperty("filesWritten").GetInt32());
        Assert.True(Directory.Exists(_folder.File(
            "hyperprov-data/crypto-config/peerOrganizations/org1.example.com/users/User1@org1.example.com/msp")));
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync(_folder.Path, arguments);

    private static void AssertOneLine(string error)
    {
        Assert.StartsWith("hyperprov: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, Verb Verb)> AllVerbs(IEnumerable<Command> commands, string prefix) =>
        commands.SelectMany(command => command is Verb verb
            ? [(prefix + verb.Name, verb)]
            : AllVerbs(command.Subcommands, prefix + command.Name + " "));
}

using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Recording;

namespace Node.Cli.Commands.Recording;

/// <summary><c>history KEY</c>: every record that a key ever had.</summary>
internal static class HistoryCommand
{
    private static readonly Argument<string> s_key = new("KEY") { Description = "A key" };

    private static readonly Option<bool> s_newestFirst = new("--newest-first")
    {
        Description = "The newest record first",
    };

    public static Verb Create() =>
        new Verb("history", "Show every record that a key ever had", "history report")
            .Takes(s_key, s_newestFirst)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        string key = invocation.Get(s_key);
        var records = new List<ProvenanceRecord>();
        await foreach (ProvenanceRecord record in session.Provenance
            .HistoryAsync(key, invocation.Get(s_newestFirst), cancellation))
            records.Add(record);

        if (records.Count == 0)
            throw new CommandFault(
                ExitCode.NotFound, $"no record of key \"{key}\". List keys with: ./hyperprov " +
                    $"range{invocation.FolderOption}");

        if (invocation.Json)
            JsonView.Write(invocation.Console, records.Select(JsonView.Of));
        else
            RecordView.ShowMany(invocation.Console, records);

        return ExitCode.Ok;
    }
}

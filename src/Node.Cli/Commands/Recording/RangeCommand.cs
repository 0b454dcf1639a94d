using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Recording;

namespace Node.Cli.Commands.Recording;

/// <summary><c>range [START [END]]</c>: the newest records of neighbouring keys.</summary>
internal static class RangeCommand
{
    private static readonly Argument<string> s_start = new("START")
    {
        Description = "The first key (inclusive); left out: the first of all",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string> s_end = new("END")
    {
        Description = "The last key (exclusive); left out: to the end",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string> s_prefix = new("--prefix")
    {
        Description = "All keys that begin like this, instead of START and END",
        HelpName = "TEXT",
    };

    private static readonly Option<int> s_page = new("--page")
    {
        Description = "Show one page of so many records, and the bookmark of the next",
        HelpName = "COUNT",
    };

    private static readonly Option<string> s_bookmark = new("--bookmark")
    {
        Description = "Go on where the page with this bookmark ended",
        HelpName = "TEXT",
    };

    public static Verb Create() =>
        new Verb("range", "List the newest records of neighbouring keys", "range --prefix weather/month/2013")
            .Takes(s_start, s_end, s_prefix, s_page, s_bookmark)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        string prefix = invocation.Get(s_prefix) ?? "";
        string start = prefix.Length > 0 ? prefix : invocation.GetOrEmpty(s_start);
        string end = prefix.Length > 0 ? EndOf(prefix) : invocation.GetOrEmpty(s_end);
        if (invocation.Get(s_page) is > 0 and int pageSize)
        {
            (IReadOnlyList<ProvenanceRecord> page, string bookmark) = await session.Provenance
                .RangePageAsync(start, end, pageSize, invocation.Get(s_bookmark) ?? "", cancellation);
            Show(invocation, page, bookmark);
            return ExitCode.Ok;
        }

        var records = new List<ProvenanceRecord>();
        await foreach (ProvenanceRecord record in session.Provenance.RangeAsync(start, end, cancellation))
            records.Add(record);

        Show(invocation, records, bookmark: "");
        return ExitCode.Ok;
    }

    /// <summary>The least text above everything with this prefix, in the order of UTF-8 bytes.</summary>
    private static string EndOf(string prefix) => prefix + "\U0010FFFF";

    private static void Show(Invocation invocation, IReadOnlyList<ProvenanceRecord> records, string bookmark)
    {
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new { records = records.Select(JsonView.Of), bookmark });
            return;
        }

        RecordView.ShowMany(invocation.Console, records);
        if (bookmark.Length > 0)
            invocation.Progress.Say($"More: repeat with --bookmark '{bookmark}'");
    }
}

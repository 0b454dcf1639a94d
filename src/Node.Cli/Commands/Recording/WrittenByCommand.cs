using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Recording;

namespace Node.Cli.Commands.Recording;

/// <summary><c>written-by MSPID [PERSON]</c>: what somebody recorded, such as an identity that was revoked.</summary>
internal static class WrittenByCommand
{
    private static readonly Argument<string> s_organization = new("MSPID")
    {
        Description = "The organisation, such as Org1MSP",
    };

    private static readonly Argument<string> s_person = new("PERSON")
    {
        Description = "An enrolment id, or a certificate's fingerprint (64 hex digits); everybody if left out",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> s_since = new("--since")
    {
        Description = "By the time of the transactions: 2026-01-31 or 2026-01-31T12:00:00Z",
        HelpName = "TIME",
    };

    public static Verb Create() =>
        new Verb(
            "written-by", "Show what somebody recorded, such as an identity that was revoked",
            "written-by Org1MSP sensor7 --since 2026-01-31")
            .Takes(s_organization, s_person, s_since)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        var writer = new Writer
        {
            MspId = invocation.Get(s_organization),
            Who = invocation.GetOrEmpty(s_person),
            Since = TimeOf(invocation.Get(s_since)),
        };
        var records = new List<ProvenanceRecord>();
        await foreach (ProvenanceRecord record in session.Provenance.WrittenByAsync(writer, cancellation))
            records.Add(record);

        if (invocation.Json)
            JsonView.Write(invocation.Console, records.Select(JsonView.Of));
        else
            RecordView.ShowMany(invocation.Console, records);
        return ExitCode.Ok;
    }

    private static DateTimeOffset? TimeOf(string? text)
    {
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (text is null)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Styles, out DateTimeOffset time)
            ? time
            : throw new CommandFault(
                ExitCode.Usage, $"--since \"{text}\" is no time, such as 2026-01-31 or 2026-01-31T12:00:00Z");
    }
}

using System.CommandLine;
using System.Globalization;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Enrolling;
using Node.Membership.Issuing;

namespace Node.Cli.Commands.Identities;

/// <summary><c>identity renew</c>: new certificates, of one user or of a whole organisation while it works.</summary>
internal static class RenewCommand
{
    private static readonly Argument<string> s_name = new("name")
    {
        Description = "The user whose certificates to renew",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> s_sameKey = new("--same-key")
    {
        Description = "Of one user: keep the private key, and get only a new certificate",
    };

    private static readonly Option<bool> s_all = new("--all")
    {
        Description = "Renew the signing and TLS certificates of all nodes and users of --org",
    };

    private static readonly Option<bool> s_newKey = new("--new-key")
    {
        Description = "With --all: make new private keys too (default: they stay)",
    };

    private static readonly Option<double?> s_within = new("--within")
    {
        Description = "With --all: only certificates that end within so many days",
        HelpName = "DAYS",
    };

    private static readonly Option<double?> s_validFor = new("--valid-for")
    {
        Description = "With --all: how many days the new ones hold (default, and at most: what the authority gives)",
        HelpName = "DAYS",
    };

    private static readonly Option<bool> s_dryRun = new("--dry-run")
    {
        Description = "With --all: show what would be renewed",
    };

    public static Command Create() => new Verb(
        "renew", "Get new certificates before the old ones expire; those are kept aside",
        "identity renew --all --org org1 --within 30")
        .Takes(
            s_name, s_sameKey, EnrollCommand.Wishes, s_all, s_newKey, s_within, s_validFor, s_dryRun,
            IdentityOptions.Registrar)
        .Runs(RunAsync);

    private static Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        bool all = invocation.Get(s_all);
        bool hasName = invocation.GetOrEmpty(s_name).Length > 0;
        bool forAll = invocation.Get(s_newKey) || invocation.Get(s_dryRun) || invocation.Get(s_within) is not null
            || invocation.Get(s_validFor) is not null;
        bool forOne = invocation.Get(s_sameKey) || invocation.Get(EnrollCommand.Wishes) is { Length: > 0 };
        if (all == hasName)
            throw new CommandFault(ExitCode.Usage, "name a user, or say --all for everybody of the organisation.");
        if (all ? forOne : forAll)
            throw new CommandFault(
                ExitCode.Usage,
                all
                    ? "--same-key and --attr-req go with one user's name, not with --all."
                    : "--new-key, --within, --valid-for and --dry-run go with --all. One user gets a new key unless " +
                        "you say --same-key.");

        return all ? RenewAllAsync(invocation, cancellation) : RenewOneAsync(invocation, cancellation);
    }

    private static async Task<ExitCode> RenewOneAsync(Invocation invocation, CancellationToken cancellation)
    {
        using CaSession session = CaSession.Open(invocation);
        MemberFolder folder = session.FolderOf(invocation.GetOrEmpty(s_name));
        if (!folder.TryLoad(out Enrollment? former, out string? fault))
            throw new CommandFault(ExitCode.NotFound, fault);

        using (former)
        {
            var wishes = new EnrollOptions
            {
                KeepsKey = invocation.Get(s_sameKey),
                Attributes = invocation.Get(EnrollCommand.Wishes) is { Length: > 0 } names ? names : null,
            };
            using Enrollment renewed = await session.Authority.ReenrollAsync(former, wishes, cancellation);
            return await EnrollCommand.WriteAsync(invocation, session, folder, renewed, "Renewed", cancellation);
        }
    }

    private static async Task<ExitCode> RenewAllAsync(Invocation invocation, CancellationToken cancellation)
    {
        TimeProvider clock = invocation.Console.Clock;
        var order = new RenewalOrder(
            invocation.Get(s_newKey), TimeOf(invocation.Get(s_within), "--within"),
            TimeOf(invocation.Get(s_validFor), "--valid-for"), invocation.Get(s_dryRun));
        using CaSession session = CaSession.Open(invocation);
        using Enrollment registrar =
            await session.RegistrarAsync(invocation.Get(IdentityOptions.Registrar), cancellation);
        IReadOnlyList<PresentedCertificate> known = await session.Authority.CertificatesAsync(
            registrar, new CertificateFilter { NotRevoked = true }, cancellation);
        HashSet<CertificateNumber> unrevoked = [.. known.Select(one => one.Number)];
        var renewal = new MemberRenewal(session, registrar, order, clock);
        var done = new List<RenewedCertificate>();
        foreach (MemberFolder member in MemberFolder.AllOf(session.Material))
        {
            invocation.Progress.Say($"{member.Name} …");
            done.AddRange(await renewal.RenewAsync(member, unrevoked, cancellation));
        }

        Show(invocation, session, done);
        return done.Any(one => one.Outcome == "failed") ? ExitCode.Refused : ExitCode.Ok;

        DateTimeOffset? TimeOf(double? days, string option) => days switch
        {
            null => null,
            > 0 and <= 36_500 => clock.GetUtcNow().AddDays(days.Value),
            _ => throw new CommandFault(ExitCode.Usage, $"{option} is a number of days above 0 and up to 36500."),
        };
    }

    private static void Show(Invocation invocation, CaSession session, List<RenewedCertificate> done)
    {
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, done);
            return;
        }

        var table = new TextTable("member", "certificate", "ended", "ends now", "outcome");
        foreach (RenewedCertificate one in done)
            table.Add(
                one.Member, one.Certificate, DayOf(one.FormerNotAfter), DayOf(one.NotAfter ?? one.FormerNotAfter),
                one.Reason is null ? one.Outcome : $"{one.Outcome}: {one.Reason}");

        table.Show(invocation.Console);
        string renewed = done.Count(one => one.Outcome == "renewed").ToString(CultureInfo.InvariantCulture);
        invocation.Progress.Say(
            $"{renewed} certificates of {session.Organization.Domain} renewed. " +
            "Running nodes take them within seconds. The former ones are in each member's folder old/SERIAL");
    }

    private static string DayOf(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

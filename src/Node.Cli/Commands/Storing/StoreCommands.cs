using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Keeping;
using Node.Client.Storing;
using Node.Client.Storing.Encrypting;
using Spectre.Console;

namespace Node.Cli.Commands.Storing;

/// <summary><c>store list|check|sweep|compare|repair</c>: what lies off the ledger, and its upkeep.</summary>
internal static class StoreCommands
{
    private const int GraceHoursDefault = 24;

    private static readonly Argument<string> s_store = new("STORE")
    {
        Description = "A name of stores.yaml, a path or a URI (default: where new content goes)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string> s_first = new("A")
    {
        Description = "A name of stores.yaml, a path or a URI",
    };

    private static readonly Argument<string> s_second = new("B") { Description = "Another one" };

    private static readonly Option<bool> s_delete = new("--delete")
    {
        Description = "Delete what no record names (default: only list it)",
    };

    private static readonly Option<double> s_grace = new("--older-than")
    {
        Description = "Leave younger objects alone, in hours: a put that runs now needs its own",
        HelpName = "HOURS",
        DefaultValueFactory = _ => GraceHoursDefault,
    };

    private static readonly Option<bool> s_deep = new("--deep")
    {
        Description = "Read every content and hold it against its checksum",
    };

    private static readonly Option<string[]> s_from = new("--from")
    {
        Description = "Take intact contents from these stores (default: all of stores.yaml)",
        HelpName = "NAME|URI",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> s_dryRun = new("--dry-run")
    {
        Description = "Only say what would be repaired",
    };

    private static readonly Argument<string> s_keyFile = new("FILE")
    {
        Description = "Where the private key goes; the public one goes to FILE.pub",
    };

    public static Command Create() => new("store", "Look after what is stored off the ledger")
    {
        new Verb("list", "List the stores of this network folder", "store list").Runs(ListAsync),
        new Verb("check", "Read everything in a store and hold it against its checksum", "store check")
            .Takes(s_store).Runs(CheckAsync),
        new Verb("sweep", "Find, and with --delete remove, objects that no record names", "store sweep --delete")
            .Takes(s_store, s_grace, s_delete).Runs(SweepAsync),
        new Verb("compare", "Hold two stores against each other", "store compare local archive --deep")
            .Takes(s_first, s_second, s_deep).Runs(CompareAsync),
        new Verb("repair", "Replace missing and altered contents by intact ones of another store", "store repair")
            .Takes(s_from, s_dryRun).Runs(RepairAsync),
        new Verb("key", "Make a key pair for encrypted content", "store key ~/hyperprov-reader.pem")
            .Takes(s_keyFile).Runs(MakeKeyAsync),
    };

    private static async Task<ExitCode> ListAsync(Invocation invocation, CancellationToken cancellation)
    {
        await using var stores = ContentStores.FromNetworkFolder(
            invocation.Folder, store: null, invocation.Console.Clock);
        var rows = stores.All.Select((store, index) => new
        {
            Name = stores.NameOf(store),
            store.Location,
            IsDefault = index == 0,
            store.IsReadOnly,
        }).ToArray();
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, rows);
            return ExitCode.Ok;
        }

        var table = new TextTable("name", "location", "");
        foreach (var row in rows)
            table.Add(
                row.Name, row.Location, row.IsDefault ? "new content goes here" : row.IsReadOnly ? "read-only" : "");

        table.Show(invocation.Console);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> CheckAsync(Invocation invocation, CancellationToken cancellation)
    {
        await using var stores = ContentStores.FromNetworkFolder(
            invocation.Folder, StoreOf(invocation, s_store), invocation.Console.Clock);
        StoreCheck check = await invocation.Progress.WhileAsync(
            $"Checking {stores.Default.Location}", say => StoreCheck.RunAsync(stores.Default, say, cancellation));
        if (invocation.Json)
            JsonView.Write(invocation.Console, new
            {
                Passed = check.Altered.Count == 0,
                stores.Default.Location,
                check.Objects,
                check.Bytes,
                check.Unfinished,
                Altered = check.Altered.Select(
                    found => new { found.Path, Expected = found.Expected.Hex, Found = found.Found?.Hex }),
            });
        else
            ShowCheck(invocation.Console, stores.Default.Location, check);

        return check.Altered.Count == 0 ? ExitCode.Ok : ExitCode.VerificationFailed;
    }

    private static void ShowCheck(CliConsole console, string location, StoreCheck check)
    {
        foreach (ContentCheck altered in check.Altered)
        {
            string line = $"ALTERED   {altered.Path}: expected {altered.Expected.Hex}, found {altered.Found?.Hex}";
            console.Screen.MarkupLine($"[red]{Tables.Escape(line)}[/]");
        }

        string what = string.Create(
            CultureInfo.InvariantCulture,
            $"{location}: {check.Objects} contents, {TransferText.Size(check.Bytes)}, {check.Altered.Count} altered, " +
            $"{check.Unfinished} unfinished");
        console.Screen.MarkupLine($"[{(check.Altered.Count == 0 ? "green" : "red")}]{Tables.Escape(what)}[/]");
    }

    private static async Task<ExitCode> SweepAsync(Invocation invocation, CancellationToken cancellation)
    {
        double hours = invocation.Get(s_grace);
        if (!(hours >= 0) || hours > 1_000_000)
            throw new CommandFault(ExitCode.Usage, "--older-than must be a number of hours from 0 to 1000000.");

        using NetworkSession session = NetworkSession.Open(invocation, StoreOf(invocation, s_store));
        bool delete = invocation.Get(s_delete);
        var sweep = new StoreSweep(session.Provenance, session.Stores.Default, invocation.Console.Clock);
        IReadOnlyList<Orphan> orphans = await invocation.Progress.WhileAsync(
            $"Sweeping {session.Stores.Default.Location}",
            _ => sweep.RunAsync(TimeSpan.FromHours(hours), delete, cancellation));
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new
            {
                session.Stores.Default.Location,
                Orphans = orphans.Select(orphan => new
                {
                    orphan.Object.Pointer,
                    orphan.Object.Bytes,
                    orphan.Object.LastWrite,
                    orphan.Kind,
                    Deleted = orphan.IsDeleted,
                }),
            });
            return ExitCode.Ok;
        }

        foreach (Orphan orphan in orphans)
            invocation.Console.Output.WriteLine(
                $"{(orphan.IsDeleted ? "deleted" : "orphan"),-9} {orphan.Object.Pointer}  " +
                $"{TransferText.Size(orphan.Object.Bytes)}  {orphan.Kind.ToString().ToLowerInvariant()}");

        string size = TransferText.Size(orphans.Sum(orphan => orphan.Object.Bytes));
        invocation.Progress.Say(orphans.Count == 0
            ? $"Every object older than {hours.ToString(CultureInfo.InvariantCulture)} h has a record."
            : delete
                ? $"{orphans.Count(orphan => orphan.IsDeleted)} of {orphans.Count} orphans deleted ({size})."
                : $"{orphans.Count} orphans ({size}). Delete them with: --delete");
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> CompareAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        TimeProvider clock = invocation.Console.Clock;
        string firstName = StoreOption.PathOrName(invocation, invocation.Get(s_first));
        string secondName = StoreOption.PathOrName(invocation, invocation.Get(s_second));
        await using IContentStore first = ContentStores.OpenOne(invocation.Folder, firstName, clock);
        await using IContentStore second = ContentStores.OpenOne(invocation.Folder, secondName, clock);
        IReadOnlyList<ComparedContent> contents = await invocation.Progress.WhileAsync(
            $"Comparing {first.Location} and {second.Location}",
            _ => new StoreComparison(session.Provenance)
                .CompareAsync(first, second, invocation.Get(s_deep), cancellation));
        ComparedContent[] different = [.. contents.Where(content => !content.IsSame)];
        if (invocation.Json)
        {
            JsonView.Write(
                invocation.Console,
                new { Same = different.Length == 0, Contents = contents.Count, Different = different });
        }
        else
        {
            var table = new TextTable("SHA-256", firstName, secondName, "named by");
            foreach (ComparedContent content in different)
                table.Add(content.Checksum.ToString(), Word(content.InFirst), Word(content.InSecond), content.NamedBy);

            if (different.Length > 0)
                table.Show(invocation.Console);

            invocation.Console.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{contents.Count - different.Length} of {contents.Count} contents are in both"));
        }

        return different.Length == 0 ? ExitCode.Ok : ExitCode.VerificationFailed;
    }

    private static async Task<ExitCode> RepairAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        string[] names = invocation.Get(s_from) ?? [];
        IContentStore[] from = names.Length == 0
            ? [.. session.Stores.All]
            : [.. names.Select(name => ContentStores.OpenOne(
                invocation.Folder, StoreOption.PathOrName(invocation, name), invocation.Console.Clock))];
        bool dryRun = invocation.Get(s_dryRun);
        IReadOnlyList<RepairedContent> found = await invocation.Progress.WhileAsync(
            "Checking every content that the ledger names",
            say => new StoreRepair(session.Provenance).RunAsync(from, dryRun, say, cancellation));
        int lost = found.Count(content => content.From is null);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new
            {
                Passed = lost == 0,
                Contents = found.Select(one => new
                {
                    one.Content.NamedBy,
                    one.Content.Location,
                    one.Content.Pointer,
                    Checksum = one.Content.Checksum.Hex,
                    one.Found,
                    one.From,
                }),
            });
        else
            ShowRepaired(invocation.Console, found, dryRun);

        return lost == 0 ? ExitCode.Ok : ExitCode.VerificationFailed;
    }

    private static void ShowRepaired(CliConsole console, IReadOnlyList<RepairedContent> found, bool dryRun)
    {
        foreach (RepairedContent one in found)
        {
            string line = one.From is null
                ? $"LOST      {one.Content.NamedBy}: {Word(one.Found)}, and no other store has {one.Content.Checksum}"
                : $"{(dryRun ? "can be" : "repaired"),-9} {one.Content.NamedBy}: {Word(one.Found)}, " +
                    $"intact in {one.From}";
            console.Screen.MarkupLine($"[{(one.From is null ? "red" : "green")}]{Tables.Escape(line)}[/]");
        }

        if (found.Count == 0)
            console.Screen.MarkupLine("[green]Every content is as recorded: there is nothing to repair.[/]");
    }

    private static Task<ExitCode> MakeKeyAsync(Invocation invocation, CancellationToken cancellation)
    {
        string path = invocation.Console.PathOf(invocation.Get(s_keyFile));
        using ReadingKey key = ReadingKey.Create(path);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { key.Id, PrivateKey = path, PublicKey = path + ".pub" });
        else
            invocation.Console.Output.WriteLine(
                $"{path} reads what is put with --encrypt-for {path}.pub. Keep it: without it such content is lost.");

        return Task.FromResult(ExitCode.Ok);
    }

    private static string Word(ContentState state) => state.ToString().ToLowerInvariant();

    private static string? StoreOf(Invocation invocation, Argument<string> argument) =>
        invocation.GetOrEmpty(argument) is { Length: > 0 } text ? StoreOption.PathOrName(invocation, text) : null;
}

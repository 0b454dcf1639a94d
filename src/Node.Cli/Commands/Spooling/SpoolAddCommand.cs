using System.CommandLine;
using System.Globalization;
using System.Text;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Spooling;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Cli.Commands.Spooling;

/// <summary><c>spool add</c>: one record, or one per line of standard input.</summary>
internal static class SpoolAddCommand
{
    private const int GroupMax = 10_000;

    private static readonly Argument<string> s_file = new("FILE")
    {
        Description = "The file to record, or - for standard input; none with --hash or --lines",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string> s_key = new("--key", "-k")
    {
        Description = "The key to record it under",
        HelpName = "KEY",
    };

    private static readonly Option<string[]> s_depends = new("--depends", "-d")
    {
        Description = "What it was derived from: record ids, or keys of this spool; may be repeated",
        HelpName = "ID|KEY",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> s_description = new("--description", "-m")
    {
        Description = "Free text",
        HelpName = "TEXT",
    };

    private static readonly Option<string> s_type = new("--type")
    {
        Description = "What kind of record it is (default: Transformation with --depends, else Record)",
        HelpName = "TYPE",
    };

    private static readonly Option<string> s_hash = new("--hash")
    {
        Description = "Record this checksum, of content that lies elsewhere",
        HelpName = "HEX",
    };

    private static readonly Option<string> s_algorithm = new("--algorithm")
    {
        Description = "The checksum's algorithm, with --hash",
        HelpName = "NAME",
        DefaultValueFactory = _ => "SHA-256",
    };

    private static readonly Option<string> s_location = new("--location")
    {
        Description = "Where the content lies, with --hash: the first part of the address",
        HelpName = "URI",
    };

    private static readonly Option<string> s_pointer = new("--pointer")
    {
        Description = "The second part of the address, with --hash",
        HelpName = "TEXT",
    };

    private static readonly Option<bool> s_lines = new("--lines")
    {
        Description = "Read one JSON object per line from standard input; see docs/spool.md",
    };

    private static readonly Option<int> s_group = new("--group")
    {
        Description = "With --lines: sync once for up to so many lines; each is acknowledged after its sync",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    public static Verb Create() =>
        new Verb(
            "add", "Add a record to the journal; it is on disk when the command returns",
            "spool add reading.csv --key sensor7 --description \"noon\"")
            .Takes(
                SpoolOptions.Spool, s_file, s_key, s_depends, s_description, s_type, s_hash, s_algorithm, s_location,
                s_pointer, s_lines, s_group)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        string folder = SpoolOptions.FolderOf(invocation);
        using Spool spool = Spool.Open(folder, invocation.Console.Clock);
        await using SpoolContent content = SpoolContent.Open(folder);
        var drafting = new SpoolDrafting(invocation.Console, folder, content);
        if (spool.CertificateNotAfter < invocation.Console.Clock.GetUtcNow())
            invocation.Progress.Say(
                $"The device's certificate expired on {spool.CertificateNotAfter:u}. " +
                "The record is taken; see: hyperprov spool status.");

        if (invocation.Get(s_lines))
            await AddLinesAsync(invocation, spool, drafting, cancellation);
        else
            Acknowledge(invocation, spool, [await AddOneAsync(invocation, spool, drafting, cancellation)]);
        return ExitCode.Ok;
    }

    private static async Task<(string Key, TxId Id)> AddOneAsync(
        Invocation invocation, Spool spool, SpoolDrafting drafting, CancellationToken cancellation)
    {
        string? hash = invocation.Get(s_hash);
        string file = invocation.GetOrEmpty(s_file);
        if ((hash is null) == (file.Length == 0))
            throw new CommandFault(ExitCode.Usage, "name a FILE (- for standard input), or --hash, or --lines.");

        var line = new SpoolLine
        {
            Key = invocation.Get(s_key) ?? throw new CommandFault(ExitCode.Usage, "a record needs --key."),
            File = hash is null ? file : null,
            Hash = hash,
            Algorithm = invocation.Get(s_algorithm),
            Location = invocation.Get(s_location),
            Pointer = invocation.Get(s_pointer),
            Description = invocation.Get(s_description),
            Type = invocation.Get(s_type),
            Depends = [.. invocation.Get(s_depends) ?? []],
        };
        JournaledRecord record = await drafting.DraftAsync(line, cancellation);
        return (record.Key, spool.Add(record));
    }

    private static async Task AddLinesAsync(
        Invocation invocation, Spool spool, SpoolDrafting drafting, CancellationToken cancellation)
    {
        const int BufferChars = 1 << 16;
        int group = invocation.Get(s_group);
        if (group is < 1 or > GroupMax)
            throw new CommandFault(ExitCode.Usage, $"--group is from 1 to {GroupMax}, not {group}.");

        using var reader = new StreamReader(
            invocation.Console.Input, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, BufferChars);
        List<JournaledRecord> waiting = [];
        int number = 0;
        while (true)
        {
            // Whoever writes slowly should not wait for the group to fill.
            ValueTask<string?> reading = reader.ReadLineAsync(cancellation);
            if (!reading.IsCompleted || waiting.Count >= group)
                Flush();
            if (await reading is not { } text)
                break;

            number++;
            if (text.Length == 0)
                continue;
            if (!SpoolLine.TryParse(text, out SpoolLine? line, out string? fault))
            {
                Flush();
                throw new CommandFault(
                    ExitCode.Usage, $"line {number} of standard input: {fault}. The lines before it are recorded.");
            }

            // Depending on a key of a line that still waits means that line: its id must be known.
            if (line.Depends.Exists(name => waiting.Exists(record => record.Key == name)))
                Flush();
            waiting.Add(await DraftLineAsync(number, line));
        }

        Flush();

        async Task<JournaledRecord> DraftLineAsync(int lineNumber, SpoolLine line)
        {
            try
            {
                return await drafting.DraftAsync(line, cancellation);
            }
            catch (CommandFault fault)
            {
                Flush();
                throw new CommandFault(
                    fault.Code,
                    $"line {lineNumber} of standard input: {fault.Message} The lines before it are recorded.");
            }
        }

        void Flush()
        {
            if (waiting.Count == 0)
                return;
            IReadOnlyList<TxId> ids = spool.Add(waiting);
            drafting.Added(waiting, ids);
            Acknowledge(invocation, spool, [.. waiting.Zip(ids, (record, id) => (record.Key, id))]);
            waiting.Clear();
        }
    }

    private static void Acknowledge(
        Invocation invocation, Spool spool, IReadOnlyList<(string Key, TxId Id)> added)
    {
        var text = new StringBuilder();
        ulong sequence = spool.Sequence - (ulong)added.Count;
        foreach ((string key, TxId id) in added)
        {
            sequence++;
            if (invocation.Json)
                text.Append(JsonView.OneLine(new { Sequence = sequence, RecordId = id, Key = key })).Append('\n');
            else
                text.Append(CultureInfo.InvariantCulture, $"{sequence}  {id}  {key}\n");
        }

        invocation.Console.Output.Write(text);
    }
}

using Node.Cli.Running;
using Node.Client.Spooling;
using Node.Client.Storing;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Cli.Commands.Spooling;

/// <summary>
/// Makes journal records of what was asked for: stores content, and finds what keys of the spool mean.
/// </summary>
internal sealed class SpoolDrafting(CliConsole console, string folder, SpoolContent content)
{
    private Dictionary<string, TxId>? _newest;   // Null until a key is asked for: the journal may be long.

    public async Task<JournaledRecord> DraftAsync(SpoolLine line, CancellationToken cancellation)
    {
        TxId[] parents = [.. line.Depends.Select(Resolve).Distinct()];
        var record = new JournaledRecord
        {
            Key = line.Key ?? "",
            Hash = line.Hash?.ToLowerInvariant() ?? "",
            Algorithm = line.Algorithm ?? "SHA-256",
            Location = line.Location ?? "",
            Pointer = line.Pointer ?? "",
            Description = line.Description ?? "",
            Type = line.Type ?? "",
            Parents = parents,
        };
        if (line.Hash is not null)
            return Checked(record);

        // Before content is stored that nothing will refer to.
        Checked(record with { Hash = Hash32.Zero.ToString(), Algorithm = "SHA-256" });
        await using Stream file = Open(line.File ?? "");
        StoredContent stored = await content.AddAsync(file, cancellation);
        return record with
        {
            Hash = stored.Checksum.ToString(),
            Algorithm = "SHA-256",
            Location = stored.Location,
            Pointer = stored.Pointer,
        };
    }

    /// <summary>Later lines may depend on these by their keys.</summary>
    public void Added(IReadOnlyList<JournaledRecord> records, IReadOnlyList<TxId> ids)
    {
        for (int i = 0; i < records.Count && _newest is not null; i++)
            _newest[records[i].Key] = ids[i];
    }

    private static JournaledRecord Checked(JournaledRecord record) =>
        JournaledRecordRules.FaultOf(record) is { } fault
            ? throw new CommandFault(
                ExitCode.Usage,
                $"the record of key \"{record.Key}\" is none that the ledger would take: {fault}.")
            : record;

    private TxId Resolve(string name)
    {
        if (TxId.TryParse(name, out TxId id, out _))
            return id;

        _newest ??= ReadNewest();
        return _newest.TryGetValue(name, out id)
            ? id
            : throw new CommandFault(
                ExitCode.NotFound,
                $"no entry of this spool has the key \"{name}\". Name a record id ({TxId.Chars} hex digits) instead.");
    }

    private Dictionary<string, TxId> ReadNewest()
    {
        var newest = new Dictionary<string, TxId>(StringComparer.Ordinal);
        foreach (JournalEntry entry in SpoolStatus.Entries(folder, from: 1))
        {
            if (entry.Record is { } record)
                newest[record.Key] = entry.RecordId;
        }

        return newest;
    }

    private Stream Open(string name)
    {
        if (name == "-")
            return console.Input;

        string path = console.PathOf(name);
        return File.Exists(path)
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous)
            : throw new CommandFault(ExitCode.NotFound, $"there is no file {path}. Check the name.");
    }
}

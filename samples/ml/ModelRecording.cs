using System.Diagnostics;
using System.Text;
using Node.Client.Recording;
using Node.Protocol;

namespace Samples.Ml;

/// <summary>
/// Records what a folder of models was made from: lists of the training and the test files when they changed, and every
/// model that is new, derived from both lists.
/// </summary>
/// <remarks>
/// The ledger itself is the log of what was recorded, so a run that was cut short anywhere goes on with the next one.
/// All models of a study are versions of one key: its history is the history of the models.
/// </remarks>
internal sealed class ModelRecording(ProvenanceClient provenance, string study, string folder)
{
    private string ModelKey => $"imageML_{study}";

    public async Task RunAsync()
    {
        TxId train = await RecordListAsync("train");
        TxId test = await RecordListAsync("test");
        var known = new HashSet<(string Name, string Hash)>();
        await foreach (ProvenanceRecord record in provenance.HistoryAsync(
            ModelKey, newestFirst: false, CancellationToken.None))
            known.Add((record.Description, record.Hash));

        int recorded = 0;
        long bytes = 0;
        long began = Stopwatch.GetTimestamp();
        string models = Path.Combine(folder, "models");
        foreach (string name in FileList.Paths(models))
        {
            string path = Path.Combine(models, name);
            if (known.Contains((name, FileList.HashOf(path))))
                continue;

            bytes += await RecordModelAsync(name, path, train, test);
            recorded++;
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Console.WriteLine(
            recorded == 0
                ? $"{ModelKey}: {known.Count} models, none of them new"
                : FormattableString.Invariant(
                    $"{ModelKey}: {recorded} new models, {bytes >> 10} KiB, {seconds / recorded:F3} s each"));
    }

    private async Task<long> RecordModelAsync(string name, string path, TxId train, TxId test)
    {
        await using FileStream content = File.OpenRead(path);
        var options = new PutOptions
        {
            Description = name,
            Type = "Model",
            DependsOn = [train.Value, test.Value],
        };
        PutResult result = await provenance.PutAsync(ModelKey, content, options, CancellationToken.None);
        Console.WriteLine($"  {name}: SHA-256 {result.Checksum.ToString()[..12]}…, transaction {result.TransactionId}");
        return result.Bytes;
    }

    /// <summary>The list of a folder's files: the record there is when nothing changed, else a new one.</summary>
    private async Task<TxId> RecordListAsync(string part)
    {
        string key = $"{ModelKey}_{part}";
        byte[] list = Encoding.UTF8.GetBytes(FileList.Of(Path.Combine(folder, part)));
        int files = list.Count(one => one == (byte)'\n');
        ProvenanceRecord? newest = await FindAsync(key);
        if (newest?.Hash == Hash32.Of(list).ToString())
        {
            Console.WriteLine($"{key}: {files} files, as recorded");
            return newest.TransactionId;
        }

        using var content = new MemoryStream(list);
        var options = new PutOptions
        {
            Description = FormattableString.Invariant($"{files} files of {part}/"),
            Type = "DataSet",
            DependsOn = newest is null ? [] : [newest.TransactionId.Value],
        };
        PutResult result = await provenance.PutAsync(key, content, options, CancellationToken.None);
        Console.WriteLine($"{key}: {files} files, a new list, transaction {result.TransactionId}");
        return result.TransactionId;
    }

    private async Task<ProvenanceRecord?> FindAsync(string key)
    {
        try
        {
            return await provenance.FindAsync(key, CancellationToken.None);
        }
        catch (RecordNotFoundException)
        {
            return null;
        }
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Trees;

public enum TreeFindingKind
{
    /// <summary>The file is not what was recorded.</summary>
    Changed,

    /// <summary>It was recorded and is not in the folder.</summary>
    Missing,

    /// <summary>It is in the folder and not in the recorded tree.</summary>
    Extra,

    /// <summary>It is in the folder and has no record of its own.</summary>
    Unrecorded,

    /// <summary>It cannot be read, so nothing can be said.</summary>
    Unreadable,

    /// <summary>What the records were derived from is not on the ledger, or not as recorded.</summary>
    BrokenAncestry,

    /// <summary>True, and worth knowing: an ancestor was replaced since, or its content lies elsewhere.</summary>
    Notice,
}

/// <summary>One thing a verification of a folder found.</summary>
/// <param name="Path">In the folder; for ancestry the key of the record.</param>
public sealed record TreeFinding(TreeFindingKind Kind, string Path, string Reason)
{
    public bool IsFailure => Kind != TreeFindingKind.Notice;
}

/// <summary>A folder held against the ledger.</summary>
/// <param name="IsTree">Against one record of a tree; else against one record for each file.</param>
/// <param name="Files">Files looked at in the folder.</param>
/// <param name="Findings">In the order of the paths, ancestry last.</param>
public sealed record TreeReport(
    string Folder, string Key, bool IsTree, int Files, long Bytes, int Ancestors, IReadOnlyList<TreeFinding> Findings)
{
    public bool Passed => !Findings.Any(finding => finding.IsFailure);
}

/// <summary>
/// Holds a folder of this machine against what was recorded under a key, and what that was derived from.
/// </summary>
/// <remarks>Files are hashed on all cores. Ancestors are held against their stored contents. One owner.</remarks>
public sealed class TreeVerification(ProvenanceClient client)
{
    private readonly ConcurrentQueue<TreeFinding> _findings = new();

    /// <param name="part">The folder is this part of the recorded one: <c>raw/2019</c>; empty for all of it.</param>
    /// <exception cref="RecordNotFoundException">Nothing is recorded under the key.</exception>
    /// <exception cref="ContentMismatchException">The list of a tree's files is missing or altered.</exception>
    public async Task<TreeReport> VerifyAsync(
        string folder, string key, string part, IProgress<TreeProgress>? progress, CancellationToken cancellation)
    {
        TreeScan scan = TreeScan.Of(folder, cancellation);
        foreach (TreeFault fault in scan.Faults)
            _findings.Enqueue(new TreeFinding(TreeFindingKind.Unreadable, fault.Path, fault.Reason));

        ProvenanceRecord? record = await FindAsync(key, cancellation).ConfigureAwait(false);
        bool isTree = record is not null && RecordedTree.Is(record);
        string prefix = part.Length == 0 ? "" : part + "/";
        (Dictionary<string, Expected> expected, List<ProvenanceRecord> records) = isTree
            ? await ExpectTreeAsync(record!, prefix, cancellation).ConfigureAwait(false)
            : await ExpectEachAsync(key, prefix, cancellation).ConfigureAwait(false);
        Compare(scan, expected, isTree ? TreeFindingKind.Extra : TreeFindingKind.Unrecorded, progress, cancellation);
        TreeFinding[] files = [.. _findings.OrderBy(finding => finding.Path, StringComparer.Ordinal)];
        (int ancestors, List<TreeFinding> ancestry) = await VerifyAncestryAsync(records, cancellation)
            .ConfigureAwait(false);
        return new TreeReport(
            folder, key, isTree, scan.Files.Count, scan.Files.Sum(file => file.Stat.Bytes), ancestors,
            [.. files, .. ancestry]);
    }

    private async Task<ProvenanceRecord?> FindAsync(string key, CancellationToken cancellation)
    {
        try
        {
            return await client.FindAsync(key, cancellation).ConfigureAwait(false);
        }
        catch (RecordNotFoundException)
        {
            return null;   // Each file may have a record of its own.
        }
    }

    private async Task<(Dictionary<string, Expected>, List<ProvenanceRecord>)> ExpectTreeAsync(
        ProvenanceRecord record, string prefix, CancellationToken cancellation)
    {
        RecordedTree tree = await RecordedTree.OpenAsync(client, record, cancellation).ConfigureAwait(false);
        var expected = new Dictionary<string, Expected>(StringComparer.Ordinal);
        foreach (TreeEntry entry in tree.Manifest.Entries)
        {
            if (entry.Path.StartsWith(prefix, StringComparison.Ordinal))
                expected.Add(
                    entry.Path[prefix.Length..],
                    new Expected(entry.Kind, entry.Bytes, Checksum.Of(entry.Checksum)));
        }

        return (expected, [record]);
    }

    private async Task<(Dictionary<string, Expected>, List<ProvenanceRecord>)> ExpectEachAsync(
        string key, string prefix, CancellationToken cancellation)
    {
        string first = TreeRecording.KeyOf(key, prefix);
        var expected = new Dictionary<string, Expected>(StringComparer.Ordinal);
        var records = new List<ProvenanceRecord>();
        await foreach (ProvenanceRecord record in client.RangeAsync(first, first[..^1] + '0', cancellation)
            .ConfigureAwait(false))   // The character behind the slash: all keys that begin with the prefix.
        {
            records.Add(record);
            expected.Add(record.Key[first.Length..], new Expected(TreeEntryKind.File, Bytes: null, record.Checksum));
        }

        return records.Count > 0
            ? (expected, records)
            : throw new RecordNotFoundException($"no record of key \"{key}\", nor of keys below {first}", key, null);
    }

    private void Compare(
        TreeScan scan, Dictionary<string, Expected> expected, TreeFindingKind unexpected,
        IProgress<TreeProgress>? progress, CancellationToken cancellation)
    {
        long all = scan.Files.Sum(file => file.Stat.Bytes);
        int done = 0;
        long bytes = 0;
        var options = new ParallelOptions { CancellationToken = cancellation };
        Parallel.ForEach(Partition(scan.Files), options, file =>
        {
            TreeFinding? finding = expected.TryGetValue(file.Path, out Expected wanted)
                ? Compare(file, wanted)
                : unexpected == TreeFindingKind.Unrecorded && file.LinkTarget is not null
                    ? new TreeFinding(
                        TreeFindingKind.Notice, file.Path, "a symbolic link, which has no record of its own")
                    : new TreeFinding(unexpected, file.Path, unexpected == TreeFindingKind.Extra
                        ? "it is not in the recorded tree"
                        : "it has no record");
            if (finding is not null)
                _findings.Enqueue(finding);

            progress?.Report(new TreeProgress(
                Interlocked.Increment(ref done), scan.Files.Count, Interlocked.Add(ref bytes, file.Stat.Bytes), all));
        });
        var there = scan.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        foreach (string path in expected.Keys.Where(path => !there.Contains(path)))
            _findings.Enqueue(new TreeFinding(TreeFindingKind.Missing, path, "it was recorded and is not there"));
    }

    // One by one, so that a core that got the large files does not hold the small ones up.
    private static OrderablePartitioner<ScannedFile> Partition(IReadOnlyList<ScannedFile> files) =>
        Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering);

    private static TreeFinding? Compare(ScannedFile file, Expected expected)
    {
        TreeEntryKind kind = file.LinkTarget is null ? TreeEntryKind.File : TreeEntryKind.Link;
        if (kind != expected.Kind)
            return Changed(file, $"recorded was a {NameOf(expected.Kind)}, there is a {NameOf(kind)}");
        if (expected.Checksum is not { Algorithm: "SHA-256" } checksum)
            return new TreeFinding(
                TreeFindingKind.Unreadable, file.Path, "its record has a checksum that is not compared here");
        if (kind == TreeEntryKind.File && expected.Bytes is { } bytes && bytes != file.Stat.Bytes)
            return Changed(file, string.Create(
                CultureInfo.InvariantCulture, $"recorded were {bytes} bytes, there are {file.Stat.Bytes}"));

        try
        {
            Hash32 found = file.LinkTarget is { } target
                ? Hash32.Of(Encoding.UTF8.GetBytes(target))
                : FileHash.Of(file);
            return found.ToString() == checksum.Hex
                ? null
                : Changed(file, $"expected {checksum}, found {found}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new TreeFinding(TreeFindingKind.Unreadable, file.Path, e.Message);
        }
    }

    private static TreeFinding Changed(ScannedFile file, string reason) =>
        new(TreeFindingKind.Changed, file.Path, reason);

    private static string NameOf(TreeEntryKind kind) => kind == TreeEntryKind.File ? "file" : "symbolic link";

    private async Task<(int Ancestors, List<TreeFinding> Findings)> VerifyAncestryAsync(
        List<ProvenanceRecord> records, CancellationToken cancellation)
    {
        RecordVerification verification = client.NewVerification();
        var findings = new List<TreeFinding>();
        foreach (ProvenanceRecord record in records.Where(record => record.Parents.Count > 0))
        {
            foreach (Finding finding in await verification.VerifyAncestorsAsync(record, cancellation)
                .ConfigureAwait(false))
            {
                if (AncestryOf(finding) is { } known)
                    findings.Add(known);
            }
        }

        return (verification.RecordsVerified, findings);
    }

    private static TreeFinding? AncestryOf(Finding finding) => finding.Kind switch
    {
        FindingKind.Intact => null,
        FindingKind.BrokenAncestry => new TreeFinding(
            TreeFindingKind.BrokenAncestry, finding.Record.Key,
            $"its parent, transaction {finding.Parent}, is not on the ledger"),
        FindingKind.Altered or FindingKind.Missing => new TreeFinding(
            TreeFindingKind.BrokenAncestry, finding.Record.Key,
            $"this ancestor's content at {finding.Check?.Path} " +
            (finding.Kind == FindingKind.Missing ? "is missing" : $"was altered: found {finding.Check?.Found?.Hex}")),
        FindingKind.OutdatedParent => new TreeFinding(
            TreeFindingKind.Notice, finding.Record.Key,
            $"derived from a version of {finding.ParentRecord?.Key} that has been replaced since"),
        _ => new TreeFinding(
            TreeFindingKind.Notice, finding.Record.Key, "this ancestor's content cannot be verified from here"),
    };

    private readonly record struct Expected(TreeEntryKind Kind, long? Bytes, Checksum? Checksum);
}

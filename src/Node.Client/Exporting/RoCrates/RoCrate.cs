using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Exporting.RoCrates;

/// <summary>
/// Packs records with their content as a research object crate: a folder of files with ro-crate-metadata.json beside
/// them.
/// </summary>
/// <remarks>Sources: RO-Crate Metadata Specification 1.1 and 1.2. The mapping: docs/standards.md.</remarks>
public static class RoCrate
{
    public const string FileName = "ro-crate-metadata.json";

    /// <summary>
    /// Writes the crate into a folder that is new or empty. Every file is verified while it is copied.
    /// </summary>
    /// <returns>How many files were copied.</returns>
    /// <exception cref="StorageFailedException">The folder cannot be written, or holds something.</exception>
    /// <exception cref="Storing.ContentMismatchException">Content is missing or altered: there is no metadata
    /// file.</exception>
    public static async Task<int> WriteAsync(
        ProvenanceClient client, LineageGraph graph, string folder, RoCrateOptions options,
        CancellationToken cancellation)
    {
        var paths = new Dictionary<TxId, string>();
        try
        {
            Directory.CreateDirectory(folder);
            if (Directory.EnumerateFileSystemEntries(folder).Any())
                throw new StorageFailedException(
                    "write a crate", folder, "the folder is not empty, and a crate describes all of its folder",
                    inner: null);

            var names = new CratePaths();
            foreach (ProvenanceRecord record in options.MetadataOnly ? [] : graph.Records.Where(HasContent))
            {
                string path = names.PathOf(record.Key);
                string target = Path.Combine(folder, path);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);   // The path has a folder of its own.
                await client.GetAsync(record, target, cancellation).ConfigureAwait(false);
                paths.Add(record.TransactionId, path);
            }

            byte[] metadata = Describe(graph, paths, options);
            await File.WriteAllBytesAsync(Path.Combine(folder, FileName), metadata, cancellation).ConfigureAwait(false);
            return paths.Count;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("write a crate", folder, e.Message, e);
        }
    }

    /// <summary>The metadata file.</summary>
    /// <param name="paths">Where the content of records lies in the crate; the others are described only.</param>
    /// <returns>UTF-8; the same graph gives the same bytes.</returns>
    public static byte[] Describe(
        LineageGraph graph, IReadOnlyDictionary<TxId, string> paths, RoCrateOptions options) =>
        new RoCrateDescription(graph, paths, options).Write();

    /// <summary>Holds a metadata file against what the specification requires.</summary>
    /// <returns>What is missing or wrong; null when it has the required shape.</returns>
    public static string? FaultOf(ReadOnlyMemory<byte> metadata) => RoCrateShape.FaultOf(metadata);

    private static bool HasContent(ProvenanceRecord record) =>
        record.Checksum is not null && record.Location.Length > 0;
}

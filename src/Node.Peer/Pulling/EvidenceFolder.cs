using Node.Ledger.Storage;
using Node.Membership.Blocks;
using Node.Protocol;

namespace Node.Peer.Pulling;

/// <summary>The files of evidence against orderers in a peer's data folder: CHANNEL-NUMBER-HASH-HASH.</summary>
/// <remarks>
/// Any thread. A file is there in full and on disk, or not at all. At most <see cref="Limits.EvidenceFilesMax"/>: the
/// first ones say most, so further ones are not written until somebody takes files away.
/// </remarks>
public sealed class EvidenceFolder(string dataFolder)
{
    /// <summary>Below a peer's data folder.</summary>
    public const string Name = "evidence";

    private readonly Lock _lock = new();   // One file at a time, so that the count holds.

    public string Folder { get; } = Path.Combine(dataFolder, Name);

    /// <summary>The files that are there, by name.</summary>
    public IReadOnlyList<string> List() => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*" + ForkProof.FileExtension).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Whose evidence a file is, by its name.</summary>
    public static bool TryReadChannel(string file, out ChannelId channel)
    {
        string[] parts = Path.GetFileNameWithoutExtension(file).Split('-');   // A channel's name may have dashes too.
        return ChannelId.TryParse(string.Join('-', parts.SkipLast(3)), out channel, out _);
    }

    /// <param name="name">Without extension; equal for equal evidence.</param>
    /// <param name="file">Where it lies; also when it was there already.</param>
    /// <param name="fault">Why it is not written.</param>
    /// <returns>True when a new file was written.</returns>
    public bool TryWrite(string name, ForkProof proof, out string file, out string? fault)
    {
        file = Path.Combine(Folder, name + ForkProof.FileExtension);
        lock (_lock)
        {
            fault = null;
            try
            {
                if (File.Exists(file))
                    return false;

                int count = List().Count;
                if (count >= Limits.EvidenceFilesMax)
                {
                    fault = $"{Folder} holds {count} files already; move them away";
                    return false;
                }

                WholeFile.Replace(file, proof.ToBytes());
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                fault = e.Message;
                return false;
            }
        }
    }
}

using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Ledger.Snapshots;

/// <summary>Whole files of a snapshot: read with a limit, held against their hash, made durable.</summary>
internal static class SnapshotFiles
{
    public const string AnotherCopy = "Take another copy of the snapshot, or export it again.";

    /// <exception cref="SnapshotRefusedException">It is missing, or larger than such a file can be.</exception>
    public static byte[] ReadSmall(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new SnapshotRefusedException(path, "expected this file, found none", AnotherCopy);
        if (file.Length > SnapshotLayout.JsonBytesMax)
        {
            throw new SnapshotRefusedException(
                path, $"expected at most {SnapshotLayout.JsonBytesMax} bytes, found {file.Length}", AnotherCopy);
        }

        return File.ReadAllBytes(path);
    }

    /// <summary>Holds a file against what a manifest says about it.</summary>
    /// <exception cref="SnapshotRefusedException">It is missing or another one.</exception>
    public static void Verify(string folder, SnapshotFileEntry entry)
    {
        string path = Path.Combine(folder, entry.Name);
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new SnapshotRefusedException(
                path, $"expected a file of {entry.Bytes} bytes, found none", AnotherCopy);
        }

        if (file.Length != entry.Bytes)
        {
            throw new SnapshotRefusedException(
                path, $"expected {entry.Bytes} bytes, found {file.Length}", AnotherCopy);
        }

        using FileStream stream = file.OpenRead();
        Hash32 found = Hash32.Read(SHA256.HashData(stream));
        if (found != entry.Sha256)
        {
            throw new SnapshotRefusedException(
                path, $"expected SHA-256 {entry.Sha256}, found {found}", AnotherCopy);
        }
    }

    public static void WriteSmall(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Gives a finished folder its name. It is there whole or not at all, also after a power cut.</summary>
    public static void Publish(string unfinished, string folder)
    {
        FileSync.SyncFolder(unfinished);
        Directory.Move(unfinished, folder);
        FileSync.SyncFolder(Path.GetDirectoryName(folder)!);
    }
}

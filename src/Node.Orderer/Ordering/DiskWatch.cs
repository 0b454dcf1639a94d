using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>Whether the disk of one channel's store has room for a batch, and for what is written besides.</summary>
/// <remarks>
/// Asked before each append, so that a full disk is a refusal to order and nothing else: reads and Deliver go on, and
/// room alone ends it. An engine that runs out of space in the middle of a write cannot be closed and opened again
/// safely (Debian builds RocksDB with assertions, and closing a log whose write failed ends the process). Any thread.
/// </remarks>
/// <param name="ask">Gives free and total bytes of the disk that a folder is on; 0 when it cannot be asked.</param>
internal sealed class DiskWatch(string folder, Func<string, (long Free, long Total)> ask)
{
    /// <summary>Bytes kept free at most; on small disks less.</summary>
    public const long SpareBytesMax = 64L << 20;

    /// <summary>On small disks, one part in so many is kept free.</summary>
    public const int SparePart = 16;

    // A batch is written to the log and as a block, each to the write-ahead log first.
    private const int WritesOfBatch = 4;

    public DiskWatch(string folder)
        : this(folder, AskSystem)
    {
    }

    /// <summary>Why a batch of this size may not be written now; null when it may.</summary>
    /// <remarks>Smaller batches need as much room as an ordinary one, so that the answer does not flicker.</remarks>
    public string? FindFault(int batchBytes)
    {
        (long free, long total) = ask(folder);
        long written = (long)WritesOfBatch * Math.Max(batchBytes, Limits.BatchBytesPreferred);
        long needed = Math.Min(SpareBytesMax, total / SparePart) + written;
        return free >= needed && total > 0
            ? null
            : $"only {free >> 10} KB are free on the disk of {folder}, {needed >> 10} KB are needed: make room";
    }

    private static (long Free, long Total) AskSystem(string folder)
    {
        try
        {
            var disk = new DriveInfo(folder);
            return (disk.AvailableFreeSpace, disk.TotalSize);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}

namespace Node.Peer.Committing;

/// <summary>How full the disk of a folder is, in bytes.</summary>
internal readonly record struct DiskSpace(long Free, long Total)
{
    /// <summary>Nothing free when the disk cannot be asked: it is not there any more.</summary>
    public static DiskSpace Of(string folder)
    {
        try
        {
            var disk = new DriveInfo(folder);
            return new DiskSpace(disk.AvailableFreeSpace, disk.TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}

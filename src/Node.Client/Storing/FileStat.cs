using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Node.Client.Storing;

internal enum FileKind
{
    Regular,
    Folder,
    Link,

    /// <summary>A pipe, socket or device: opening one may wait for ever.</summary>
    Special,
}

/// <summary>What the file system says of a path, without following a link at its end.</summary>
/// <param name="Changed">Grows with every change of content, name or rights; 0 where the system does not tell.</param>
internal readonly record struct FileStat(FileKind Kind, long Bytes, DateTimeOffset LastWrite, ulong Inode, long Changed)
{
    /// <summary>False when there is nothing, or nothing that may be looked at.</summary>
    public static bool TryRead(string path, out FileStat stat) =>
        OperatingSystem.IsLinux() ? TryReadLinux(path, out stat) : TryReadAny(path, out stat);

    /// <summary>The path with every symbolic link resolved.</summary>
    /// <exception cref="FileNotFoundException">There is nothing.</exception>
    public static string RealPath(string path)
    {
        if (OperatingSystem.IsWindows())
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);

        nint resolved = NativeMethods.realpath(Encoding.UTF8.GetBytes(path + '\0'), 0);
        if (resolved == 0)
            throw Marshal.GetLastPInvokeError() == NativeMethods.AccessDenied
                ? new UnauthorizedAccessException($"{path} cannot be reached: permission denied")
                : new FileNotFoundException($"There is no {path}.", path);

        try
        {
            return Marshal.PtrToStringUTF8(resolved) ?? path;
        }
        finally
        {
            NativeMethods.free(resolved);
        }
    }

    private static bool TryReadLinux(string path, out FileStat stat)
    {
        stat = default;
        Span<byte> answer = stackalloc byte[NativeMethods.StatxBytes];
        int result = NativeMethods.statx(
            NativeMethods.CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), NativeMethods.NoFollow,
            NativeMethods.BasicStats, ref MemoryMarshal.GetReference(answer));
        if (result != 0)
            return false;

        FileKind kind = (BinaryPrimitives.ReadUInt16LittleEndian(answer[28..]) & NativeMethods.TypeMask) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            0xA000 => FileKind.Link,
            _ => FileKind.Special,
        };
        stat = new FileStat(
            kind,
            BinaryPrimitives.ReadInt64LittleEndian(answer[40..]),
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64LittleEndian(answer[112..]))
                .AddTicks(BinaryPrimitives.ReadInt32LittleEndian(answer[120..]) / TimeSpan.NanosecondsPerTick),
            BinaryPrimitives.ReadUInt64LittleEndian(answer[32..]),
            Nanoseconds(answer[96..]));
        return true;
    }

    private static long Nanoseconds(ReadOnlySpan<byte> time) => unchecked(
        (BinaryPrimitives.ReadInt64LittleEndian(time) * 1_000_000_000)
            + BinaryPrimitives.ReadInt32LittleEndian(time[8..]));

    private static bool TryReadAny(string path, out FileStat stat)
    {
        stat = default;
        FileSystemInfo entry = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (!entry.Exists && entry.LinkTarget is null)
            return false;

        FileKind kind = entry.LinkTarget is not null ? FileKind.Link
            : entry is DirectoryInfo ? FileKind.Folder
            : FileKind.Regular;
        long bytes = kind == FileKind.Regular ? ((FileInfo)entry).Length : 0;
        stat = new FileStat(
            kind, bytes, new DateTimeOffset(entry.LastWriteTimeUtc, TimeSpan.Zero), Inode: 0, Changed: 0);
        return true;
    }

    /// <summary>The framework does not tell pipes from files; statx does, with one layout on every processor.</summary>
    private static class NativeMethods
    {
        public const int StatxBytes = 256;
        public const int CurrentFolder = -100;
        public const int NoFollow = 0x100;
        public const uint BasicStats = 0x7ff;
        public const int TypeMask = 0xF000;
        public const int AccessDenied = 13;

        [DllImport("libc", SetLastError = true)]
        public static extern int statx(int folder, byte[] path, int flags, uint mask, ref byte answer);

        [DllImport("libc", SetLastError = true)]
        public static extern nint realpath(byte[] path, nint buffer);

        [DllImport("libc")]
        public static extern void free(nint memory);
    }
}

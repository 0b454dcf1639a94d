using System.Runtime.InteropServices;

namespace RocksDbSharp;

/// <summary>What the engine or this binding refuses.</summary>
public class RocksDbSharpException : Exception
{
    public RocksDbSharpException(string message)
        : base(message)
    {
    }

    public RocksDbSharpException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The engine reported an error. The message is the engine's own text, unchanged.</summary>
/// <remarks>
/// The C API carries no codes, so the kinds are read from the text, whose first words are the status names that
/// RocksDB has kept since its beginning.
/// </remarks>
public sealed class RocksDbException : RocksDbSharpException
{
    private static readonly string[] s_diskFullTexts =
        ["No space left on device", "Disk quota exceeded", "Max allowed space was reached"];

    public RocksDbException(string message)
        : base(message)
    {
    }

    /// <summary>
    /// The disk is full. Nothing is damaged; the same call succeeds when space is back and the database reopened.
    /// </summary>
    public bool IsDiskFull => Array.Exists(s_diskFullTexts, text => Message.Contains(text, StringComparison.Ordinal));

    /// <summary>
    /// A fact about the bytes on disk: they are not what the engine wrote. Trying again does not help.
    /// </summary>
    public bool IsCorruption => Message.StartsWith("Corruption", StringComparison.Ordinal);

    /// <summary>A fact about the machine: a read, write, sync or lock failed.</summary>
    public bool IsIOError => Message.StartsWith("IO error", StringComparison.Ordinal);

    /// <summary>Throws what a call left behind, and frees it. A null pointer is success.</summary>
    internal static void ThrowIfError(nint error)
    {
        if (error != 0)
            throw Take(error);
    }

    internal static RocksDbException Take(nint error)
    {
        string text = Marshal.PtrToStringUTF8(error) ?? "unknown error";
        Native.rocksdb_free(error);
        return new RocksDbException(text);
    }
}

namespace RocksDbSharp;

/// <summary>librocksdb is not installed on this machine. The message names the package that brings it.</summary>
public sealed class RocksDbLibraryNotFoundException : DllNotFoundException
{
    internal RocksDbLibraryNotFoundException()
        : base(
            "librocksdb (7.8 or later) was not found on this machine. Install it with "
            + "'apt-get install librocksdb7.8' (Debian 12), 'apt-get install librocksdb8.9' (Ubuntu 24.04), "
            + "'apt-get install librocksdb9.10' (Debian 13), or 'apt-get install librocksdb-dev' anywhere.")
    {
    }
}

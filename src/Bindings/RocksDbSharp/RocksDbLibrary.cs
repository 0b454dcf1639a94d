using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RocksDbSharp;

/// <summary>Finds librocksdb under the names that distributions give it.</summary>
/// <remarks>
/// Debian 12 installs <c>librocksdb.so.7.8</c>, Ubuntu 24.04 <c>.so.8.9</c>, Debian 13 <c>.so.9.10</c>; only the
/// development packages add the bare name. The oldest supported engine is 7.8: every export that this binding
/// calls exists there with the same signature as in 9.10.
/// </remarks>
internal static class RocksDbLibrary
{
    /// <summary>The name the imports carry; resolved here, never by the runtime's own probing.</summary>
    public const string Name = "rocksdb";

    // Known distributions first; after them every minor version of the supported majors, newest first.
    private static readonly string[] s_distributionNames =
        ["librocksdb.so.7.8", "librocksdb.so.9.10", "librocksdb.so.8.9", "librocksdb.so.9", "librocksdb.so.8"];

    private const int MinorMax = 11;

    private static readonly Lazy<nint> s_library = new(Load);

#pragma warning disable CA2255 // A resolver has to stand before the first import is bound, whichever type that is.
    [ModuleInitializer]
    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(typeof(RocksDbLibrary).Assembly, Resolve);
#pragma warning restore CA2255

    /// <summary>The file names that are tried, in order.</summary>
    public static IEnumerable<string> CandidateNames()
    {
        foreach (string name in s_distributionNames)
            yield return name;

        for (int major = 9; major >= 8; major--)
        {
            for (int minor = MinorMax; minor >= 0; minor--)
                yield return $"librocksdb.so.{major}.{minor}";
        }

        yield return "librocksdb.so.7.9";
        yield return "librocksdb.so";
    }

    /// <summary>Loads the first of <paramref name="names"/> that the system's loader finds.</summary>
    /// <exception cref="RocksDbLibraryNotFoundException">None of them is installed.</exception>
    public static nint LoadFirst(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
                return library;
        }

        throw new RocksDbLibraryNotFoundException();
    }

    private static nint Resolve(string libraryName, Assembly assembly, DllImportSearchPath? searchPath) =>
        libraryName == Name ? s_library.Value : 0;

    private static nint Load() => LoadFirst(CandidateNames());
}

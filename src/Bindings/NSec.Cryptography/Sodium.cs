using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace NSec.Cryptography;

/// <summary>The functions of libsodium that Ed25519 needs, and where to find the library.</summary>
/// <remarks>Lengths of messages are <c>unsigned long long</c> in C. Zero means success, -1 failure.</remarks>
internal static unsafe partial class Sodium
{
    private const string Library = "sodium";

    // Debian 12 and Ubuntu 24.04 carry ABI 23, Debian 13 and later ABI 26; what is called here is the same in both.
    private static readonly string[] s_fileNames = ["libsodium.so.23", "libsodium.so.26", "libsodium.so"];

    private static readonly Lazy<nint> s_library = new(() => LoadFirst(s_fileNames));

    // sodium_init picks the fastest code for this processor; it may be called again and by several threads.
    private static readonly Lazy<bool> s_initialized = new(() => sodium_init() >= 0);

#pragma warning disable CA2255 // A resolver has to stand before the first import is bound, whichever type that is.
    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(Sodium).Assembly, Resolve);
#pragma warning restore CA2255

    /// <summary>Called before a key is made or a signature checked.</summary>
    /// <exception cref="SodiumLibraryNotFoundException">libsodium is not installed.</exception>
    public static void Initialize()
    {
        if (!s_initialized.Value)
            throw new InvalidOperationException("libsodium refused to initialize: its source of randomness failed.");
    }

    /// <summary>Loads the first of <paramref name="names"/> that the system's loader finds.</summary>
    /// <exception cref="SodiumLibraryNotFoundException">None of them is installed.</exception>
    public static nint LoadFirst(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
                return library;
        }

        throw new SodiumLibraryNotFoundException();
    }

    [LibraryImport(Library)]
    internal static partial int sodium_init();

    [LibraryImport(Library)]
    internal static partial nint sodium_malloc(nuint bytes);

    [LibraryImport(Library)]
    internal static partial void sodium_free(nint memory);

    [LibraryImport(Library)]
    internal static partial int sodium_mprotect_readonly(nint memory);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_seed_keypair(byte* publicKey, byte* secretKey, byte* seed);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_detached(
        byte* signature, ulong* signatureBytes, byte* message, ulong messageBytes, byte* secretKey);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_verify_detached(
        byte* signature, byte* message, ulong messageBytes, byte* publicKey);

    private static nint Resolve(string libraryName, Assembly assembly, DllImportSearchPath? searchPath) =>
        libraryName == Library ? s_library.Value : 0;
}

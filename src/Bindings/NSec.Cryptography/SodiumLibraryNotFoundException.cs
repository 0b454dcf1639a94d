namespace NSec.Cryptography;

/// <summary>libsodium is not installed on this machine. The message names the package that brings it.</summary>
public sealed class SodiumLibraryNotFoundException : DllNotFoundException
{
    internal SodiumLibraryNotFoundException()
        : base(
            "libsodium was not found on this machine. Install it with 'apt-get install libsodium23' "
            + "(Debian 13 and later: 'apt-get install libsodium26'), or 'apt-get install libsodium-dev' anywhere.")
    {
    }
}

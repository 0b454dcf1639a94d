using System.Runtime.InteropServices;

namespace NSec.Cryptography;

/// <summary>Owns guarded memory outside the managed heap: never moved, never swapped, zeroed when released.</summary>
internal sealed unsafe class SecretMemory : SafeHandle
{
    /// <exception cref="InsufficientMemoryException">The system gives no more guarded memory.</exception>
    public SecretMemory(int bytes)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        SetHandle(Sodium.sodium_malloc((nuint)bytes));
        if (IsInvalid)
            throw new InsufficientMemoryException($"libsodium could not allocate {bytes} bytes of guarded memory.");
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>
    /// Ends the time of writing: a stray write faults from here on, where the system can arrange that.
    /// </summary>
    public void Seal() => _ = Sodium.sodium_mprotect_readonly(handle);

    /// <summary>Valid between an acquired and a released reference.</summary>
    public byte* Bytes => (byte*)handle;

    protected override bool ReleaseHandle()
    {
        Sodium.sodium_free(handle);
        return true;
    }
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Node.Membership.Keys.Tables;

/// <summary>Owns one object of libcrypto.</summary>
/// <remarks>Whoever passes it on as a pointer keeps it alive until the call is over.</remarks>
internal sealed class NativeObject : SafeHandle
{
    private readonly Action<nint> _free;

    /// <exception cref="CryptographicException">The library made none.</exception>
    public NativeObject(nint made, Action<nint> free)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        if (made == 0)
            throw new CryptographicException("libcrypto has no memory for another object");

        _free = free;
        SetHandle(made);
    }

    public override bool IsInvalid => handle == 0;

    public static implicit operator nint(NativeObject one) => one.handle;

    protected override bool ReleaseHandle()
    {
        _free(handle);
        return true;
    }
}

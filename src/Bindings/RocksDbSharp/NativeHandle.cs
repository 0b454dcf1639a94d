using System.Runtime.InteropServices;

namespace RocksDbSharp;

/// <summary>Owns one object of the engine and keeps the object it lives in alive.</summary>
/// <remarks>
/// A handle holds a reference on its owner (an iterator on its column family, that on its database) until it is
/// released itself. Disposing in the wrong order therefore delays the engine's destructor; it never leaves a
/// pointer into freed memory. Any thread may lease; the last one out releases.
/// </remarks>
internal unsafe class NativeHandle : SafeHandle
{
    private readonly delegate*<nint, void> _destroy;
    private readonly NativeHandle? _owner;

    // SafeHandle calls itself closed only when the last reference is gone; a disposed object refuses at once.
    private volatile bool _disposed;

    /// <param name="pointer">Never null: creating functions of the engine either succeed or report an error.</param>
    /// <param name="owner">Kept alive as long as this; the caller holds a lease on it. Null for what stands
    /// alone.</param>
    public NativeHandle(nint pointer, delegate*<nint, void> destroy, NativeHandle? owner)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        _destroy = destroy;
        _owner = owner;
        SetHandle(pointer);
        owner?.AddReferenceWhileLeased();
    }

    public override bool IsInvalid => handle == 0;

    protected nint OwnerPointer => _owner?.handle ?? 0;

    /// <summary>The pointer, for callers that own the handle and are its only user (an iterator, a batch).</summary>
    /// <exception cref="ObjectDisposedException">Disposed before.</exception>
    public nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return handle;
        }
    }

    /// <summary>Keeps the engine's object alive until the lease is disposed.</summary>
    /// <exception cref="ObjectDisposedException">Disposed before.</exception>
    public Lease Acquire()
    {
        AddReference();
        return new Lease(this);
    }

    /// <summary>Pairs with <see cref="SafeHandle.DangerousRelease"/>.</summary>
    /// <exception cref="ObjectDisposedException">Disposed before.</exception>
    public void AddReference()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        AddReferenceWhileLeased();
    }

    /// <summary>As <see cref="AddReference"/>, by one who already holds a reference: it cannot fail.</summary>
    public void AddReferenceWhileLeased()
    {
        bool added = false;
        DangerousAddRef(ref added);
    }

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }

    protected override bool ReleaseHandle()
    {
        Destroy();
        _owner?.DangerousRelease();
        return true;
    }

    protected virtual void Destroy() => _destroy(handle);

    /// <summary>A right to use the pointer. Disposed exactly once, by the method that acquired it.</summary>
    public readonly ref struct Lease(NativeHandle leased)
    {
        public nint Pointer => leased.handle;

        public void Dispose() => leased.DangerousRelease();
    }
}

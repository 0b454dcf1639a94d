using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Node.Membership.Keys.Tables;

/// <summary>What one check of a signature computes with: the curve, and numbers and points to write to.</summary>
/// <remarks>Used by one thread at a time.</remarks>
internal sealed class CurveDesk : IDisposable
{
    private readonly NativeObject _group = Group();
    private readonly NativeObject _context = new(LibCrypto.BN_CTX_new(), LibCrypto.BN_CTX_free);
    private readonly NativeObject _r = Number();
    private readonly NativeObject _s = Number();
    private readonly NativeObject _e = Number();
    private readonly NativeObject _ofBase = Number();
    private readonly NativeObject _ofKey = Number();
    private readonly NativeObject _basePart;
    private readonly NativeObject _keyPart;
    private readonly NativeObject _sum;
    private readonly nint _order;

    /// <exception cref="CryptographicException">The library has no memory.</exception>
    public CurveDesk()
    {
        _basePart = Point(_group);
        _keyPart = Point(_group);
        _sum = Point(_group);
        _order = LibCrypto.EC_GROUP_get0_order(_group);
    }

    /// <summary>A curve of its own, whose generator can be replaced.</summary>
    public static NativeObject Group(Action? whenFreed = null) => new(
        LibCrypto.EC_GROUP_new_by_curve_name(LibCrypto.P256),
        group =>
        {
            LibCrypto.EC_GROUP_free(group);
            whenFreed?.Invoke();
        });

    /// <summary>Makes a public key the generator of a curve, and multiples of it at hand.</summary>
    /// <param name="group">As <see cref="Group"/> made it.</param>
    /// <param name="key">An uncompressed point (SEC 1, 2.3.3).</param>
    /// <returns>False when it is no point of the curve, or the library cannot.</returns>
    public bool TryTabulate(NativeObject group, ReadOnlySpan<byte> key)
    {
        bool done = LibCrypto.EC_POINT_oct2point(group, _keyPart, in key[0], (nuint)key.Length, _context) == 1
            && LibCrypto.EC_GROUP_set_generator(group, _keyPart, _order, LibCrypto.BN_value_one()) == 1
            && LibCrypto.EC_GROUP_precompute_mult(group, _context) == 1;
        if (!done)
            LibCrypto.ERR_clear_error();

        return done;
    }

    /// <summary>The verification of FIPS 186-5, 6.4.2, or SEC 1, 4.1.4.</summary>
    /// <param name="group">Whose generator is the public key.</param>
    /// <param name="digest">32 bytes.</param>
    /// <param name="r">32 bytes, big-endian.</param>
    /// <param name="s">32 bytes, big-endian.</param>
    public bool IsSignature(
        NativeObject group, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> r, ReadOnlySpan<byte> s)
    {
        if (TryComputeX(group, digest, r, s) && LibCrypto.BN_cmp(_e, _r) == 0)
            return true;

        LibCrypto.ERR_clear_error();
        return false;
    }

    [SuppressMessage("Usage", "CA2213", Justification = "All are disposed.")]
    public void Dispose()
    {
        foreach (NativeObject each in
            (NativeObject[])[_basePart, _keyPart, _sum, _r, _s, _e, _ofBase, _ofKey, _context, _group])
            each.Dispose();
    }

    private static NativeObject Number() => new(LibCrypto.BN_new(), LibCrypto.BN_free);

    private static NativeObject Point(NativeObject group) =>
        new(LibCrypto.EC_POINT_new(group), LibCrypto.EC_POINT_free);

    // Leaves the x coordinate of (e/s) G + (r/s) Q, modulo the order, in _e. False too when that is no point, and when
    // r or s is not between 0 and the order: zero has no inverse, and no x is zero and passes for one.
    private bool TryComputeX(
        NativeObject group, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> r, ReadOnlySpan<byte> s) =>
        LibCrypto.BN_bin2bn(in r[0], r.Length, _r) != 0
        && LibCrypto.BN_bin2bn(in s[0], s.Length, _s) != 0
        && LibCrypto.BN_bin2bn(in digest[0], digest.Length, _e) != 0
        && LibCrypto.BN_cmp(_r, _order) < 0
        && LibCrypto.BN_cmp(_s, _order) < 0
        && r.ContainsAnyExcept((byte)0)
        && LibCrypto.BN_mod_inverse(_s, _s, _order, _context) != 0
        && LibCrypto.BN_mod_mul(_ofBase, _e, _s, _order, _context) == 1
        && LibCrypto.BN_mod_mul(_ofKey, _r, _s, _order, _context) == 1
        && LibCrypto.EC_POINT_mul(_group, _basePart, _ofBase, 0, 0, _context) == 1
        && LibCrypto.EC_POINT_mul(group, _keyPart, _ofKey, 0, 0, _context) == 1
        && LibCrypto.EC_POINT_add(_group, _sum, _basePart, _keyPart, _context) == 1
        && LibCrypto.EC_POINT_get_affine_coordinates(_group, _sum, _e, 0, _context) == 1
        && LibCrypto.BN_nnmod(_e, _e, _order, _context) == 1;
}

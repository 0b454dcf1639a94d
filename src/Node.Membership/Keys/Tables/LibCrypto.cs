using System.Runtime.InteropServices;

namespace Node.Membership.Keys.Tables;

/// <summary>The functions of OpenSSL's libcrypto that compute on P-256.</summary>
/// <remarks>
/// Sizes of objects stay on the other side: all that crosses are pointers, C ints and bytes, on every architecture
/// alike. One means success, zero failure; BN_cmp compares. Deprecated since 3.0, and there: a libcrypto without one of
/// them is treated as none (<see cref="IsThere"/>).
/// </remarks>
internal static class LibCrypto
{
    /// <summary>NID_X9_62_prime256v1.</summary>
    public const int P256 = 415;

    private const string Library = "libcrypto.so.3";

    private static readonly string[] s_functions =
    [
        nameof(BN_CTX_new), nameof(BN_CTX_free), nameof(BN_new), nameof(BN_free), nameof(BN_bin2bn),
        nameof(BN_value_one), nameof(BN_cmp), nameof(BN_nnmod), nameof(BN_mod_mul), nameof(BN_mod_inverse),
        nameof(EC_GROUP_new_by_curve_name), nameof(EC_GROUP_free), nameof(EC_GROUP_get0_order),
        nameof(EC_GROUP_set_generator), nameof(EC_GROUP_precompute_mult), nameof(EC_POINT_new), nameof(EC_POINT_free),
        nameof(EC_POINT_oct2point), nameof(EC_POINT_mul), nameof(EC_POINT_add),
        nameof(EC_POINT_get_affine_coordinates), nameof(ERR_clear_error),
    ];

    private static readonly Lazy<bool> s_isThere = new(() =>
        NativeLibrary.TryLoad(Library, out nint library)
        && s_functions.All(name => NativeLibrary.TryGetExport(library, name, out _)));

    /// <summary>Whether this machine has an OpenSSL that knows all of them.</summary>
    public static bool IsThere => s_isThere.Value;

    [DllImport(Library)]
    public static extern nint BN_CTX_new();

    [DllImport(Library)]
    public static extern void BN_CTX_free(nint context);

    [DllImport(Library)]
    public static extern nint BN_new();

    [DllImport(Library)]
    public static extern void BN_free(nint number);

    /// <summary>Big-endian bytes into an existing number. Zero on failure.</summary>
    [DllImport(Library)]
    public static extern nint BN_bin2bn(in byte first, int length, nint number);

    /// <summary>Owned by the library.</summary>
    [DllImport(Library)]
    public static extern nint BN_value_one();

    [DllImport(Library)]
    public static extern int BN_cmp(nint left, nint right);

    [DllImport(Library)]
    public static extern int BN_nnmod(nint result, nint number, nint modulus, nint context);

    [DllImport(Library)]
    public static extern int BN_mod_mul(
        nint result, nint left, nint right, nint modulus, nint context);

    /// <summary>Zero on failure.</summary>
    [DllImport(Library)]
    public static extern nint BN_mod_inverse(
        nint result, nint number, nint modulus, nint context);

    [DllImport(Library)]
    public static extern nint EC_GROUP_new_by_curve_name(int nid);

    [DllImport(Library)]
    public static extern void EC_GROUP_free(nint group);

    /// <summary>The number of points; owned by the group.</summary>
    [DllImport(Library)]
    public static extern nint EC_GROUP_get0_order(nint group);

    [DllImport(Library)]
    public static extern int EC_GROUP_set_generator(
        nint group, nint generator, nint order, nint cofactor);

    /// <summary>Keeps multiples of the generator with the group; read by any number of threads afterwards.</summary>
    [DllImport(Library)]
    public static extern int EC_GROUP_precompute_mult(nint group, nint context);

    [DllImport(Library)]
    public static extern nint EC_POINT_new(nint group);

    [DllImport(Library)]
    public static extern void EC_POINT_free(nint point);

    /// <summary>Fails for what is no point of the curve.</summary>
    [DllImport(Library)]
    public static extern int EC_POINT_oct2point(
        nint group, nint point, in byte first, nuint length, nint context);

    /// <summary>generator * n + point * m, here without the second.</summary>
    [DllImport(Library)]
    public static extern int EC_POINT_mul(
        nint group, nint result, nint n, nint point, nint m, nint context);

    [DllImport(Library)]
    public static extern int EC_POINT_add(
        nint group, nint result, nint left, nint right, nint context);

    /// <summary>Fails for the point at infinity.</summary>
    [DllImport(Library)]
    public static extern int EC_POINT_get_affine_coordinates(
        nint group, nint point, nint x, nint y, nint context);

    /// <summary>
    /// What fails leaves a note in its thread; the next user of the library might take it for its own.
    /// </summary>
    [DllImport(Library)]
    public static extern void ERR_clear_error();
}

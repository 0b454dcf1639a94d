using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Node.Membership.Keys.Tables;

/// <summary>Multiples of one public key on P-256, so that checking a signature of it costs half.</summary>
/// <remarks>
/// <para>
/// Checking multiplies two points by large numbers: the curve's base point, whose multiples libcrypto has at hand, and
/// the public key. The same few keys sign nearly everything on a channel, and for each of them the same table can be
/// made. It takes some 16 ms and 150 KB, as much as it saves in 600 checks.
/// </para>
/// <para>The arithmetic is libcrypto's, the equation is written out here. Any thread.</para>
/// </remarks>
internal sealed class KeyTable : IDisposable
{
    /// <summary>Most tables of the process: 5 MB.</summary>
    public const int TablesMax = 32;

    private static readonly ReadyPool<CurveDesk> s_desks = new(() => new CurveDesk());
    private static int s_tables;

    private readonly NativeObject _group;   // Its generator is the key.

    private KeyTable(NativeObject group) => _group = group;

    /// <summary>Whether another one may be made now.</summary>
    public static bool HasRoom => Volatile.Read(ref s_tables) < TablesMax && LibCrypto.IsThere;

    /// <summary>Makes the table, or not: there are enough of them, or the library cannot.</summary>
    /// <param name="key">Of P-256.</param>
    /// <exception cref="CryptographicException">The library has no memory.</exception>
    public static bool TryMake(ECParameters key, [NotNullWhen(true)] out KeyTable? table)
    {
        table = null;
        if (!LibCrypto.IsThere)
            return false;

        NativeObject group = CurveDesk.Group(whenFreed: static () => Interlocked.Decrement(ref s_tables));
        if (Interlocked.Increment(ref s_tables) <= TablesMax && IsTabulated(group, key.Q))
            table = new KeyTable(group);
        else
            group.Dispose();

        return table is not null;
    }

    /// <param name="digest">32 bytes.</param>
    /// <param name="fixedSize">r and s, 32 bytes each (P1363).</param>
    public bool IsSignature(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> fixedSize)
    {
        int half = fixedSize.Length / 2;
        CurveDesk desk = s_desks.Rent();
        bool isSignature = desk.IsSignature(_group, digest, fixedSize[..half], fixedSize[half..]);
        s_desks.Return(desk);
        GC.KeepAlive(this);
        return isSignature;
    }

    public void Dispose() => _group.Dispose();

    private static bool IsTabulated(NativeObject group, ECPoint key)
    {
        const byte Uncompressed = 4;
        CurveDesk desk = s_desks.Rent();
        bool isTabulated = desk.TryTabulate(group, [Uncompressed, .. key.X!, .. key.Y!]);   // Exported keys have both.
        s_desks.Return(desk);
        return isTabulated;
    }
}

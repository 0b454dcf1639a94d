using System.Buffers.Binary;
using System.Text;
using Node.Protocol;

namespace Node.Ledger.History;

/// <summary>
/// The keys of the column family <c>history</c>: the writes of one key lie side by side, oldest first.
/// </summary>
/// <remarks>
/// Layout (docs/formats.md, "History"), big-endian: namespace length u8, namespace, key length u32, key, block u64,
/// transaction u32.
/// </remarks>
internal static class HistoryKeys
{
    private const int VersionBytes = sizeof(ulong) + sizeof(uint);

    public static int SizeOf(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key) => PrefixSize(ns, key) + VersionBytes;

    public static void Encode(
        ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, StateVersion version, Span<byte> destination)
    {
        int at = WritePrefix(ns, key, destination);
        BinaryPrimitives.WriteUInt64BigEndian(destination[at..], version.Block);
        BinaryPrimitives.WriteUInt32BigEndian(destination[(at + sizeof(ulong))..], version.Transaction);
    }

    /// <summary>What all entries of one key begin with. False when no such key can exist.</summary>
    public static bool TryPrefix(string ns, string key, out byte[] prefix)
    {
        byte[] name = Encoding.UTF8.GetBytes(ns);
        byte[] keyBytes = Encoding.UTF8.GetBytes(key);
        prefix = [];
        if (name.Length > Limits.NamespaceBytesMax)
            return false;

        prefix = new byte[PrefixSize(name, keyBytes)];
        WritePrefix(name, keyBytes, prefix);
        return true;
    }

    /// <summary>The entry of this version, for a prefix.</summary>
    public static byte[] At(ReadOnlySpan<byte> prefix, StateVersion version)
    {
        byte[] key = new byte[prefix.Length + VersionBytes];
        prefix.CopyTo(key);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(prefix.Length), version.Block);
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(prefix.Length + sizeof(ulong)), version.Transaction);
        return key;
    }

    public static StateVersion VersionOf(ReadOnlySpan<byte> historyKey)
    {
        ReadOnlySpan<byte> version = historyKey[^VersionBytes..];
        return new StateVersion(
            BinaryPrimitives.ReadUInt64BigEndian(version),
            BinaryPrimitives.ReadUInt32BigEndian(version[sizeof(ulong)..]));
    }

    /// <summary>True when the bytes have this layout, with names that can exist.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> historyKey)
    {
        int lengthAt = historyKey.IsEmpty ? 0 : 1 + historyKey[0];
        int keyAt = lengthAt + sizeof(uint);
        return historyKey.Length >= keyAt + VersionBytes
            && lengthAt - 1 <= Limits.NamespaceBytesMax
            && BinaryPrimitives.ReadUInt32BigEndian(historyKey[lengthAt..])
                == (uint)(historyKey.Length - keyAt - VersionBytes);
    }

    public static ReadOnlySpan<byte> NamespaceOf(ReadOnlySpan<byte> historyKey) => historyKey.Slice(1, historyKey[0]);

    public static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> historyKey) =>
        historyKey[(1 + historyKey[0] + sizeof(uint))..^VersionBytes];

    /// <summary>Whether two entries are of one key.</summary>
    public static bool IsSameKey(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left[..^VersionBytes].SequenceEqual(right[..^VersionBytes]);

    private static int PrefixSize(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key) =>
        1 + ns.Length + sizeof(uint) + key.Length;

    private static int WritePrefix(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, Span<byte> destination)
    {
        destination[0] = (byte)ns.Length;
        ns.CopyTo(destination[1..]);
        int at = 1 + ns.Length;
        BinaryPrimitives.WriteUInt32BigEndian(destination[at..], (uint)key.Length);
        at += sizeof(uint);
        key.CopyTo(destination[at..]);
        return at + key.Length;
    }
}

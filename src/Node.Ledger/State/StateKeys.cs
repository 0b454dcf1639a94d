using System.Text;
using Node.Protocol;

namespace Node.Ledger.State;

/// <summary>
/// The keys of the column family <c>state</c>: one order for a namespace's keys, and no two names alike.
/// </summary>
/// <remarks>
/// Layout (docs/formats.md, "World state"): namespace length u8, namespace, collection length u8, collection, key. The
/// collection is empty for public keys; in a collection the key is the 32 bytes of its hash. Lengths stand in front
/// because keys hold any bytes, zeros included.
/// </remarks>
internal static class StateKeys
{
    /// <summary>Names beyond this exist nowhere: nothing with them is ever written.</summary>
    public const int NameBytesMax = Limits.NamespaceBytesMax;

    // Both lengths fit their byte.
    private const uint LengthsFitAByte =
        Limits.NamespaceBytesMax <= byte.MaxValue && Limits.CollectionNameBytesMax <= byte.MaxValue ? 0 : -1;

    /// <summary>False for names that are too long to exist.</summary>
    public static bool Exist(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> collection) =>
        ns.Length <= Limits.NamespaceBytesMax && collection.Length <= Limits.CollectionNameBytesMax;

    public static int SizeOf(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> collection, ReadOnlySpan<byte> key) =>
        2 + ns.Length + collection.Length + key.Length;

    /// <param name="destination">At least <see cref="SizeOf"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Encode(
        ReadOnlySpan<byte> ns, ReadOnlySpan<byte> collection, ReadOnlySpan<byte> key, Span<byte> destination)
    {
        Invariant.Require(Exist(ns, collection), "who asks for longer names was told that nothing is there");
        destination[0] = (byte)ns.Length;
        ns.CopyTo(destination[1..]);
        int at = 1 + ns.Length;
        destination[at++] = (byte)collection.Length;
        collection.CopyTo(destination[at..]);
        at += collection.Length;
        key.CopyTo(destination[at..]);
        return at + key.Length;
    }

    public static byte[] Encode(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> collection, ReadOnlySpan<byte> key)
    {
        byte[] encoded = new byte[SizeOf(ns, collection, key)];
        Encode(ns, collection, key, encoded);
        return encoded;
    }

    /// <summary>For a public key whose name and key are text. False when such a key cannot exist.</summary>
    public static bool TryEncode(string ns, string key, out byte[] encoded)
    {
        int nsBytes = Encoding.UTF8.GetByteCount(ns);
        if (nsBytes > Limits.NamespaceBytesMax)
        {
            encoded = [];
            return false;
        }

        encoded = new byte[2 + nsBytes + Encoding.UTF8.GetByteCount(key)];
        encoded[0] = (byte)nsBytes;
        Encoding.UTF8.GetBytes(ns, encoded.AsSpan(1));
        Encoding.UTF8.GetBytes(key, encoded.AsSpan(2 + nsBytes));
        return true;
    }

    /// <summary>The first key behind all public keys of the namespace whose public prefix this is.</summary>
    public static byte[] BehindPublic(ReadOnlySpan<byte> ns)
    {
        byte[] behind = new byte[2 + ns.Length];
        behind[0] = (byte)ns.Length;
        ns.CopyTo(behind.AsSpan(1));
        behind[^1] = 1;   // Collections, whose length byte is not 0, sort behind public keys.
        return behind;
    }

    public static ReadOnlySpan<byte> NamespaceOf(ReadOnlySpan<byte> stateKey) => stateKey.Slice(1, stateKey[0]);

    public static ReadOnlySpan<byte> CollectionOf(ReadOnlySpan<byte> stateKey)
    {
        int at = 1 + stateKey[0];
        return stateKey.Slice(at + 1, stateKey[at]);
    }

    public static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> stateKey)
    {
        int at = 1 + stateKey[0];
        return stateKey[(at + 1 + stateKey[at])..];
    }

    /// <summary>True when the bytes have this layout, so that the parts can be taken out.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> stateKey)
    {
        if (stateKey.Length < 2 || stateKey.Length < 2 + stateKey[0])
            return false;

        int at = 1 + stateKey[0];
        return stateKey.Length >= at + 1 + stateKey[at];
    }

    /// <summary>The order of commit hashes: by namespace, then collection, then key, each in byte order.</summary>
    public static int CompareNames(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int order = NamespaceOf(left).SequenceCompareTo(NamespaceOf(right));
        if (order == 0)
            order = CollectionOf(left).SequenceCompareTo(CollectionOf(right));

        return order != 0 ? order : KeyOf(left).SequenceCompareTo(KeyOf(right));
    }
}

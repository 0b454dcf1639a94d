using System.Buffers.Binary;
using Node.Protocol;

namespace Node.Peer.Validating;

/// <summary>
/// The endorsement signatures this peer made itself, by exact message and signature, so that validation does not check
/// again what it knows: a check costs a hundred times this lookup.
/// </summary>
/// <remarks>
/// Direct-mapped and bounded: a newer entry takes an older one's slot, and a missing entry only means a check. It says
/// that this peer's key made the signature, never that the identity is still a member. Any thread.
/// </remarks>
internal sealed class OwnSignatures
{
    private const int Slots = 1 << 13;         // Some seconds of endorsements at full load, in 0.9 MB.
    private const int SignatureBytesMax = 72;  // A P-256 signature in DER. Longer ones are not kept.
    private const int SlotBytes = 1 + SignatureBytesMax + Hash32.Bytes;
    private const int Stripes = 64;

    // Slot: length of the signature (0 = empty), signature, digest of the message.
    private readonly byte[] _slots = new byte[Slots * SlotBytes];
    private readonly Lock[] _stripes = new Lock[Stripes];   // Lock i guards the slots whose number is i modulo Stripes.

    public OwnSignatures()
    {
        for (int i = 0; i < Stripes; i++)
            _stripes[i] = new Lock();
    }

    /// <summary>Remembers a signature that this peer's key has just made over <paramref name="message"/>.</summary>
    public void Add(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length is 0 or > SignatureBytesMax)
            return;

        Hash32 digest = Hash32.Of(message);
        int number = NumberOf(digest);
        lock (_stripes[number % Stripes])
        {
            Span<byte> slot = SlotAt(number);
            slot[0] = (byte)signature.Length;
            signature.CopyTo(slot[1..]);
            digest.CopyTo(slot[(1 + SignatureBytesMax)..]);
        }
    }

    /// <summary>True only when this very signature was made here over this very message.</summary>
    public bool Contains(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length is 0 or > SignatureBytesMax)
            return false;

        Hash32 digest = Hash32.Of(message);
        int number = NumberOf(digest);
        lock (_stripes[number % Stripes])
        {
            ReadOnlySpan<byte> slot = SlotAt(number);
            return slot[0] == signature.Length
                && slot.Slice(1, signature.Length).SequenceEqual(signature)
                && slot[(1 + SignatureBytesMax)..].SequenceEqual(digest.AsSpan());
        }
    }

    // A digest is uniform, so any of its bits choose a slot evenly.
    private static int NumberOf(Hash32 digest) => BinaryPrimitives.ReadUInt16LittleEndian(digest.AsSpan()) % Slots;

    private Span<byte> SlotAt(int number) => _slots.AsSpan(number * SlotBytes, SlotBytes);
}

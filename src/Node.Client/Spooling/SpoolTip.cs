using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Client.Spooling;

/// <summary>The device's signed word on how far its journal goes: cutting entries off the end contradicts it.</summary>
/// <remarks>
/// <para>Two slots, written in turn, each in a page of its own, so that a torn write leaves the other one. Written
/// after the entries are on disk and without a sync: it may be behind after a power cut, and is never ahead.</para>
/// <para>Bytes: docs/formats.md, "Spool tip".</para>
/// </remarks>
internal sealed record SpoolTip(Hash32 Journal, ulong Sequence, Hash32 Hash, ReadOnlyMemory<byte> Signature)
{
    public const int SlotBytes = 4096;
    private const int SlotCount = 2;
    private const int StatementBytes = 4 + Hash32.Bytes + sizeof(ulong) + Hash32.Bytes;
    private const int SumBytes = 8;

    private static ReadOnlySpan<byte> Magic => "HPT1"u8;

    public static SpoolTip Sign(JournalEntry last, SigningIdentity device)
    {
        byte[] statement = Statement(last.Journal, last.Sequence, last.Hash);
        return new SpoolTip(last.Journal, last.Sequence, last.Hash, device.Sign(statement));
    }

    public bool IsSignedBy(MemberCertificate device) =>
        device.Verify(Statement(Journal, Sequence, Hash), Signature.Span);

    public byte[] ToSlot()
    {
        var slot = new byte[SlotBytes];
        Statement(Journal, Sequence, Hash).CopyTo(slot, 0);
        Span<byte> rest = slot.AsSpan(StatementBytes);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)Signature.Length);
        Signature.Span.CopyTo(rest[sizeof(ushort)..]);
        int summed = StatementBytes + sizeof(ushort) + Signature.Length;
        Hash32.Of(slot.AsSpan(0, summed)).AsSpan()[..SumBytes].CopyTo(slot.AsSpan(summed));
        return slot;
    }

    /// <summary>Where in the file the next tip goes: never over the newest one.</summary>
    public static long OffsetAfter(long offset) => (offset + SlotBytes) % (SlotBytes * SlotCount);

    /// <summary>The newest tip of a file; null when neither slot holds one.</summary>
    public static (SpoolTip Tip, long Offset)? ReadNewest(string path)
    {
        byte[] file = File.Exists(path) ? File.ReadAllBytes(path) : [];
        (SpoolTip Tip, long Offset)? newest = null;
        for (int offset = 0; offset + SlotBytes <= file.Length; offset += SlotBytes)
        {
            if (TryRead(file.AsSpan(offset, SlotBytes), out SpoolTip? tip)
                && (newest is null || tip.Sequence > newest.Value.Tip.Sequence))
                newest = (tip, offset);
        }

        return newest;
    }

    private static bool TryRead(ReadOnlySpan<byte> slot, [NotNullWhen(true)] out SpoolTip? tip)
    {
        tip = null;
        int signatureBytes = BinaryPrimitives.ReadUInt16BigEndian(slot[StatementBytes..]);
        int summed = StatementBytes + sizeof(ushort) + signatureBytes;
        if (!slot.StartsWith(Magic)
            || signatureBytes > Limits.SignatureBytesMax
            || !slot.Slice(summed, SumBytes).SequenceEqual(Hash32.Of(slot[..summed]).ToArray().AsSpan(0, SumBytes)))
            return false;

        ReadOnlySpan<byte> rest = slot[Magic.Length..];
        tip = new SpoolTip(
            Hash32.Read(rest[..Hash32.Bytes]),
            BinaryPrimitives.ReadUInt64BigEndian(rest[Hash32.Bytes..]),
            Hash32.Read(rest.Slice(Hash32.Bytes + sizeof(ulong), Hash32.Bytes)),
            slot.Slice(StatementBytes + sizeof(ushort), signatureBytes).ToArray());
        return true;
    }

    private static byte[] Statement(Hash32 journal, ulong sequence, Hash32 hash)
    {
        var statement = new byte[StatementBytes];
        Magic.CopyTo(statement);
        journal.CopyTo(statement.AsSpan(Magic.Length));
        BinaryPrimitives.WriteUInt64BigEndian(statement.AsSpan(Magic.Length + Hash32.Bytes), sequence);
        hash.CopyTo(statement.AsSpan(Magic.Length + Hash32.Bytes + sizeof(ulong)));
        return statement;
    }
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Client.Spooling;

/// <summary>The bytes of a segment file: a head, then frames. See docs/formats.md, "Spool segment".</summary>
internal static class SegmentBytes
{
    public const int HeadBytes = 64;
    public const int FrameHeadBytes = sizeof(uint) + sizeof(ushort) + FrameSumBytes;

    private const int HeadSummedBytes = 8 + Hash32.Bytes + sizeof(ulong);
    private const int FrameSumBytes = 8;

    private static ReadOnlySpan<byte> Magic => "HPSPOOL1"u8;

    public static byte[] EncodeHead(Hash32 journal, ulong firstSequence)
    {
        var head = new byte[HeadBytes];
        Magic.CopyTo(head);
        journal.CopyTo(head.AsSpan(8));
        BinaryPrimitives.WriteUInt64BigEndian(head.AsSpan(8 + Hash32.Bytes), firstSequence);
        Hash32 sum = Hash32.Of(head.AsSpan(0, HeadSummedBytes));
        sum.AsSpan()[..(HeadBytes - HeadSummedBytes)].CopyTo(head.AsSpan(HeadSummedBytes));
        return head;
    }

    /// <summary>False when the head is cut short, altered, or of another journal or place.</summary>
    public static bool IsHeadOf(ReadOnlySpan<byte> segment, Hash32 journal, ulong firstSequence) =>
        segment.Length >= HeadBytes && segment[..HeadBytes].SequenceEqual(EncodeHead(journal, firstSequence));

    public static byte[] EncodeFrames(IReadOnlyList<SignedJournalEntry> entries)
    {
        int bytes = 0;
        foreach (SignedJournalEntry entry in entries)
            bytes += FrameHeadBytes + entry.Entry.Body.Length + entry.Signature.Length;

        var frames = new byte[bytes];
        Span<byte> rest = frames;
        foreach (SignedJournalEntry entry in entries)
        {
            int length = FrameHeadBytes + entry.Entry.Body.Length + entry.Signature.Length;
            Span<byte> frame = rest[..length];
            BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)entry.Entry.Body.Length);
            BinaryPrimitives.WriteUInt16BigEndian(frame[sizeof(uint)..], (ushort)entry.Signature.Length);
            entry.Entry.Body.Span.CopyTo(frame[FrameHeadBytes..]);
            entry.Signature.Span.CopyTo(frame[(FrameHeadBytes + entry.Entry.Body.Length)..]);
            SumOf(frame).CopyTo(frame[(FrameHeadBytes - FrameSumBytes)..]);
            rest = rest[length..];
        }

        return frames;
    }

    /// <summary>How long the frame at the front says it is; false when there is no room for what it says.</summary>
    public static bool TryMeasure(ReadOnlySpan<byte> rest, out int bytes)
    {
        bytes = 0;
        if (rest.Length < FrameHeadBytes)
            return false;

        uint body = BinaryPrimitives.ReadUInt32BigEndian(rest);
        ushort signature = BinaryPrimitives.ReadUInt16BigEndian(rest[sizeof(uint)..]);
        if (body is 0 or > Limits.JournalEntryBytesMax || signature > Limits.SignatureBytesMax)
            return false;

        bytes = FrameHeadBytes + (int)body + signature;
        return bytes <= rest.Length;
    }

    /// <param name="frame">As <see cref="TryMeasure"/> measured it.</param>
    public static bool TryDecode(
        ReadOnlyMemory<byte> frame,
        [NotNullWhen(true)] out SignedJournalEntry? signed,
        [NotNullWhen(false)] out string? fault)
    {
        signed = null;
        ReadOnlySpan<byte> span = frame.Span;
        if (!span.Slice(FrameHeadBytes - FrameSumBytes, FrameSumBytes).SequenceEqual(SumOf(span)))
        {
            fault = "its checksum is wrong";
            return false;
        }

        int bodyBytes = (int)BinaryPrimitives.ReadUInt32BigEndian(span);
        if (!JournalEntry.TryRead(frame.Slice(FrameHeadBytes, bodyBytes), out JournalEntry? entry, out fault))
            return false;

        signed = new SignedJournalEntry(entry, frame[(FrameHeadBytes + bodyBytes)..]);
        return true;
    }

    public static string At(string path, long offset) =>
        string.Create(CultureInfo.InvariantCulture, $"{path} at byte {offset}");

    private static ReadOnlySpan<byte> SumOf(ReadOnlySpan<byte> frame)
    {
        Hash32 sum = Hash32.Of(frame[..(FrameHeadBytes - FrameSumBytes)], frame[FrameHeadBytes..]);
        return sum.ToArray().AsSpan(0, FrameSumBytes);
    }
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Node.Protocol.Journaling;

/// <summary>An entry with the device's signature over its canonical bytes.</summary>
public sealed record SignedJournalEntry(JournalEntry Entry, ReadOnlyMemory<byte> Signature)
{
    /// <summary>What it takes in a batch.</summary>
    public int BatchBytes => JournalBatch.FrameBytes + Entry.Body.Length + Signature.Length;
}

/// <summary>The argument of <c>appendjournal</c>: some entries of one journal, in order.</summary>
/// <remarks><c>01 (u32 length ‖ entry ‖ u16 length ‖ signature)*</c>; see docs/formats.md, "Journal batch".</remarks>
public static class JournalBatch
{
    internal const int FrameBytes = sizeof(uint) + sizeof(ushort);
    private const byte Format = 1;

    public static byte[] Encode(IReadOnlyList<SignedJournalEntry> entries)
    {
        int bytes = 1;
        foreach (SignedJournalEntry entry in entries)
            bytes += entry.BatchBytes;

        var batch = new byte[bytes];
        batch[0] = Format;
        Span<byte> rest = batch.AsSpan(1);
        foreach (SignedJournalEntry entry in entries)
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest, (uint)entry.Entry.Body.Length);
            entry.Entry.Body.Span.CopyTo(rest[sizeof(uint)..]);
            rest = rest[(sizeof(uint) + entry.Entry.Body.Length)..];
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)entry.Signature.Length);
            entry.Signature.Span.CopyTo(rest[sizeof(ushort)..]);
            rest = rest[(sizeof(ushort) + entry.Signature.Length)..];
        }

        return batch;
    }

    /// <summary>Reads a batch from outside; the entries' order and signatures are not looked at.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> batch,
        [NotNullWhen(true)] out IReadOnlyList<SignedJournalEntry>? entries,
        [NotNullWhen(false)] out string? fault)
    {
        entries = null;
        if (batch.Length > Limits.JournalBatchBytesMax)
        {
            fault = $"the batch has {batch.Length} bytes; at most {Limits.JournalBatchBytesMax} are accepted";
            return false;
        }

        if (batch.IsEmpty || batch.Span[0] != Format)
        {
            fault = "the batch is not of format 1";
            return false;
        }

        List<SignedJournalEntry> read = [];
        for (ReadOnlyMemory<byte> rest = batch[1..]; !rest.IsEmpty;)
        {
            fault = read.Count == Limits.JournalBatchEntriesMax
                ? $"the batch has more than {Limits.JournalBatchEntriesMax} entries"
                : Take(ref rest, read);
            if (fault is not null)
            {
                fault = string.Create(CultureInfo.InvariantCulture, $"entry {read.Count} of the batch: {fault}");
                return false;
            }
        }

        entries = read;
        fault = read.Count == 0 ? "the batch has no entry" : null;
        return fault is null;
    }

    private static string? Take(ref ReadOnlyMemory<byte> rest, List<SignedJournalEntry> read)
    {
        if (!TryTake(ref rest, sizeof(uint), out ReadOnlyMemory<byte> body)
            || !TryTake(ref rest, sizeof(ushort), out ReadOnlyMemory<byte> signature))
            return "it is cut short";
        if (!JournalEntry.TryRead(body, out JournalEntry? entry, out string? fault))
            return fault;

        read.Add(new SignedJournalEntry(entry, signature));
        return null;
    }

    private static bool TryTake(ref ReadOnlyMemory<byte> rest, int lengthBytes, out ReadOnlyMemory<byte> part)
    {
        part = default;
        if (rest.Length < lengthBytes)
            return false;

        ReadOnlySpan<byte> span = rest.Span;
        uint bytes = lengthBytes == sizeof(uint)
            ? BinaryPrimitives.ReadUInt32BigEndian(span)
            : BinaryPrimitives.ReadUInt16BigEndian(span);
        if (bytes > rest.Length - lengthBytes)
            return false;

        part = rest.Slice(lengthBytes, (int)bytes);
        rest = rest[(lengthBytes + (int)bytes)..];
        return true;
    }
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Node.Protocol.Journaling;

/// <summary>The canonical bytes of a journal entry, both ways. One entry has one spelling.</summary>
internal static class JournalEntryBytes
{
    private const int HeadBytes = 4 + 1 + 1 + Hash32.Bytes + 8 + Hash32.Bytes + 8 + Hash32.Bytes;
    private const byte ClockBehindFlag = 1;

    private static ReadOnlySpan<byte> Magic => "HPJ1"u8;

    public static byte[] Encode(
        JournalPlace place, JournalEntryKind kind, JournaledRecord? record, JournaledDevice? device)
    {
        using var bytes = new MemoryStream();
        bytes.Write(Magic);
        bytes.WriteByte((byte)kind);
        bytes.WriteByte(place.IsClockBehind ? ClockBehindFlag : (byte)0);
        bytes.Write(place.Journal.AsSpan());
        Write(bytes, place.Sequence);
        bytes.Write(place.Previous.AsSpan());
        Write(bytes, unchecked((ulong)MicrosecondsOf(place.Time)));
        bytes.Write(place.Signer.AsSpan());
        if (record is not null)
            Write(bytes, record);
        if (device is not null)
            Write(bytes, device);
        return bytes.ToArray();
    }

    public static bool TryDecode(
        ReadOnlyMemory<byte> body,
        out JournalPlace place,
        out JournalEntryKind kind,
        out JournaledRecord? record,
        out JournaledDevice? device,
        [NotNullWhen(false)] out string? fault)
    {
        record = null;
        device = null;
        if (!TryReadHead(body.Span, out place, out kind, out fault))
            return false;

        var reader = new PartReader(body[HeadBytes..]);
        if (kind == JournalEntryKind.Record)
            fault = ReadRecord(ref reader, out record);
        else
            fault = ReadDevice(ref reader, kind, out device);
        if (fault is null && !reader.IsAtEnd)
            fault = "bytes follow its last part";
        return fault is null;
    }

    private static bool TryReadHead(
        ReadOnlySpan<byte> body, out JournalPlace place, out JournalEntryKind kind,
        [NotNullWhen(false)] out string? fault)
    {
        place = default;
        kind = default;
        fault = null;
        if (body.Length > Limits.JournalEntryBytesMax)
            fault = $"it has {body.Length} bytes, at most {Limits.JournalEntryBytesMax} are accepted";
        else if (body.Length < HeadBytes || !body.StartsWith(Magic))
            fault = "its bytes are not those of a journal entry of format 1";
        else if (body[4] > (byte)JournalEntryKind.Renew || body[5] > ClockBehindFlag)
            fault = $"its kind {body[4]} or its flags {body[5]} are unknown";
        if (fault is not null)
            return false;

        kind = (JournalEntryKind)body[4];
        ReadOnlySpan<byte> rest = body[6..];
        Hash32 journal = TakeHash(ref rest);
        ulong sequence = TakeNumber(ref rest);
        Hash32 previous = TakeHash(ref rest);
        long microseconds = unchecked((long)TakeNumber(ref rest));
        bool timed = TryTime(microseconds, out DateTimeOffset time);
        place = new JournalPlace(
            journal, sequence, previous, time, body[5] == ClockBehindFlag, TakeHash(ref rest));
        bool isFirst = sequence == 0 && journal.IsZero && previous.IsZero;
        if (!timed)
            fault = "its time is beyond the year 9999 or before the year 1";
        else if (kind == JournalEntryKind.Open ? !isFirst : sequence == 0)
            fault = "entry 0, and only entry 0, opens a journal";
        return fault is null;
    }

    private static string? ReadRecord(ref PartReader reader, out JournaledRecord? record)
    {
        record = null;
        if (!reader.TryText(out string key)
            || !reader.TryText(out string hash)
            || !reader.TryText(out string algorithm)
            || !reader.TryText(out string location)
            || !reader.TryText(out string pointer)
            || !reader.TryText(out string description)
            || !reader.TryText(out string type)
            || !reader.TryParents(out TxId[] parents))
            return "a part of it is cut short or is no UTF-8";

        record = new JournaledRecord
        {
            Key = key,
            Hash = hash,
            Algorithm = algorithm,
            Location = location,
            Pointer = pointer,
            Description = description,
            Type = type,
            Parents = parents,
        };
        return JournaledRecordRules.FaultOf(record);
    }

    private static string? ReadDevice(ref PartReader reader, JournalEntryKind kind, out JournaledDevice? device)
    {
        device = null;
        if (!reader.TryText(out string name)
            || !reader.TryPart(out ReadOnlyMemory<byte> certificate)
            || !reader.TryPart(out ReadOnlyMemory<byte> nonce))
            return "a part of it is cut short or is no UTF-8";
        if (!MspId.TryParse(name, out MspId mspId, out string? fault))
            return fault;
        if (nonce.Length != (kind == JournalEntryKind.Open ? JournaledDevice.NonceBytes : 0))
            return $"its nonce has {nonce.Length} bytes";

        device = new JournaledDevice(mspId, certificate, nonce);
        return null;
    }

    private static void Write(MemoryStream bytes, JournaledRecord record)
    {
        foreach (string text in (ReadOnlySpan<string>)
            [
                record.Key, record.Hash, record.Algorithm, record.Location, record.Pointer, record.Description,
                record.Type,
            ])
            WritePart(bytes, Encoding.UTF8.GetBytes(text));

        Span<byte> count = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(count, (uint)record.Parents.Count);
        bytes.Write(count);
        foreach (TxId parent in record.Parents)
            bytes.Write(parent.ToHash().AsSpan());
    }

    private static void Write(MemoryStream bytes, JournaledDevice device)
    {
        WritePart(bytes, Encoding.UTF8.GetBytes(device.MspId.Value));
        WritePart(bytes, device.CertificatePem.Span);
        WritePart(bytes, device.Nonce.Span);
    }

    private static void WritePart(MemoryStream bytes, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)part.Length);
        bytes.Write(length);
        bytes.Write(part);
    }

    private static void Write(MemoryStream bytes, ulong number)
    {
        Span<byte> eight = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(eight, number);
        bytes.Write(eight);
    }

    private static Hash32 TakeHash(ref ReadOnlySpan<byte> rest)
    {
        Hash32 hash = Hash32.Read(rest[..Hash32.Bytes]);
        rest = rest[Hash32.Bytes..];
        return hash;
    }

    private static ulong TakeNumber(ref ReadOnlySpan<byte> rest)
    {
        ulong number = BinaryPrimitives.ReadUInt64BigEndian(rest);
        rest = rest[sizeof(ulong)..];
        return number;
    }

    private static long MicrosecondsOf(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    private static bool TryTime(long microseconds, out DateTimeOffset time)
    {
        long least = MicrosecondsOf(DateTimeOffset.MinValue);
        long most = MicrosecondsOf(DateTimeOffset.MaxValue);
        bool fits = microseconds >= least && microseconds <= most;
        time = fits
            ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond)
            : default;
        return fits;
    }

    /// <summary>Takes length-prefixed parts off the front, and never more than there is.</summary>
    private struct PartReader(ReadOnlyMemory<byte> rest)
    {
        private ReadOnlyMemory<byte> _rest = rest;

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public bool TryPart(out ReadOnlyMemory<byte> part)
        {
            part = default;
            if (!TryCount(out uint bytes) || bytes > _rest.Length)
                return false;

            part = _rest[..(int)bytes];
            _rest = _rest[(int)bytes..];
            return true;
        }

        public bool TryText(out string text)
        {
            bool read = TryPart(out ReadOnlyMemory<byte> part) && Utf8.IsValid(part.Span);
            text = read ? Encoding.UTF8.GetString(part.Span) : "";
            return read;
        }

        public bool TryParents(out TxId[] parents)
        {
            parents = [];
            if (!TryCount(out uint count) || count > _rest.Length / Hash32.Bytes)
                return false;

            parents = new TxId[count];
            for (int i = 0; i < parents.Length; i++)
            {
                parents[i] = TxId.Of(Hash32.Read(_rest.Span[..Hash32.Bytes]));
                _rest = _rest[Hash32.Bytes..];
            }

            return true;
        }

        private bool TryCount(out uint count)
        {
            count = 0;
            if (_rest.Length < sizeof(uint))
                return false;

            count = BinaryPrimitives.ReadUInt32BigEndian(_rest.Span);
            _rest = _rest[sizeof(uint)..];
            return true;
        }
    }
}

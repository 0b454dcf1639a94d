using System.Buffers.Binary;

namespace Node.Orderer.Log;

/// <summary>Where an entry lies in the ordered log. Later entries have larger positions; gaps are allowed.</summary>
/// <remarks>In bytes: u64 big-endian, as it stands in a block's commitment.</remarks>
internal readonly record struct LogPosition(ulong Value) : IComparable<LogPosition>
{
    public const int Bytes = sizeof(ulong);

    /// <summary>Before the first entry. No entry has it.</summary>
    public static LogPosition Start => default;

    public static LogPosition Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes));

    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt64BigEndian(bytes, Value);

    public int CompareTo(LogPosition other) => Value.CompareTo(other.Value);

    public static bool operator <(LogPosition left, LogPosition right) => left.Value < right.Value;

    public static bool operator >(LogPosition left, LogPosition right) => left.Value > right.Value;

    public static bool operator <=(LogPosition left, LogPosition right) => left.Value <= right.Value;

    public static bool operator >=(LogPosition left, LogPosition right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

using System.Buffers.Binary;
using Node.Protocol;

namespace Node.Orderer.Log;

/// <summary>Names one batch of one orderer for ever, so that an append whose outcome is unknown can be
/// repeated.</summary>
/// <remarks>
/// 32 bytes: SHA-256 of the orderer's identity ‖ incarnation u64 ‖ sequence u64, big-endian. The incarnation is counted
/// up durably at each start, so an id is never used for two batches.
/// </remarks>
internal readonly record struct BatchId(Hash32 Value)
{
    public const int Bytes = Hash32.Bytes;

    public static BatchId Of(ReadOnlySpan<byte> ordererIdentity, ulong incarnation, ulong sequence)
    {
        Span<byte> counters = stackalloc byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(counters, incarnation);
        BinaryPrimitives.WriteUInt64BigEndian(counters[sizeof(ulong)..], sequence);
        return new BatchId(Hash32.Of(ordererIdentity, counters));
    }

    public override string ToString() => Value.ToString();
}

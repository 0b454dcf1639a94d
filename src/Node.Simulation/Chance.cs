using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Node.Simulation;

/// <summary>The dice of one part of a simulated world: the same seed and name give the same throws for ever.</summary>
/// <remarks>
/// Our own generator, so that old seeds keep their meaning when the runtime changes: xoshiro256** of Blackman and
/// Vigna. Each part has dice of its own, so that a change in one leaves the throws of the others as they were.
/// </remarks>
internal sealed class Chance
{
    private const double DoubleUnit = 1.0 / (1UL << 53);

    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <param name="owner">The part whose dice these are.</param>
    public Chance(ulong seed, string owner)
    {
        Span<byte> state = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{owner}"), state);
        _a = BinaryPrimitives.ReadUInt64LittleEndian(state);
        _b = BinaryPrimitives.ReadUInt64LittleEndian(state[8..]);
        _c = BinaryPrimitives.ReadUInt64LittleEndian(state[16..]);
        _d = BinaryPrimitives.ReadUInt64LittleEndian(state[24..]);
    }

    public ulong Next()
    {
        unchecked
        {
            ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
            ulong shifted = _b << 17;
            _c ^= _a;
            _d ^= _b;
            _b ^= _c;
            _a ^= _d;
            _c ^= shifted;
            _d = BitOperations.RotateLeft(_d, 45);
            return result;
        }
    }

    /// <summary>From 0 to below <paramref name="bound"/>, which is at least 1.</summary>
    public int Below(int bound) => (int)(Next() % (uint)bound);

    public long Between(long least, long most) => least + (long)(Next() % (ulong)(most - least + 1));

    public TimeSpan Between(TimeSpan least, TimeSpan most) => TimeSpan.FromTicks(Between(least.Ticks, most.Ticks));

    /// <summary>Whether something of this probability happens.</summary>
    public bool Happens(double probability) => probability > 0 && (Next() >> 11) * DoubleUnit < probability;

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    public byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        for (int index = 0; index < count; index++)
            bytes[index] = (byte)(Next() & 0xff);

        return bytes;
    }
}

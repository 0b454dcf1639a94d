namespace Node.Protocol.Tests;

/// <summary>
/// A seeded generator of our own (xorshift64*), so that a seed keeps its meaning whatever the runtime does.
/// </summary>
internal sealed class Dice
{
    private ulong _state;

    public Dice(ulong seed)
    {
        // Seeds that differ in one bit must not give streams that start alike.
        _state = unchecked((seed + 1) * 0x9E3779B97F4A7C15UL);
        for (int i = 0; i < 8; i++)
            Next();
    }

    public static byte[] Bytes(ulong seed, int count) => new Dice(seed).Bytes(count);

    public ulong Next()
    {
        unchecked
        {
            _state ^= _state >> 12;
            _state ^= _state << 25;
            _state ^= _state >> 27;
            return _state * 0x2545F4914F6CDD1DUL;
        }
    }

    /// <summary>From 0 up to and without <paramref name="end"/>.</summary>
    public int Below(int end) => (int)((Next() >> 33) % (ulong)end);

    public bool OneIn(int count) => Below(count) == 0;

    public byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
            bytes[i] = (byte)(Next() >> 56);

        return bytes;
    }

    public string Text(int charsMax)
    {
        const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789_-é漢";
        char[] text = new char[Below(charsMax + 1)];
        for (int i = 0; i < text.Length; i++)
            text[i] = Letters[Below(Letters.Length)];

        return new string(text);
    }
}

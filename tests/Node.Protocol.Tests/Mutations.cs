namespace Node.Protocol.Tests;

/// <summary>Ways to damage bytes: what a broken disk, a broken client or an attacker would send.</summary>
internal static class Mutations
{
    private static readonly byte[] s_awkward = [0x00, 0x01, 0x07, 0x0a, 0x12, 0x7f, 0x80, 0x81, 0xfe, 0xff];

    public static byte[] Of(byte[] original, Dice dice)
    {
        byte[] bytes = original;
        for (int rounds = 1 + dice.Below(3); rounds > 0; rounds--)
            bytes = One(bytes, dice);

        return bytes;
    }

    private static byte[] One(byte[] bytes, Dice dice)
    {
        if (bytes.Length == 0)
            return dice.Bytes(dice.Below(8));

        int at = dice.Below(bytes.Length);
        int length = dice.Below(Math.Min(16, bytes.Length - at) + 1);
        switch (dice.Below(7))
        {
            case 0:
                return With(bytes, at, (byte)(bytes[at] ^ (1 << dice.Below(8))));
            case 1:
                return With(bytes, at, s_awkward[dice.Below(s_awkward.Length)]);
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 4:
                return [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]];
            case 5:
                return [.. bytes[..at], .. dice.Bytes(length), .. bytes[at..]];
            default:
                return With(bytes, at, (byte)(bytes[at] + 1 & 0xff));   // Lengths that are one off.
        }
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        byte[] changed = [.. bytes];
        changed[at] = value;
        return changed;
    }
}

namespace Node.Orderer.Tests.Building;

internal static class Garbage
{
    /// <summary>Cuts off, flips, overwrites or inserts, or makes something else altogether.</summary>
    public static byte[] Mutate(byte[] sample, Random dice)
    {
        byte[] bytes = [.. sample];
        switch (dice.Next(5))
        {
            case 0:
                return bytes[..dice.Next(bytes.Length)];
            case 1:
                bytes[dice.Next(bytes.Length)] ^= (byte)(1 << dice.Next(8));
                return bytes;
            case 2:
                dice.NextBytes(bytes.AsSpan(dice.Next(bytes.Length)));
                return bytes;
            case 3:
                byte[] random = new byte[dice.Next(200)];
                dice.NextBytes(random);
                return random;
            default:
                int at = dice.Next(bytes.Length);
                return [.. bytes[..at], (byte)dice.Next(256), .. bytes[at..]];
        }
    }
}
